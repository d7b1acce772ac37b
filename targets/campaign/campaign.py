"""Driving a target: stored scenarios, then a search; what breaks is made small and played again."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ...counterexamples.story import VALUES
from ...counterexamples.trace import Trace, traced
from ...properties.loading import SubjectRef
from ...version import __version__
from ..chimney.built_in import canonical
from ..chimney.moves import moves_of
from ..chimney.scenario import Scenario, size
from ..judging.compiled.monitor_maker import Maker
from ..judging.misbehaviour import FATAL, HUNG, RULES
from ..machine.refusal import BadTarget
from ..running.compiled_monitors import Compiled
from ..running.direct import JUDGED, judged_by
from ..running.launch import How, launch
from ..running.outcome import Outcome, Runner
from ..running.players import Players
from ..running.target_replay import replay
from . import corpus, stored
from .alphabet import Within
from .coverage import Coverage, Tally
from .explore import Explored
from .journal import Journal, plan
from .odd_values import why_odd
from .search import Search
from .search_runs import Runs, workers
from .shrink import Budget, shrink
from .sources import LAST, SEARCH, SOURCES, Sourced, sources

MOST_CLAUSES, MOST_GUARANTEES = 4, 2
"""Findings that are made small and told with a trace; what broke besides is named, and likely to follow."""
MOST_HANGS = 2
"""Runs that hang before the search is given up: each costs the whole timeout."""
MOST_DEATHS = 10
"""Runs that end their process before the search is given up: each costs a sanitizer's report."""
MANY = 2000
"""Runs of the search for which it pays to compile the monitor; fewer use it if it is there."""
SHRINK_TRIES, SHRINK_RUNS = 400, 1200
"""Runs to make a scenario small, for one finding and for all of them."""
HANG, DEATH = 30, 8
"""Runs for which a run counts in which the target hung, or died: it takes about as long."""
BRIEF = 0.3
"""Seconds for an entry point where a hang would be no news: scenarios are made small so."""

INTERRUPTED = "interrupted"

Progress = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Options:
    """How much to try.

    Runs of the search, besides the stored ones; their seed (None: a new one); seconds that an
    entry point may take; whether scenarios are made small; how the target is built and started;
    whether all is played although a source of scenarios has broken something; the subject that it is
    judged by; properties that are told with a trace if they break, whatever else breaks; where scenarios
    come from; findings whose scenarios are played before all others; processes that play the search (0: one
    a core where it is long enough to pay); the file in which its runs are kept as they come; the bounds
    within which every run is made, instead of all that.
    """

    runs: int = 300
    seed: int | None = None
    timeout: float = 2.0
    shrink: bool = True
    how: How = How()
    all: bool = False
    subject: SubjectRef = SubjectRef()
    told: tuple[str, ...] = ()
    sources: tuple[str, ...] = SOURCES
    first: tuple[Trace, ...] = ()
    workers: int = 0
    journal: Path | None = None
    explore: Within | None = None


