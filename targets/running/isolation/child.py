"""The parent's hold on the process that a target lives in: starting it, listening to it, ending it."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from ....properties.loading import SubjectRef
from ...machine.folder import Folder, end_processes
from ...machine.refusal import BadTarget
from ...machine.watchdog import Patience
from ..code import Code
from ..outcome import Death
from ..symbols import named, tool
from .channel import Channel, Closed, Garbage, handed
from .deaths import Remains, autopsy, own_words
from .messages import DEFECT, ENDED, FORK, FORKED, READY, REFUSED, STARTED, Recipe, Setup
from .performer import LOST
from .record import Record
from .zygote import REPORT

BOOT = (
    "import importlib, pickle, sys; path, module, *given = pickle.load(sys.stdin.buffer); "
    "sys.path[:] = path; importlib.import_module(module).main(*given)"
)
"""As multiprocessing does it: whatever name the checkout has, the child finds the package where we did."""

SECONDS_TO_START = 60.0
"""For Python, and for our own modules."""
SECONDS_TO_LOAD = 10.0
"""For what is the target's own, of its time on a processor or asleep."""
LOOK = 0.2
SECONDS_TO_TAKE = 30.0
"""Until a worker that takes nothing of a message is given up: then it is silent, and that is told."""
SECONDS_TO_FORK = 10.0
SECONDS_TO_DIE = 5.0
"""For a sanitizer to write its report, before the process is killed."""
MOST_OUTPUT, MOST_SAID = 2**20, 2**16
"""Bytes of output that are kept in the file, and that are looked at with a finding."""

MOST_MEGABYTES = 1024
"""Of memory that a target's process may take."""
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS")
ABORT = signal.SIGABRT
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
CONTINUE = getattr(signal, "SIGCONT", 0)
POSIX = os.name == "posix"


