"""Choosing the scenarios that are stored: guesses are played, and what reaches its goal is kept.

All plays are of the reference target, which keeps every rule, so what it shows is what a
right target can show.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random

from ...model.chimney import afterwards
from ...model.tcp.peer import RstArrives
from ...properties.chimney.chimney import CHIMNEY
from ..chimney.play import Play
from ..chimney.python.reference_target import Reference
from ..chimney.scenario import Scenario, size
from ..judging.criteria import Criteria
from . import generate
from .directed import DIRECTED
from .goals import Goal, Seen
from .set_cover import Chosen, GoalsOf, cover, joined
from .shrink import RunsLeft, shrink
from .stored import Known, Stored
from .vary import variations

RANDOM, RICH = 30_000, 5000
"""Random scenarios that are tried for goals that no guess reached; those that are kept for the cover."""

SHRINK_TRIES = 300

NOTHING_JUDGED = Criteria(CHIMNEY, ())
TARGETS = frozenset(step.name for step in CHIMNEY.the_reference.steps)
RESUMING = [e.name for e in afterwards.EVENTS if e is not afterwards.MiniportTcpOffloadReceiveReturn]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A goal, the length of a shortest run of the model (None: there is none), and scenarios to try.

    ``reason`` says why there is nothing to try. ``closed``: a search found nothing before.
    """

    goal: Goal
    steps: int | None
    guesses: tuple[Scenario, ...] = ()
    reason: str = ""
    closed: bool = False


def play(scenario: Scenario, goals: Iterable[Goal]) -> GoalsOf:
    """What the reference target shows of the *goals* in a scenario."""
    run = Play(Reference, scenario, NOTHING_JUDGED)
    run.run()
    return GoalsOf(scenario, Seen(run.monitor.first, run.monitor.history).reached(goals), run.calls)


class Gathering:
    """The search for scenarios, for one list of goals."""

    def __init__(
        self, wanted: Sequence[Wanted], kept: Iterable[Scenario], progress: Callable[[str], None]
    ) -> None:
        self.wanted = wanted
        self.progress = progress
        self.goals = [w.goal for w in wanted]  # also what no run of the model has: a target may show it
        self.candidates: list[GoalsOf] = []
        self.reached: frozenset[str] = frozenset()
        self.directed = {f"directed: {name}": self._keep(s) for name, s in DIRECTED.items()}
        for scenario in kept:
            self._keep(scenario)
        self.rich = RICH if len(self.candidates) == len(self.directed) else 0

    def _keep(self, scenario: Scenario) -> GoalsOf:
        """Make a scenario a candidate."""
        candidate = play(scenario, self.goals)
        self.candidates.append(candidate)
        self.reached |= candidate.reaches
        return candidate

    def _missing(self) -> list[Wanted]:
        """Goals that nothing reached yet."""
        return [w for w in self.wanted if w.steps is not None and w.goal.id not in self.reached]

    def _open(self) -> list[Wanted]:
        """Those among them for which a search of their own is worth its time."""
        return [w for w in self._missing() if not w.closed and not _hopeless(w.goal)]

    def run(self, depth: int) -> Stored:
        """Try guesses, random scenarios and variations; then choose."""
        self.progress(f"guesses for {len(self._open())} goals")
        for wanted in self._open():
            self._try(wanted.goal, iter(wanted.guesses))
        self.progress(f"random scenarios for {len(self._missing())} goals")
        self._take()
        self.progress(f"variations for {len(self._open())} goals")
        for wanted in self._open():
            self._try(wanted.goal, (v for guess in wanted.guesses[:1] for v in variations(guess)))
        chosen = self._chosen()
        everything = {**self.directed, **chosen}
        known = {w.goal.id: _known(w, everything) for w in self.wanted}
        return Stored(depth, {name: c.scenario for name, c in chosen.items()}, known)

    def _try(self, goal: Goal, guesses: Iterator[Scenario]) -> None:
        """Keep the first that reaches the goal, if it is still missing."""
        if goal.id not in self.reached:
            found = next((s for s in guesses if play(s, [goal]).reaches), None)
            if found is not None:
                self._keep(found)

    def _take(self) -> None:
        """Keep what shows a missing goal; of the first ones all that do, so that the cover may choose."""
        goals = [w.goal for w in self._missing()]
        for k in range(RANDOM):
            scenario = generate.scenario(Random(f"gather {k}"))
            shown = play(scenario, goals).reaches
            if shown - self.reached or (k < self.rich and shown):
                self._keep(scenario)

    def _chosen(self) -> dict[str, GoalsOf]:
        """For each corner a scenario of its own, then a cover of the rest; each made small."""
        left = set(self.reached.difference(*(c.reaches for c in self.directed.values())))
        chosen: dict[str, GoalsOf] = {}
        for goal in (g for g in self.goals if g.kind in ("situation", "reading")):
            if goal.id in left:
                smallest = min((c for c in self.candidates if goal.id in c.reaches), key=_weight)
                chosen[goal.name] = self._small(Chosen(smallest.scenario, frozenset((goal.id,))))
                left -= chosen[goal.name].reaches
        parts = cover(self.candidates, left)
        self.progress(f"making {len(parts)} scenarios small")
        small = [Chosen(self._small(part).scenario, part.share) for part in parts]
        for part in joined(sorted(small, key=lambda p: size(p.scenario)), self._reach):
            first = next(g.name for g in self.goals if g.id in part.share)
            more = f", and {len(part.share) - 1} more" if len(part.share) > 1 else ""
            chosen[first + more] = self._keep(part.scenario)
        return chosen

    def _reach(self, scenario: Scenario, share: frozenset[str]) -> bool:
        """Whether all goals of a share are reached."""
        return share <= play(scenario, [goal for goal in self.goals if goal.id in share]).reaches

    def _small(self, part: Chosen) -> GoalsOf:
        """The smallest scenario found that still reaches its share."""
        small = shrink(part.scenario, lambda s: self._reach(s, part.share), RunsLeft(SHRINK_TRIES))
        return self._keep(small)


def _weight(candidate: GoalsOf) -> tuple[int, ...]:
    return size(candidate.scenario)


def _hopeless(goal: Goal) -> bool:
    """Whether the goal names what no target shows."""
    return not all(goal.events)


def _known(wanted: Wanted, everything: Mapping[str, GoalsOf]) -> Known:
    """The shortest scenario that reaches a goal, or why there is none."""
    reaching = [(c.calls, name) for name, c in everything.items() if wanted.goal.id in c.reaches]
    if reaching:
        return Known(wanted.steps, min(reaching)[1])
    return Known(wanted.steps, reason=wanted.reason if wanted.steps is None else _why(wanted.goal))


def _why(goal: Goal) -> str:
    """The reason that an unreached goal has, told from the steps it names."""
    first, last = (goal.then or ("",))[0], (goal.then or ("",))[-1]
    if _hopeless(goal):
        return "inside"
    if first in RESUMING or last in (*RESUMING, afterwards.Quiet.name):
        return "host"
    if first == RstArrives.name:
        return "reset"
    return "target" if last in TARGETS else "none"
