"""A finding on a Python class, played once more in this process, with a debugger where it matters."""

from __future__ import annotations

import pdb
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any, TextIO

from ...counterexamples.trace import Trace
from ..chimney.load import load
from ..chimney.moves import moves_of
from ..chimney.play import Play
from ..chimney.scenario import from_json
from ..judging.listener import Listener
from ..judging.monitor import Happened
from .direct import judged_by
from .isolation.frames import is_own

FOR_EVER = 1_000_000.0
"""Seconds for an entry point: who looks at a stopped target thinks as long as they like."""


def debug(trace: Trace, number: int, stdin: TextIO, stdout: TextIO) -> bool:
    """Play *trace* again and open pdb in the target's own frame, when it makes step *number* or is called.

    Whether it did. Raises BadTarget for what is no Python class.
    """
    judged = judged_by(trace.subject.ref)
    scenario = from_json(trace.meta["scenario"], moves_of(judged.added, judged.subject.bounds))
    debugger = _Stopping(number, pdb.Pdb(stdin=stdin, stdout=stdout))
    factory = load(str(trace.meta["target"]))
    try:
        Play(factory, scenario, judged, FOR_EVER, debugger).run()
    finally:
        sys.settrace(None)
    return debugger.stopped


class _Stopping(Listener):
    """Counts the steps of a run; in that of a number it opens the debugger."""

    def __init__(self, number: int, debugger: pdb.Pdb) -> None:
        self.left, self.debugger, self.stopped = number, debugger, False

    def happened(self, event: Happened) -> None:
        """One step more."""
        self.left -= 1
        if self.left:
            return
        if event.action.actor != "target":
            sys.settrace(self._called)
        elif frame := next(_own(sys._getframe()), None):
            self._stop(frame)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        """The first function of the target's own that is called from now on."""
        if is_own(frame.f_code.co_filename):
            self._stop(frame)
            return frame.f_trace
        return None

    def _stop(self, frame: FrameType) -> None:
        self.stopped = True
        _open(self.debugger, frame)


def _own(frame: FrameType | None) -> Iterator[FrameType]:
    """The target's own frames, the innermost first."""
    while frame is not None:
        if is_own(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def _open(debugger: pdb.Pdb, frame: FrameType) -> None:
    """Ask the user at once, in *frame*, which stands in its call; go on from there as they say."""
    debugger.reset()
    outer: FrameType | None = frame
    while outer is not None:
        outer.f_trace = debugger.trace_dispatch
        debugger.botframe = outer
        outer = outer.f_back
    debugger.interaction(frame, None)
    if not debugger.quitting:
        sys.settrace(debugger.trace_dispatch)
