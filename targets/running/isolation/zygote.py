"""The process that loads a target once, and forks the workers in which it is played.

Started by :mod:`.child`. It has one thread, and runs nothing of the target's once that is
loaded. It outlives its workers and not its parent: when the control channel closes it ends
the worker, with all that the worker started, and itself.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from ...machine.refusal import BadTarget
from ..code import tracer
from .channel import Channel, Closed, Garbage, taken
from .messages import DEFECT, ENDED, FORK, FORKED, READY, REFUSED, STARTED, Setup
from .performer import Performer

REPORT = "report"
"""How the names of the files begin in which sanitizers and faulthandler write."""

LONGEST_FILE = 2**26
"""Bytes that a file may grow to, the one with the target's output among them."""


def main(control_given: bytes, data_given: bytes, setup: Setup) -> None:
    """Load the target that the parent names, and serve it."""
    control, data = Channel(taken(control_given)), Channel(taken(data_given))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(Closed, Garbage):
        _confine()
        if "ASAN_OPTIONS" not in setup.recipe.env:  # AddressSanitizer tells more
            faulthandler.enable((Path(setup.folder) / f"{REPORT}.python").open("a"))
        control.send([STARTED])
        try:
            factory = setup.recipe.factory()
            follows = tracer(factory)
        except BadTarget as bad:
            control.send([REFUSED, str(bad)])
            return
        except Exception:  # noqa: BLE001  an error of our own, which the parent raises
            control.send([DEFECT, traceback.format_exc()])
            return
        code = follows.code
        control.send([READY, list(code.sites), code.shift, list(code.files), code.library])
        performer = Performer(factory, follows, setup.added)
        if setup.explores is not None:
            from .explorer import Explorer  # with all that judges, which others do without

            performer.explorer = Explorer(factory, setup.explores, setup.pipe)
        if not setup.forks:
            control.receive()
            control.send([FORKED, os.getpid()])
            performer.serve(data)
        gc.freeze()  # what is here stays: no worker has to look through it
        Nursery(control, data, performer).run()


def _confine() -> None:
    """When memory runs out, the system is to end the process that eats it; no output fills the disk."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST_FILE, LONGEST_FILE))


class Nursery:
    """Forks workers, one at a time, and tells the parent when one has ended by itself."""

    def __init__(self, control: Channel, data: Channel, performer: Performer) -> None:
        self.control = control
        self.data = data
        self.performer = performer
        self.worker = 0

    def run(self) -> None:
        """Do what the parent asks, until it is gone."""
        self.bell, self.ring = os.pipe()
        os.set_blocking(self.ring, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self.ring, warn_on_full_buffer=False)
        try:
            while True:
                control = self.control.end.fileno()
                ready, _, _ = select.select([control, self.bell], [], [])
                if self.bell in ready:
                    os.read(self.bell, 1024)
                    self._look()
                if control in ready and self.control.receive() == [FORK]:
                    self._fork()
        finally:
            self._end()

    def _look(self) -> None:
        """Whether the worker has ended."""
        if self.worker:
            pid, status = os.waitpid(self.worker, os.WNOHANG)
            if pid:
                self._end_group()
                self.worker = 0
                self.control.send([ENDED, os.waitstatus_to_exitcode(status)])

    def _end(self) -> None:
        """End the worker, if there is one."""
        if self.worker:
            self._end_group()
            os.waitpid(self.worker, 0)
            self.worker = 0

    def _end_group(self) -> None:
        """Kill the worker, and what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.worker, signal.SIGKILL)

    def _fork(self) -> None:
        self._end()
        self.data.drain()
        sys.stdout.flush()
        sys.stderr.flush()
        self.worker = os.fork()
        if not self.worker:
            self._become_worker()
        with contextlib.suppress(OSError):
            os.setpgid(self.worker, self.worker)  # both do it, for neither knows who is first
        self.control.send([FORKED, self.worker])

    def _become_worker(self) -> NoReturn:
        try:
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self.bell)
            os.close(self.ring)
            self.control.close()
            self.performer.serve(self.data)
        finally:
            os._exit(0)
