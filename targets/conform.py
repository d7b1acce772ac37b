"""Driving a target: directed scenarios, then random ones; what breaks is made small and played again."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from .. import __version__
from ..counterexamples.trace import Trace
from ..properties.catalogue import PROPERTIES
from . import generate
from .directed import DIRECTED
from .load import load
from .monitor import verdict_properties
from .play import Factory, Play
from .replay import replay
from .scenario import Scenario
from .shrink import shrink
from .words import HUNG

MOST_CLAUSES, MOST_GUARANTEES = 4, 2
"""Findings that are made small and reported; the rest is likely to follow from them."""
MOST_HANGS = 2
"""Runs that hang before the random runs are given up: each costs the whole timeout."""
SHRINK_TRIES = 400
SHRINK_SECONDS = 8.0
SHRINK_TIMEOUT = 1.0

Progress = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Options:
    """How much to try.

    Random runs, besides the directed ones; their seed (None: a new one); seconds that an
    entry point may take; whether scenarios are made small.
    """

    runs: int = 300
    seed: int | None = None
    timeout: float = 5.0
    shrink: bool = True


@dataclasses.dataclass(frozen=True)
class ConformReport:
    """What came of it.

    ``coverage`` counts for each property the runs in which it had something to say;
    ``never_reached`` names those with none. ``calls`` counts calls of entry points.
    ``partial``: not every run was made, and ``why_partial`` says why. A finding whose
    ``meta`` has the key "flaky" (why) did not happen again when it was played again.
    ``also_broken`` names properties that broke too, without a trace of their own.
    """

    target: str
    runs: int
    calls: int
    findings: tuple[Trace, ...]
    coverage: Mapping[str, int]
    never_reached: tuple[str, ...]
    seconds: float
    partial: bool
    seed: int = 0
    why_partial: str = ""
    also_broken: tuple[str, ...] = ()


class _Enough(Exception):
    """The random runs end here."""


def conform(
    spec: str, options: Options | None = None, progress: Progress = lambda text: None
) -> ConformReport:
    """Drive the target that *spec* names, and judge it. Raises :class:`.load.BadTarget`."""
    return Campaign(spec, load(spec), options or Options(), progress).run()


class Campaign:
    """All runs against one target."""

    def __init__(self, spec: str, factory: Factory, options: Options, progress: Progress) -> None:
        self.spec = spec
        self.factory = factory
        self.options = options
        self.progress = progress
        self.seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
        self.properties = verdict_properties(PROPERTIES)
        self.runs = self.calls = self.hangs = 0
        self.coverage: Counter[str] = Counter()
        self.found: dict[str, tuple[Scenario, str]] = {}  # property -> first scenario, where it came from
        self.partial = ""  # why not every run was made

    def run(self) -> ConformReport:
        """Play everything, then report."""
        start = time.monotonic()
        try:
            self._play_all()
        except _Enough:
            pass
        except KeyboardInterrupt:
            self.partial = "interrupted"
        findings = tuple(self._findings(self._worst()))
        names = [p.id for p in self.properties]
        reported = {trace.violation.property for trace in findings if trace.violation}
        return ConformReport(
            self.spec,
            self.runs,
            self.calls,
            findings,
            {name: self.coverage[name] for name in names if self.coverage[name]},
            tuple(name for name in names if not self.coverage[name]),
            time.monotonic() - start,
            bool(self.partial),
            self.seed,
            self.partial,
            tuple(name for name in self._in_order() if name not in reported),
        )

    def _play_all(self) -> None:
        self.progress(f"{len(DIRECTED)} directed scenarios")
        for name, scenario in DIRECTED.items():
            self._visit(scenario, f"directed scenario: {name}")
        if self.options.runs:
            generate.visit(self.options.runs, self.seed, self._visit_random)

    def _visit_random(self, scenario: Scenario) -> None:
        number = self.runs - len(DIRECTED) + 1
        if number % 50 == 1:
            self.progress(f"random run {number} of {self.options.runs}; {len(self.found)} properties broken")
        self._visit(scenario, f"random run {number}")

    def _visit(self, scenario: Scenario, origin: str) -> None:
        play = self._play(scenario, self.options.timeout)
        self.runs += 1
        self.coverage.update(play.monitor.reached)
        for name in play.breaches:
            self.found.setdefault(name, (scenario, origin))
        self.hangs += HUNG in play.breaches
        if self.hangs >= MOST_HANGS:
            self.partial = f"stopped after {self.hangs} runs in which the target hung"
            raise _Enough

    def _play(self, scenario: Scenario, timeout: float) -> Play:
        play = Play(self.factory, scenario, self.properties, timeout)
        play.run()
        self.calls += play.calls
        return play

    def _in_order(self) -> list[str]:
        """Misbehaviour first, then clauses, then guarantees, in catalogue order."""
        rank = {p.id: k for k, p in enumerate(self.properties)}
        return sorted(self.found, key=lambda name: rank.get(name, -1))

    def _worst(self) -> list[str]:
        """The first of each kind."""
        late = [p.id for p in self.properties if p.kind == "guarantee"]
        found = self._in_order()
        clauses = [name for name in found if name not in late]
        return clauses[:MOST_CLAUSES] + [name for name in found if name in late][:MOST_GUARANTEES]

    def _findings(self, names: list[str]) -> Iterator[Trace]:
        """A trace for each name; an interrupt ends it, and what there is stays."""
        try:
            for name in names:
                yield self._finding(name)
        except KeyboardInterrupt:
            self.partial = "interrupted"

    def _finding(self, name: str) -> Trace:
        """The smallest scenario for a property, played again twice: to record it, and to be sure of it."""
        scenario, origin = self.found[name]
        small = self._shrink(name, scenario) if self.options.shrink and not self.partial else scenario
        for candidate in (small, scenario):
            trace = self._record(name, candidate, origin)
            if trace:
                ok, why = replay(trace, self.factory, candidate)
                return trace if ok else dataclasses.replace(trace, meta={**trace.meta, "flaky": why})
        return self._vanished(name, scenario, origin)

    def _shrink(self, name: str, scenario: Scenario) -> Scenario:
        self.progress(f"making the scenario for {name} smaller")
        timeout = min(self.options.timeout, SHRINK_TIMEOUT)

        def breaks(smaller: Scenario) -> bool:
            return name in self._play(smaller, timeout).breaches

        return shrink(scenario, breaks, SHRINK_TRIES, SHRINK_SECONDS)

    def _record(self, name: str, scenario: Scenario, origin: str) -> Trace | None:
        play = self._play(scenario, self.options.timeout)
        breach = play.breaches.get(name)
        if breach is None:
            return None
        monitor = play.monitor
        meta = self._meta(scenario, origin)
        return Trace(
            "target",
            self.spec,
            monitor.bounds,
            monitor.initial(),
            monitor.steps(breach.steps),
            breach.violation,
            meta,
        )

    def _meta(self, scenario: Scenario, origin: str) -> dict[str, object]:
        return {
            "target": self.spec,
            "scenario": scenario.to_json(),
            "seed": self.seed,
            "timeout": self.options.timeout,
            "origin": origin,
            "version": __version__,
        }

    def _vanished(self, name: str, scenario: Scenario, origin: str) -> Trace:
        """It broke once and never again: reported without a violation that could be trusted."""
        play = self._play(scenario, self.options.timeout)
        monitor = play.monitor
        why = f"{name} broke once in this scenario and not when it was played again"
        meta = {**self._meta(scenario, origin), "flaky": why}
        return Trace("target", self.spec, monitor.bounds, monitor.initial(), monitor.steps(), None, meta)
