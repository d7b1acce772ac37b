"""What broke, as it is told: the scenario made small, played again twice, with the reason for odd numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

from ...counterexamples.story import VALUES
from ...counterexamples.trace import Trace, traced
from ...version import __version__
from ..chimney.move_kinds import MoveKind
from ..chimney.scenario import Scenario, size
from ..judging.criteria import Criteria
from ..judging.misbehaviour import FATAL, HUNG, RULES
from ..judging.monitor import Breach
from ..running.outcome import Outcome
from ..running.target_replay import replay
from .campaign_report import Options
from .in_its_time import is_excused
from .odd_values import told_by_no_step, why_odd
from .search_runs import Runs
from .shrink import RunsLeft, shrink

HANG, DEATH = 30, 8
"""Runs for which a run counts in which the target hung, or died: it takes about as long."""
BRIEF = 0.3
"""Seconds for an entry point where a hang would be no news: scenarios are made small so."""


@dataclasses.dataclass(frozen=True)
class Shown:
    """A scenario in which a property broke: where it came from, and after how many steps (inf: unknown)."""

    scenario: Scenario
    origin: str
    steps: float = math.inf

    @property
    def length(self) -> tuple[float, tuple[int, ...]]:
        """Fewer steps first: they are what is read."""
        return self.steps, size(self.scenario)


class Found:
    """What broke: of each property the shortest run, and the smallest scenario.

    ``patient``: the target puts off what it is told, and gets time for that.
    """

    def __init__(
        self,
        spec: str,
        runs: Runs,
        options: Options,
        judged: Criteria,
        seed: int,
        progress: Callable[[str], None],
        kinds: Mapping[str, MoveKind],
    ) -> None:
        self.spec = spec
        self.runs = runs
        self.options = options
        self.judged = judged
        self.seed = seed
        self.progress = progress
        self.kinds = kinds
        self.patient = False
        self.found: dict[str, Shown] = {}
        self._smallest: dict[str, Shown] = {}

    def note(self, name: str, scenario: Scenario, origin: str, steps: float = math.inf) -> None:
        """Keep the shortest run that breaks a property, and the smallest scenario; of a hang the first one,
        that had all its time. What a target is excused for is not kept.
        """
        if self._excused(name, scenario):
            return
        shown = Shown(scenario, origin, steps)
        shortest, smallest = self.found.setdefault(name, shown), self._smallest.setdefault(name, shown)
        if name != HUNG and shown.length < shortest.length:
            self.found[name] = shown
        if name != HUNG and size(scenario) < size(smallest.scenario):
            self._smallest[name] = shown

    def _excused(self, name: str, scenario: Scenario) -> bool:
        return self.patient and is_excused(name, scenario, self.kinds)

    def finding(self, name: str, budget: RunsLeft, shrinks: bool) -> Trace:
        """The shortest run for a property, played again twice: to record it, and to be sure of it.

        A hang is played again once: it takes all its time, and so it happened twice already.
        """
        known = self.found[name]
        smaller = self._shrunk(name, budget) if shrinks else []
        for candidate in (*smaller, known):
            trace = self._record(name, candidate)
            if trace:
                again = None if name == HUNG else replay(trace, self.runs.runner, candidate.scenario)
                if again is None or again.ok:
                    return trace
                return dataclasses.replace(trace, meta={**trace.meta, "flaky": again.message})
        return self._vanished(name, known)

    def brief(self) -> float:
        """Seconds for an entry point where a hang would be no news."""
        return min(self.options.timeout, BRIEF)

    def _shrunk(self, name: str, budget: RunsLeft) -> list[Shown]:
        """What the smallest scenario becomes; before it, if its run is longer, what the shortest does."""
        self.progress(f"making the scenario for {name} smaller")
        small = self._shrink(name, self._smallest[name], budget)
        short = self.found[name]  # perhaps met just now
        if short.steps < small.steps < math.inf:
            return [self._shrink(name, short, budget, most=short.steps), small]
        return [small]

    def _shrink(self, name: str, shown: Shown, budget: RunsLeft, most: float = math.inf) -> Shown:
        """A smaller scenario, whose run has no more than *most* steps.

        What breaks another property on the way is noted.
        """
        steps = shown.steps

        def breaks(smaller: Scenario) -> bool:
            nonlocal steps
            broken = self.runs.play(smaller, timeout=self.brief()).breaches
            budget.left -= HANG if HUNG in broken else DEATH if not FATAL.isdisjoint(broken) else 0
            for other in self.found.keys() & broken.keys():
                self.note(other, smaller, shown.origin, broken[other].steps)
            held = name in broken and not self._excused(name, smaller)
            fits = held and broken[name].steps <= most
            steps = broken[name].steps if fits else steps
            return fits

        return Shown(shrink(shown.scenario, breaks, budget), shown.origin, steps)

    def _record(self, name: str, shown: Shown) -> Trace | None:
        outcome = self.runs.play(shown.scenario, traced=True)
        breach = outcome.breaches.get(name) or self._other_end(name, outcome)
        if breach is None:
            return None
        name = breach.violation.property
        trace = self._trace(shown, outcome)
        meta = {**trace.meta, **_words(name, outcome), **self._odd_values(name, shown.scenario)}
        return dataclasses.replace(
            trace, steps=list(outcome.steps[: breach.steps]), violation=breach.violation, meta=meta
        )

    def _other_end(self, name: str, outcome: Outcome) -> Breach | None:
        """Another way in which the target ended there: a call that eats memory hangs, or dies of it."""
        others = (FATAL | {HUNG}) - self.found.keys() if name in FATAL | {HUNG} else ()
        return next((outcome.breaches[other] for other in sorted(others) if other in outcome.breaches), None)

    def _odd_values(self, name: str, scenario: Scenario) -> dict[str, list[str]]:
        """What is in no step; and why it has other numbers than plain ones, if its target lives on."""
        told = told_by_no_step(scenario)
        if name not in RULES:
            told += why_odd(
                scenario, lambda other: name in self.runs.play(other, timeout=self.brief()).breaches
            )
        return {VALUES: told} if told else {}

    def _vanished(self, name: str, shown: Shown) -> Trace:
        """It broke once and never again: reported without a violation that could be trusted."""
        trace = self._trace(shown, self.runs.play(shown.scenario, traced=True))
        why = f"{name} broke once in this scenario and not when it was played again"
        return dataclasses.replace(trace, meta={**trace.meta, "flaky": why})

    def _trace(self, shown: Shown, outcome: Outcome) -> Trace:
        """A run that was told, without what it broke."""
        meta: dict[str, object] = {
            "target": self.spec,
            "scenario": shown.scenario.to_json(),
            "seed": self.seed,
            "timeout": self.options.timeout,
            "origin": shown.origin,
            "version": __version__,
        }
        how = self.options.how.to_json()
        meta |= {"how": how} if how else {}
        assert outcome.initial is not None
        steps, bounds = list(outcome.steps), shown.scenario.bounds()
        subject = traced(self.judged.subject, self.options.subject)
        return Trace("target", self.spec, bounds, outcome.initial, steps, None, meta, subject=subject)


def _words(name: str, outcome: Outcome) -> dict[str, object]:
    """What the target wrote, and what was reported of its death, as entries of a trace's meta."""
    death = outcome.death
    report = list(death.report) if death and death.rule == name else []
    found = {"report": report, "output": outcome.said.splitlines()}
    return {key: lines for key, lines in found.items() if lines}
