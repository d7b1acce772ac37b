"""What came of playing a scenario, as plain data that passes from process to process; who plays one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from ...counterexamples.trace import Scalar, Step
from ..chimney.notes import StreamMark
from ..chimney.scenario import Scenario
from ..judging.monitor import Breach
from .branching import Expand, Expanded
from .code import Code
from .sweep import Sweep, Swept, Ways


@dataclasses.dataclass(frozen=True)
class Death:
    """How a target ended the process it was played in, or had to be ended.

    ``rule`` is the misbehaviour (a name in :data:`..judging.misbehaviour.RULES`); ``what`` one
    sentence that is the same in every run; ``report`` the lines of whoever saw it die (a
    sanitizer, faulthandler), which may differ between runs.
    """

    rule: str
    what: str
    report: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One run of a scenario.

    ``breaches`` has, by the name of the property, the first time that it broke.
    ``reached`` names the properties that had something to say. ``happened`` has the name of each
    event's action, in the order in which they happened. ``calls`` counts calls of entry points.
    ``initial`` and ``steps`` are as a trace has them, and only there if the run was told step
    by step; so is what failed in a violation of a clause or guarantee (``broken``). ``said`` is
    what the target wrote to its standard output and error, cut to its end.
    After a death, what is known of the run besides is empty unless the run was told.

    A run that was not told has, for a search: ``ran``, features of the target's code (:mod:`.code`);
    ``states`` of the world and ``marks`` in it (:mod:`..chimney.notes`). ``points`` is how many points two
    processors passed, if both were in the target. They are no part of what came of it.
    """

    breaches: Mapping[str, Breach]
    reached: frozenset[str] = frozenset()
    happened: tuple[str, ...] = ()
    calls: int = 0
    initial: Mapping[str, Scalar] | None = None
    steps: tuple[Step, ...] = ()
    death: Death | None = None
    said: str = ""
    ran: tuple[int, ...] = dataclasses.field(default=(), compare=False)
    states: frozenset[int] = dataclasses.field(default=frozenset(), compare=False)
    marks: tuple[tuple[StreamMark, ...], ...] = dataclasses.field(default=(), compare=False)
    points: tuple[int, int] | None = dataclasses.field(default=None, compare=False)

    def words(self, name: str) -> dict[str, object]:
        """What it wrote, and what was reported of its death by this rule, as entries of a trace's meta."""
        report = list(self.death.report) if self.death and self.death.rule == name else []
        found = {"report": report, "output": self.said.splitlines()}
        return {key: lines for key, lines in found.items() if lines}


class Runner(Protocol):
    """Plays scenarios against one target. To be used in a ``with`` block, which ends what it started."""

    says: str
    """How the target is played, in words for a summary."""
    code: Code
    """The target's own code, as far as its running is noticed."""
    interrupts: bool
    locks: bool
    """Whether another processor can interrupt a call into the target, and whether that is meant for it."""

    @property
    def peak(self) -> int:
        """The most memory that a process of the target's took, in MB; 0 if it has none of its own."""
        ...

    def play(self, scenario: Scenario, traced: bool = False, timeout: float | None = None) -> Outcome:
        """One run. Whatever the target does wrong is in the outcome, and nothing is raised for it.

        *traced*: tell each step before the next one begins, in a process that has played nothing
        else. *timeout*: seconds that an entry point may take, if not those the runner was made with.
        """
        ...

    def scout(self, scenario: Scenario, timeout: float | None = None) -> Outcome:
        """The same run, not traced, as fast as it can be made.

        Where that is beside the target, what is not in order is played as ever; what a target does to the
        memory of its process may hide something.
        """
        ...

    def expand(self, request: Expand) -> Expanded | Outcome:
        """All ways on from a state; or the death of the process in which they were tried."""
        ...

    def sweep(self, ways: Ways, sweep: Sweep) -> Swept | Outcome:
        """The same of many states at once, at the speed of C."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
