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
from pathlib import Path
from time import monotonic
from typing import Any

from ....properties.loading import SubjectRef
from ...machine.folder import Folder, end_processes
from ...machine.refusal import BadTarget
from ..branching import Expand
from ..code import Code
from ..symbols import named, tool
from .channel import Channel, Closed, Garbage, handed
from .deaths import Remains, autopsy, own_words
from .messages import Defect, Ended, Fork, Forked, PlayRequest, Recipe, Refused, Setup
from .play_worker import BEAT, Beat
from .zygote import REPORT

BOOT = (
    "import importlib, pickle, sys; path, module, *given = pickle.load(sys.stdin.buffer); "
    "sys.path[:] = path; importlib.import_module(module).main(*given)"
)
"""As multiprocessing does it: whatever name the checkout has, the child finds the package where we did."""

SECONDS_TO_LOAD = 60.0
SECONDS_TO_FORK = 10.0
SECONDS_TO_DIE = 5.0
"""For a sanitizer to write its report, before the process is killed."""
MOST_OUTPUT, MOST_SAID = 2**20, 2**16
"""Bytes of output that are kept in the file, and that are looked at with a finding."""

SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS")
ABORT = signal.SIGABRT
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
POSIX = os.name == "posix"


class Child:
    """A zygote and its worker. Where there is no fork, the process is its own worker, and is restarted."""

    def __init__(self, recipe: Recipe, forks: bool, subject: SubjectRef) -> None:
        self.recipe = recipe
        self.forks = forks
        self.subject = subject
        self.shared = Folder()
        self.folder = self.shared.path
        (self.folder / BEAT).write_bytes(bytes(Beat.SIZE))
        self.beat = Beat(self.folder)
        self.output = (self.folder / "output").open("a+b")
        self.process: subprocess.Popen[bytes] | None = None
        self.worker = 0  # its process id; 0 if there is none that could play
        self.wild = False  # the worker wrote garbage into the channel
        self.code = Code()

    # -- beginning and end -----------------------------------------------------------

    def start(self) -> None:
        """Start the process, and have the target loaded. Raises BadTarget."""
        pairs = [socket.socketpair() for _ in range(2)]
        theirs = [pair[1] for pair in pairs]
        self.control, self.data = (Channel(pair[0]) for pair in pairs)
        process = self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT],
            stdin=subprocess.PIPE,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            env=_environment(self.recipe, self.shared),
            pass_fds=[end.fileno() for end in theirs] if POSIX else (),
            start_new_session=POSIX,
        )
        given = [sys.path, f"{__package__}.zygote", *(handed(end, process.pid) for end in theirs)]
        with contextlib.suppress(BrokenPipeError), process.stdin or contextlib.nullcontext() as stdin:
            if stdin:
                stdin.write(pickle.dumps(given))
        for end in theirs:
            end.close()
        self._load()

    def _load(self) -> None:
        try:
            self.control.send(Setup(self.recipe, str(self.folder), self.forks, self.subject))
            answer = self.control.receive(SECONDS_TO_LOAD)
        except (Closed, Garbage):
            raise BadTarget(self._unloaded(hung=0.0)) from None
        if answer is None:
            raise BadTarget(self._unloaded(hung=SECONDS_TO_LOAD))
        if isinstance(answer, Refused):
            raise BadTarget(answer.why)
        if isinstance(answer, Defect):
            raise RuntimeError(answer.traceback)
        self.code = answer.code

    def _unloaded(self, hung: float) -> str:
        """What happened while the target was loaded, which it did not survive."""
        if hung and self.process:
            _send(self.process.pid, ABORT)
        code = self._code()
        said = self.said(0)
        death = autopsy(Remains(code, ("loading it",), hung, False, named(self.reports()), named(said)))
        own = [] if death.report else own_words(said)
        return "\n".join([f"the target cannot be used: {death.what}", *death.report, *own])

    def end(self) -> None:
        """End the process, the worker, and whatever they started."""
        process, self.process = self.process, None
        if process:
            _kill_group(self.worker)
            _kill_group(process.pid)
            process.kill()
            process.wait()
            self.control.close()
            self.data.close()
            end_processes(self.folder)  # what left the group
        self.worker = 0

    def close(self) -> None:
        """End everything, for good."""
        self.end()
        self.output.close()
        self.beat.close()
        self.shared.delete()

    # -- talking ---------------------------------------------------------------------

    def fresh(self) -> None:
        """Have a worker that has played nothing yet."""
        if not self.forks and self.worker:
            self.end()
        for _ in range(2):
            if self.process is None:
                self.start()
            try:
                self.control.send(Fork())
                self.worker = self._forked()
            except (Closed, Garbage):
                self.worker = 0
            if self.worker:
                self.data.drain()
                self.wild = False
                return
            self.end()
        raise RuntimeError("the process of the target does not answer, and did not after a restart")

    def _forked(self) -> int:
        """The new worker's process id, 0 if there is none in time."""
        while True:
            answer = self.control.receive(SECONDS_TO_FORK)
            if answer is None or isinstance(answer, Forked):
                return answer.pid if answer else 0

    def ask(self, request: PlayRequest | Expand) -> None:
        """Have the worker play; if it is gone, :meth:`listen` says so."""
        with contextlib.suppress(Closed):
            self.data.send(request)

    def listen(self, seconds: float) -> Any:
        """The next message of the worker's, or how it ended; None if there is neither in that time."""
        until = monotonic() + seconds
        while True:
            try:
                message = self.data.receive(0.0)
            except Garbage:
                self.wild = True
                return self.kill()
            except Closed:
                return self._gone()
            if message is not None:
                return message
            ends = [self.data.end, self.control.end]
            ready = select.select(ends, [], [], max(0.0, until - monotonic()))[0]
            if not ready:
                return None
            if self.data.end not in ready:
                return self._gone()

    def _gone(self) -> Ended:
        """How the worker ended, as the zygote tells it, or the zygote itself."""
        ended = self._ended(SECONDS_TO_DIE)
        if ended is None:
            code = self._code()
            self.end()
            return Ended(code)
        self.worker = 0
        return ended

    def _ended(self, seconds: float) -> Ended | None:
        """What the zygote tells of the worker's end; None if it does not within so many seconds."""
        with contextlib.suppress(Closed, Garbage):
            answer = self.control.receive(seconds)
            return answer if isinstance(answer, Ended) else None
        return None

    def kill(self) -> Ended:
        """End the worker, in a way that lets a sanitizer or faulthandler tell where it was."""
        _send(self.worker, ABORT)
        ended = self._ended(SECONDS_TO_DIE)
        if ended is None:
            _send(self.worker, KILL)
            return self._gone()
        self.worker = 0
        return ended

    def _code(self) -> int:
        """The exit code of the process, which is about to end."""
        assert self.process
        try:
            return self.process.wait(SECONDS_TO_DIE)
        except subprocess.TimeoutExpired:
            _send(self.process.pid, KILL)
            return self.process.wait()

    # -- what it leaves behind -------------------------------------------------------

    def mark(self) -> int:
        """How much the target has written so far, for :meth:`said`; a long output is dropped here."""
        size = os.fstat(self.output.fileno()).st_size
        if size <= MOST_OUTPUT:
            return size
        self.output.truncate(0)
        return 0

    def said(self, mark: int) -> str:
        """What the target has written to its standard output and error since then: the end of it."""
        start = max(mark, os.fstat(self.output.fileno()).st_size - MOST_SAID)
        self.output.seek(start)
        text = self.output.read(MOST_SAID).decode("utf-8", "replace")
        return "".join(c for c in text if c.isprintable() or c in "\n\t").rstrip()

    def reports(self) -> str:
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