@dataclasses.dataclass(frozen=True)
class ConformReport:
    """What came of it.

    ``coverage`` counts for each property the runs in which it had something to say;
    ``never_reached`` names those with none. ``calls`` counts calls of entry points.
    ``partial``: not every run was made, and ``why_partial`` says why. A finding whose
    ``meta`` has the key "flaky" (why) did not happen again when it was played again.
    ``also_broken`` names properties that broke too, without a trace of their own.
    ``played`` says how the target was played: in which process, built with what.
    ``world`` counts what of the model's world the runs met. ``stopped_after`` names the source
    of scenarios after which no other was played, since something was broken. ``code`` has, for each
    file of the target's own, the lines that ran ("reached") and those that never did ("never_reached").
    ``explored`` says how far an exploration came.
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
    played: str = ""
    world: Coverage = Coverage()
    stopped_after: str = ""
    code: Mapping[str, Mapping[str, list[int]]] = dataclasses.field(default_factory=dict)
    explored: Explored | None = None


class _Enough(Exception):
    """The runs end here."""


def conform(
    spec: str, options: Options | None = None, progress: Progress = lambda text: None
) -> ConformReport:
    """Drive the target that *spec* names, and judge it. Raises :class:`..machine.refusal.BadTarget`.

    The findings kept beside it come first. Raises :class:`.corpus.BadCorpus`.
    """
    options = options or Options()
    spec, judged = canonical(spec), judged_by(options.subject)
    kinds = moves_of(judged.added, judged.subject.bounds)
    stored = sources(corpus.beside(spec), kinds=kinds, failed=options.first)
    first = tuple(sourced for sourced in stored if sourced.source in (LAST, *options.sources))
    if (options.runs >= MANY or options.explore) and judged is JUDGED:
        progress("many runs: making the monitor in C, unless it was made before")
        compiled, within = Compiled(Maker(judged), make=True), options.explore
        compiled.monitor(within.empty(), within.bounds()) if within else compiled.load()
    with launch(spec, options.how, options.timeout, options.subject) as runner:
        if options.explore:
            from .exhaustive import Exhaustive

            return Exhaustive(spec, runner, options, progress, options.explore).run()
        campaign = Campaign(spec, runner, options, progress, first)
        with contextlib.closing(campaign.search):
            count = workers(options.workers, options.runs, MANY)
            if count > 1:
                campaign.search.players = Players(count, spec, options.how, options.timeout, options.subject)
            if options.journal:
                journal = campaign.search.journal = _journal(spec, campaign.seed, options)
                campaign.seed = journal.seed
            return campaign.run()


def _journal(spec: str, seed: int, options: Options) -> Journal:
    assert options.journal
    more = {"how": options.how.to_json(), "timeout": options.timeout, "subject": options.subject}
    more |= {"version": __version__, "sources": options.sources, "all": options.all}
    journal = Journal(options.journal, plan(spec, seed, more))
    if options.seed not in (None, journal.seed):
        raise BadTarget(f"{options.journal} is the journal of a search with the seed {journal.seed}")
    return journal


class Campaign:
    """All runs against one target."""

    def __init__(
        self, spec: str, runner: Runner, options: Options, progress: Progress, first: Sequence[Sourced]
    ) -> None:
        self.spec = spec
        self.runner = runner
        self.search = Runs(runner)
        self.options = options
        self.progress = progress
        self.first = first  # stored scenarios, played before the search
        self.seed = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
        self.runs = self.calls = self.hangs = self.deaths = 0
        self.judged = judged_by(options.subject)
        added = [event.name for event in self.judged.added]
        self.tally = Tally(stored.load(), [p.id for p in self.judged.properties], added)
        self.found: dict[str, tuple[Scenario, str]] = {}  # property -> smallest scenario, where it came from
        self.ran: set[int] = set()  # sites of the target's own code
        self.partial = ""  # why not every run was made
        self.stopped_after = ""

    def run(self) -> ConformReport:
        """Play everything, then report."""
        start = time.monotonic()
        try:
            self._play_all()
        except _Enough:
            pass
        except KeyboardInterrupt:
            self.partial = INTERRUPTED
        if peak := self.runner.peak:
            self.progress(f"the target's process took at most {peak} MB of memory")
        findings = tuple(self._findings(self._worst()))
        world = self.tally.coverage()
        reported = {trace.violation.property for trace in findings if trace.violation}
        return ConformReport(
            self.spec,
            self.runs,
            self.calls,
            findings,
            world.premises.runs,
            world.premises.never,
            time.monotonic() - start,
            bool(self.partial),
            self.seed,
            self.partial,
            tuple(name for name in self._in_order() if name not in reported),
            self.runner.says,
            world,
            self.stopped_after,
            {} if self.options.explore else self.runner.code.by_file(self.ran),
            self._explored(),
        )

    def _explored(self) -> Explored | None:
        """How far an exploration came."""
        return None

    def _play_all(self) -> None:
        self.progress(f"{len(self.first)} stored scenarios")
        for source, stage in itertools.groupby(self.first, lambda sourced: sourced.source):
            for _, name, scenario in stage:
                outcome = self._play(scenario, timeout=self._brief() if HUNG in self.found else None)
                self._visit(scenario, outcome, source, f"{source}: {name}")
            if self.found and not self.options.all:
                self.stopped_after = source
                return
        if SEARCH not in self.options.sources:
            return
        search = Search(self.seed, moves_of(self.judged.added, self.judged.subject.bounds))
        numbers = itertools.count(1)
        for generation in search.generations(self.options.runs):
            self.progress(
                f"search: {len(search.reached)} things reached, {len(self.found)} properties broken"
            )
            brief = self._brief() if HUNG in self.found else None
            for scenario, outcome in zip(generation, self.search.play(generation, brief), strict=True):
                self.calls += outcome.calls
                self._visit(scenario, outcome, SEARCH, f"search run {next(numbers)}")
                search.learn(scenario, outcome)
            if self.found and not self.options.all:
                return

    def _visit(self, scenario: Scenario, outcome: Outcome, source: str, origin: str) -> None:
        """Take note of a run, and of what it broke. Raises _Enough."""
        self.runs += 1
        self.tally.add(source, outcome)
        self.ran |= self.runner.code.sites_of(outcome.ran)
        for name in outcome.breaches:
            self._note(name, scenario, origin)
        self.hangs += HUNG in outcome.breaches
        self.deaths += not FATAL.isdisjoint(outcome.breaches)
        if self.hangs >= MOST_HANGS:
            self.partial = f"stopped after {self.hangs} runs in which the target hung"
        elif self.deaths >= MOST_DEATHS:
            self.partial = f"stopped after {self.deaths} runs in which the target died"
        if self.partial:
            raise _Enough

    def _note(self, name: str, scenario: Scenario, origin: str) -> None:
        """A property is best shown by the smallest scenario; a hang by one that had all its time."""
        known = self.found.get(name)
        if known is None or (name != HUNG and size(scenario) < size(known[0])):
            self.found[name] = scenario, origin

    def _play(self, scenario: Scenario, told: bool = False, timeout: float | None = None) -> Outcome:
        outcome = self.runner.play(scenario, told, timeout)
        self.calls += outcome.calls
        return outcome

    def _in_order(self) -> list[str]:
        """Misbehaviour first, then clauses, then guarantees, in catalogue order."""
        rank = {p.id: k for k, p in enumerate(self.judged.properties)}
        return sorted(self.found, key=lambda name: (rank.get(name, -1), name))

    def _worst(self) -> list[str]:
        """Misbehaviour, then of each kind what the smallest scenarios break; then what is told anyway."""
        late = [p.id for p in self.judged.properties if p.kind == "guarantee"]
        found = sorted(self._in_order(), key=lambda name: (name not in RULES, size(self.found[name][0])))
        clauses = [name for name in found if name not in late][:MOST_CLAUSES]
        worst = [*clauses, *[name for name in found if name in late][:MOST_GUARANTEES]]
        return [*worst, *(name for name in found if name in self.options.told and name not in worst)]

    def _findings(self, names: list[str]) -> Iterator[Trace]:
        """A trace for each name; an interrupt ends it, and what there is stays."""
        runs = SHRINK_RUNS
        try:
            for left, name in zip(range(len(names), 0, -1), names, strict=True):
                budget = Budget(min(SHRINK_TRIES, runs // left))
                runs -= budget.left
                yield self._finding(name, budget)
                runs += max(0, budget.left)
        except KeyboardInterrupt:
            self.partial = INTERRUPTED

    def _finding(self, name: str, budget: Budget) -> Trace:
        """The smallest scenario for a property, played again twice: to record it, and to be sure of it.

        A hang is played again once: it takes all its time, and so it happened twice already.
        """
        scenario, origin = self.found[name]
        shrinks = self.options.shrink and self.partial != INTERRUPTED
        small = self._shrink(name, scenario, origin, budget) if shrinks else scenario
        for candidate in (small, scenario):
            trace = self._record(name, candidate, origin)
            if trace:
                again = None if name == HUNG else replay(trace, self.runner, candidate)
                if again is None or again.ok:
                    return trace
                return dataclasses.replace(trace, meta={**trace.meta, "flaky": again.message})
        return self._vanished(name, scenario, origin)

    def _brief(self) -> float:
        return min(self.options.timeout, BRIEF)

    def _shrink(self, name: str, scenario: Scenario, origin: str, budget: Budget) -> Scenario:
        """What breaks another property on the way is where that one's search begins."""
        self.progress(f"making the scenario for {name} smaller")

        def breaks(smaller: Scenario) -> bool:
            broken = self._play(smaller, timeout=self._brief()).breaches
            budget.left -= HANG if HUNG in broken else DEATH if not FATAL.isdisjoint(broken) else 0
            for other in self.found.keys() & broken.keys():
                self._note(other, smaller, origin)
            return name in broken

        return shrink(scenario, breaks, budget)

    def _record(self, name: str, scenario: Scenario, origin: str) -> Trace | None:
        outcome = self._play(scenario, told=True)
        breach = outcome.breaches.get(name)
        if breach is None:
            return None
        trace = self._trace(scenario, origin, outcome)
        meta = {**trace.meta, **_words(name, outcome), **self._odd_values(name, scenario)}
        return dataclasses.replace(
            trace, steps=list(outcome.steps[: breach.steps]), violation=breach.violation, meta=meta
        )

    def _odd_values(self, name: str, scenario: Scenario) -> dict[str, list[str]]:
        """Why it has other numbers than the plain ones; nothing of a run that takes its target along."""
        if name in RULES:
            return {}
        odd = why_odd(scenario, lambda other: name in self.runner.play(other, timeout=self._brief()).breaches)
        return {VALUES: odd} if odd else {}

    def _vanished(self, name: str, scenario: Scenario, origin: str) -> Trace:
        """It broke once and never again: reported without a violation that could be trusted."""
        trace = self._trace(scenario, origin, self._play(scenario, told=True))
        why = f"{name} broke once in this scenario and not when it was played again"
        return dataclasses.replace(trace, meta={**trace.meta, "flaky": why})

    def _trace(self, scenario: Scenario, origin: str, outcome: Outcome) -> Trace:
        """A run that was told, without what it broke."""
        meta: dict[str, object] = {
            "target": self.spec,
            "scenario": scenario.to_json(),
            "seed": self.seed,
            "timeout": self.options.timeout,
            "origin": origin,
            "version": __version__,
        }
        how = self.options.how.to_json()
        meta |= {"how": how} if how else {}
        assert outcome.initial is not None
        steps, bounds = list(outcome.steps), scenario.bounds()
        subject = traced(self.judged.subject, self.options.subject)
        return Trace("target", self.spec, bounds, outcome.initial, steps, None, meta, subject=subject)


def _words(name: str, outcome: Outcome) -> dict[str, object]:
    """What the target wrote, and what was reported of its death, as entries of a trace's meta."""
    death = outcome.death
    report = list(death.report) if death and death.rule == name else []
    found = {"report": report, "output": outcome.said.splitlines()}
    return {key: lines for key, lines in found.items() if lines}