class Child:
    """A zygote and its worker. Where there is no fork, the process is its own worker, and is restarted.

    ``worker`` is its process id, 0 if there is none that could play; ``ended`` its exit code, None while it
    runs. ``last_frames`` has what was reported of a death, with names for addresses. ``peak`` is the most
    memory that a worker took, in MB.
    """

    def __init__(self, recipe: Recipe, forks: bool, added: Sequence[str]) -> None:
        """*added*: functions that an Ndis has besides its own."""
        self.recipe = recipe
        self.forks = forks
        self.added = tuple(added)
        self.explores: SubjectRef | None = None  # what an exploration is judged by
        self.record: Record | None = None  # what is told of it
        self.shared = Folder()
        self.folder = self.shared.path
        self.output = (self.folder / "output").open("a+b")
        self.process: subprocess.Popen[bytes] | None = None
        self.worker = 0
        self.led = 0  # the worker before, whose children may be there still
        self.ended: int | None = None
        self.last_frames: Sequence[str] = ()
        self.code = Code()
        self.peak = 0
        self.sent = 0  # bytes of messages
        self.written = 0  # bytes of output before the run

    # -- beginning and end -----------------------------------------------------------

    def start(self) -> None:
        """Start the process, and have the target loaded. Raises BadTarget."""
        pairs = [socket.socketpair() for _ in range(2)]
        theirs = [pair[1] for pair in pairs]
        self.control, self.data = (Channel(pair[0]) for pair in pairs)
        record = self.record = Record() if POSIX and self.explores is not None else None
        written = [record.written] if record else []
        process = self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT],
            stdin=subprocess.PIPE,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            env=_environment(self.recipe, self.shared),
            pass_fds=[*(end.fileno() for end in theirs), *written] if POSIX else (),
            start_new_session=POSIX,
        )
        setup = Setup(self.recipe, str(self.folder), self.forks, self.added, self.explores, *written)
        given = [sys.path, f"{__package__}.zygote", *(handed(end, process.pid) for end in theirs), setup]
        with contextlib.suppress(BrokenPipeError), process.stdin or contextlib.nullcontext() as stdin:
            if stdin:
                stdin.write(pickle.dumps(given))
        for end in theirs:
            end.close()
        if record:
            record.given()
        self.ends = [self.data.end, self.control.end]
        self._load()

    def _load(self) -> None:
        try:
            answer = self._told(SECONDS_TO_START)
            if answer == [STARTED]:
                answer = self._told(SECONDS_TO_LOAD)
        except Closed:
            raise BadTarget(self._unloaded()) from None
        except Garbage:
            raise BadTarget(self._unloaded(lost=True)) from None
        if not isinstance(answer, list) or answer[0] not in (READY, REFUSED, DEFECT):
            raise BadTarget(self._unloaded(hung=SECONDS_TO_LOAD, lost=answer is not None))
        name, *rest = answer
        if name == REFUSED:
            raise BadTarget(str(rest[0]))
        if name == DEFECT:
            raise RuntimeError(rest[0])
        sites, shift, files, library = rest
        self.code = Code(tuple(sites), int(shift), tuple(files), str(library))

    def _told(self, seconds: float) -> Any:
        """The zygote's next message; None if there is none in so many seconds of its own."""
        assert self.process
        patience, start = Patience(seconds, self.process.pid), monotonic()
        patience.left(start)
        while (answer := self.control.receive(LOOK)) is None and patience.left(start) > 0:
            pass
        return answer

    def _unloaded(self, hung: float = 0.0, lost: bool = False) -> str:
        """What happened while the target was loaded, which it did not survive."""
        if (hung or lost) and self.process:
            _send(self.process.pid, ABORT)
        code, said = self._code(), self._said(0)
        hung = 0.0 if lost else hung
        reports = named(self._reports())
        death = autopsy(Remains(code, ("loading it",), hung, lost, 0, reports, named(said)))
        own = [] if death.report else own_words(said)
        return "\n".join([f"the target cannot be used: {death.what}", *death.report, *own])

    def end(self) -> None:
        """End the process, the worker, and whatever they started."""
        process, self.process = self.process, None
        self.note_peak()
        if process:
            for leader in (self.worker, self.led, process.pid):
                _kill_group(leader)
            process.kill()
            process.wait()
            self.control.close()
            self.data.close()
            if self.record:
                self.record.close()
            end_processes(self.folder)  # what left the group
        self.worker = 0

    def close(self) -> None:
        """End everything, for good."""
        self.end()
        self.output.close()
        self.shared.delete()

    # -- talking ---------------------------------------------------------------------

    def begin(self, fresh: bool) -> None:
        """A run begins, in a worker that has played nothing yet if it is to be *fresh* or none is there."""
        if fresh or not self.worker:
            self._fork()
        self.written = self._mark()

    def _fork(self) -> None:
        self.note_peak()
        if not self.forks and self.worker:
            self.end()
        for _ in range(2):
            if self.process is None:
                self.start()
            assert self.process
            try:
                _send(self.process.pid, CONTINUE)  # the target may have stopped it
                self.control.send([FORK])
                self.worker = self.led = self._forked()
            except (Closed, Garbage):
                self.worker = 0
            if self.worker:
                self.data.drain()
                self.ended = None
                return
            self.end()
        raise BadTarget(
            "the process in which the target is loaded ends, or does not answer, before it plays; "
            "and again when it was started again: does something on this machine end it?"
        )

    def _forked(self) -> int:
        """The new worker's process id, 0 if there is none in time."""
        while True:
            answer = self.control.receive(SECONDS_TO_FORK)
            if answer is None or answer[0] == FORKED:
                return int(answer[1]) if answer else 0

    def send(self, message: Any) -> None:
        """Have the worker do something; if it is gone, :meth:`listen` says so."""
        with contextlib.suppress(Closed):
            self.sent += self.data.send(message, SECONDS_TO_TAKE)

    def listen(self, seconds: float) -> Any:
        """The worker's next message; None if there is none in that time, or it has ended. Raises Garbage."""
        data = self.data
        while (message := data.whole()) is None:
            ready = select.select(self.ends, [], [], seconds)[0]
            if not ready:
                return None
            try:
                if data.end in ready:
                    data.read()
                    continue
            except (OSError, Closed):
                pass
            self._gone()
            return None
        return message

    def patience(self, seconds: float) -> Patience:
        """How long the worker may be silent; time in which it waits for a processor does not count."""
        return Patience(max(0.0, seconds), self.worker)

    def greedy(self) -> int:
        """The MB that the worker takes, if they are too many; else 0."""
        taken = _megabytes(self.worker, "VmRSS")
        return taken if taken > MOST_MEGABYTES else 0

    def _gone(self) -> None:
        """Find out how the worker ended, from the zygote, or how the zygote did."""
        code = self._ended(SECONDS_TO_DIE)
        if code is None:
            code = self._code()
            self.end()
        self.worker, self.ended = 0, code

    def _ended(self, seconds: float) -> int | None:
        """What the zygote tells of the worker's end; None if it does not within so many seconds."""
        with contextlib.suppress(Closed, Garbage, LookupError, TypeError):
            answer = self.control.receive(seconds)
            return int(answer[1]) if answer[0] == ENDED else None
        return None

    def _kill(self) -> None:
        """End the worker, in a way that lets a sanitizer or faulthandler tell where it was."""
        self.note_peak()
        worker = self.worker
        for number in (ABORT, CONTINUE):
            _send(worker, number)
        code = self._ended(SECONDS_TO_DIE)
        if code is None:
            _send(worker, KILL)
            self._gone()
        else:
            self.worker, self.ended = 0, code

    def _code(self) -> int:
        """The exit code of the process, which is about to end."""
        assert self.process
        try:
            return self.process.wait(SECONDS_TO_DIE)
        except subprocess.TimeoutExpired:
            _send(self.process.pid, KILL)
            return self.process.wait()

    def note_peak(self) -> None:
        """See what the worker took at the most so far."""
        self.peak = max(self.peak, _megabytes(self.worker, "VmHWM"))

    # -- what it leaves behind -------------------------------------------------------

    def death(self, inside: Sequence[str], traced: bool, hung: float = 0.0, lost: bool = False) -> Death:
        """What the worker died of, which is ended if it runs still: because it hangs, is *lost*, or greedy.

        Addresses get names if somebody will read them (*traced*).
        """
        greedy = MOST_MEGABYTES if self.ended is None and not hung and not lost else 0
        if self.ended is None:
            self._kill()
        code = self.ended or 0
        texts = (self._reports(), self._said(self.written))
        reports, said = map(named, texts) if traced else texts
        self.last_frames = [*reports.splitlines(), *said.splitlines()]
        lost = lost or code == LOST
        return autopsy(Remains(code, tuple(inside), hung, lost, greedy, reports, said))

    def words(self) -> str:
        """What the target itself wrote in this run."""
        return "\n".join(own_words(self._said(self.written)))

    def _mark(self) -> int:
        """How much the target has written so far; a long output is dropped here."""
        size = os.fstat(self.output.fileno()).st_size
        if size <= MOST_OUTPUT:
            return size
        self.output.truncate(0)
        return 0

    def _said(self, mark: int) -> str:
        """What the target has written to its standard output and error since then: the end of it."""
        start = max(mark, os.fstat(self.output.fileno()).st_size - MOST_SAID)
        self.output.seek(start)
        text = self.output.read(MOST_SAID).decode("utf-8", "replace")
        return "".join(c for c in text if c.isprintable() or c in "\n\t").rstrip()

    def _reports(self) -> str:
        """What sanitizers and faulthandler have written; the next death finds none of it."""
        found = sorted(self.folder.glob(f"{REPORT}*"))
        text = "\n".join(file.read_text("utf-8", "replace") for file in found)
        for file in found:
            os.truncate(file, 0)
        return text


def _environment(recipe: Recipe, folder: Folder) -> dict[str, str]:
    """The environment of the process; sanitizers write into our folder, and leave the names to us."""
    env = {**os.environ, **recipe.env, **folder.environment()}
    for name in SANITIZERS:
        if name in recipe.env:
            names = ":symbolize=0" if tool() else ""
            env[name] = f"{recipe.env[name]}:log_path={_quoted(folder.path / REPORT)}{names}"
    return env


def _quoted(path: Path) -> str:
    """A path as the sanitizers' options take it, whatever is in it: spaces and colons part options."""
    return f'"{path}"' if "'" in str(path) else f"'{path}'"


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _kill_group(pid: int) -> None:
    """Kill the processes that *pid* leads."""
    if pid and POSIX:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, KILL)


def _megabytes(pid: int, what: str) -> int:
    """VmRSS (now) or VmHWM (at the most) of a process, in MB; 0 where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        if pid:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            return int(status.partition(f"{what}:")[2].split()[0]) // 1024
    return 0
