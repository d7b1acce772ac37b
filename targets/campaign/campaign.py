"""Driving a target: stored scenarios, then a search; what breaks is made small and played again."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import time
from collections.abc import Iterator, Sequence

from ...counterexamples.trace import Trace
from ..chimney.built_in import canonical
from ..chimney.moves import moves_of
from ..chimney.scenario import Scenario
from ..judging.compiled.monitor_maker import Maker
from ..judging.misbehaviour import FATAL, HUNG, RULES
from ..machine.refusal import BadTarget
from ..running.compiled_monitors import Compiled
from ..running.direct import JUDGED, judged_by
from ..running.launch import launch
from ..running.outcome import Outcome, Runner
from ..running.players import Players
from . import corpus, interleavings, stored
from .campaign_report import INTERRUPTED, SEED, UNFINISHED, Progress, report_from_json
from .campaign_report import ConformReport as ConformReport
from .campaign_report import Options as Options
from .coverage import Tally
from .explore import Explored
from .found import Found
from .in_its_time import in_its_time, puts_off
from .journal import PLAN, REPORT, STATE, Journal
from .search import GENERATION, Search
from .search_runs import Crew, NotMade, Runs, workers
from .shrink import RunsLeft
from .sources import DIRECT, FAULTS, LAST, PROCESSORS, SEARCH, Sourced, sources

MOST_CLAUSES, MOST_GUARANTEES = 4, 2
"""Findings that are made small and told with a trace; what broke besides is named, and likely to follow."""
MOST_HANGS = 2
"""Runs that hang before the search is given up: each costs the whole timeout."""
MOST_DEATHS = 10
"""Runs that end their process before the search is given up: each costs a sanitizer's report."""
MANY = 2000
"""Runs of the search for which it pays to compile the monitor, and to load it beside a driver in C.

Fewer use it if it is there.
"""
SHRINK_TRIES, SHRINK_RUNS = 400, 1200
"""Runs to make a scenario small, for one finding and for all of them."""


class _Enough(Exception):
    """The runs end here."""


def conform(
    spec: str, options: Options | None = None, progress: Progress = lambda text: None
) -> ConformReport:
    """Drive the target that *spec* names, and judge it. Raises :class:`..machine.refusal.BadTarget`.

    The findings kept beside it come first. Raises :class:`.corpus.BadCorpus`. With a journal it goes on where
    it was ended; one that came to its end is not played again.
    """
    options = options or Options()
    spec, file = canonical(spec), options.journal
    with contextlib.ExitStack() as ends:
        journal = None
        if file and file.exists() and file.stat().st_size:  # better known now than after the target was built
            journal = ends.enter_context(contextlib.closing(Journal.begin(file, options.plan(spec))))
            if known := ended(journal, options):
                return known
        runner = ends.enter_context(launched(spec, options, progress))
        if file and not journal:
            seed = SEED if options.seed is None else options.seed
            plan = dataclasses.replace(options, seed=seed).plan(spec)
            journal = ends.enter_context(contextlib.closing(Journal.begin(file, plan)))
        return played(spec, runner, options, progress, Runs(runner, journal))


def ended(journal: Journal, options: Options) -> ConformReport | None:
    """The report of a campaign that came to its end with so many runs."""
    recorded = journal.recorded(REPORT)
    if not recorded or recorded["asked"] != [options.runs, options.all]:
        return None
    return journal.read(lambda: report_from_json(recorded["report"]))


def launched(spec: str, options: Options, progress: Progress) -> Runner:
    """What plays the target, with the monitor in C if there is much to play. Raises BadTarget."""
    judged = judged_by(options.subject)
    if (options.runs >= MANY or options.explore) and judged is JUDGED:
        progress("many runs: making the monitor in C, unless it was made before")
        compiled, within = Compiled(Maker(judged), make=True), options.explore
        compiled.monitor(within.empty(), within.bounds()) if within else compiled.load()
    return launch(spec, options.how, options.timeout, options.subject)


def played(spec: str, runner: Runner, options: Options, progress: Progress, runs: Runs) -> ConformReport:
    """What comes of a campaign. Raises BadCorpus."""
    if options.explore:
        from .exhaustive import Exhaustive

        return Exhaustive(spec, runner, options, progress, options.explore, runs).run()
    judged = judged_by(options.subject)
    kinds = moves_of(judged.added, judged.subject.bounds)
    stored = sources(corpus.findings_folder(spec), kinds=kinds, failed=options.first)
    wanted = {LAST, *options.sources} - (set() if runner.code.library else {FAULTS})
    first = tuple(sourced for sourced in stored if sourced.source in wanted)
    if not runs.ended:
        runs.crew = _crew(spec, options, progress)
    with contextlib.closing(runs):
        return Campaign(spec, runner, options, progress, first, runs).run()


def _crew(spec: str, options: Options, progress: Progress) -> Crew | None:
    """Who plays; None: this process alone."""
    given = (spec, options.how, options.timeout, options.subject, progress)
    if options.cluster:
        try:
            from ..running.cluster import Cluster
        except ModuleNotFoundError as missing:
            raise BadTarget(
                f"a cluster needs the package {missing.name}; pip install 'chimneysweep[cluster]'"
            ) from None
        return Cluster(options.cluster, *given)
    count = workers(options.workers, options.runs if options.processors == 1 else MANY, MANY)
    return Players(count, *given) if count > 1 else None


class Campaign:
    """All runs against one target."""

    def __init__(
        self,
        spec: str,
        runner: Runner,
        options: Options,
        progress: Progress,
        first: Sequence[Sourced],
        runs: Runs | None = None,
    ) -> None:
        self.spec = spec
        self.runner = runner
        self.search = runs or Runs(runner)
        self.options = options
        self.progress = progress
        self.first = first  # stored scenarios, played before the search
        self.runs = self.hangs = self.deaths = 0
        self.judged = judged_by(options.subject)
        added = [event.name for event in self.judged.added]
        self.kinds = moves_of(self.judged.added, self.judged.subject.bounds)
        self.tally = Tally(stored.load(), [p.id for p in self.judged.properties], added)
        self.seed = self._seed()
        self.broken = Found(spec, self.search, options, self.judged, self.seed, progress, self.kinds)
        self.ran: set[int] = set()  # sites of the target's own code
        self.partial = ""  # why not every run was made
        self.stopped_after = ""

    def _seed(self) -> int:
        journal, seed = self.search.journal, self.options.seed
        if journal:
            return int(journal.recorded(PLAN)["seed"])
        return SEED if seed is None else seed

    def run(self) -> ConformReport:
        """Play everything, then report."""
        self.start = time.monotonic()
        try:
            self._play_all()
        except _Enough:
            pass
        except NotMade:
            self.partial = UNFINISHED
        except KeyboardInterrupt:
            self.partial = INTERRUPTED
        self._tell("findings")
        if peak := self.runner.peak:
            self.progress(f"the target's process took at most {peak} MB of memory")
        findings = tuple(self._findings(self._worst()))
        final = self._report(findings)
        self._tell("interrupted" if self.partial == INTERRUPTED else "ended", final)
        return final

    def _report(self, findings: tuple[Trace, ...]) -> ConformReport:
        world = self.tally.coverage()
        reported = {trace.violation.property for trace in findings if trace.violation}
        return ConformReport(
            self.spec,
            self.runs,
            self.search.calls,
            findings,
            world.premises.runs,
            world.premises.never,
            time.monotonic() - self.start,
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
            played = self._play_stored(source, list(stage))
            if source == DIRECT and not self.broken.found and puts_off(played):
                slow = list(in_its_time(self.kinds))
                self.first, self.broken.patient = (*self.first, *slow), True
                self._play_stored(source, slow)
            if self.broken.found and not self.options.all:
                self.stopped_after = source
                return
        meant = self.runner.locks or (self.runner.interrupts and self.options.processors > 1)
        if PROCESSORS in self.options.sources and meant:
            self._interleave()
            if self.broken.found and not self.options.all:
                self.stopped_after = PROCESSORS
                return
        if SEARCH in self.options.sources:
            self._search()

    def _play_stored(self, source: str, stage: Sequence[Sourced]) -> list[tuple[str, Outcome]]:
        """What came of each, with its name."""
        played: list[tuple[str, Outcome]] = []
        for batch in _batches(stage):
            names = [sourced.name for sourced in batch]
            origins = [f"{source}: {name}" for name in names]
            outcomes = self._play([sourced.scenario for sourced in batch], source, origins)
            played += zip(names, outcomes, strict=True)
        return played

    def _interleave(self) -> None:
        """Two processors in the target at once."""
        for batch in interleavings.schedules(self.options.processors, self.options.runs):
            self.progress(f"two processors: {batch[0][0].says}; {len(self.broken.found)} properties broken")
            origins = [f"{PROCESSORS}: {pair.says}" for pair, _ in batch]
            outcomes = self._play([scenario for _, scenario in batch], PROCESSORS, origins)
            for (pair, _), outcome in zip(batch, outcomes, strict=True):
                interleavings.learn(pair, outcome)
            if self.broken.found and not self.options.all:
                return

    def _search(self) -> None:
        search = Search(self.seed, self.kinds, self.broken.patient)
        numbers = map(str, itertools.count(1))
        for generation in search.generations(self.options.runs):
            self.progress(
                f"search: {len(search.reached)} things reached, {len(self.broken.found)} properties broken"
                f"{self._rate()}"
            )
            origins = [f"search run {next(numbers)}" for _ in generation]
            for scenario, outcome in zip(generation, self._play(generation, SEARCH, origins), strict=True):
                search.learn(scenario, outcome)
            if self.broken.found and not self.options.all:
                return

    def _play(self, batch: Sequence[Scenario], source: str, origins: Sequence[str]) -> list[Outcome]:
        """What came of each, once that is taken note of. Raises _Enough, NotMade."""
        brief = self.broken.brief() if HUNG in self.broken.found else None
        scout = source == SEARCH and self.options.runs >= MANY
        outcomes, played = self.search.play_all(batch, brief, scout), list[Outcome]()
        for scenario, outcome, origin in zip(batch, outcomes, origins, strict=True):
            played.append(outcome)
            self._visit(scenario, outcome, source, origin)
        self._tell(source)
        return played

    def _visit(self, scenario: Scenario, outcome: Outcome, source: str, origin: str) -> None:
        """Take note of a run, and of what it broke. Raises _Enough."""
        self.runs += 1
        self.tally.add(source, outcome)
        self.ran |= self.runner.code.sites_of(outcome.ran)
        for name, breach in outcome.breaches.items():
            self.broken.note(name, scenario, origin, breach.steps)
        self.hangs += HUNG in outcome.breaches
        self.deaths += not FATAL.isdisjoint(outcome.breaches)
        if self.hangs >= MOST_HANGS:
            self.partial = f"stopped after {self.hangs} runs in which the target hung"
        elif self.deaths >= MOST_DEATHS:
            self.partial = f"stopped after {self.deaths} runs in which the target died"
        if self.partial:
            raise _Enough

    # -- how far it is -------------------------------------------------------------------------------

    def _rate(self) -> str:
        made = self.search.made
        return f", {made / (time.monotonic() - self.search.began):.0f} runs a second" if made else ""

    def _tell(self, stage: str, report: ConformReport | None = None) -> None:
        """Keep in the journal how far it is: what it plays, or that it *ended*, with the report."""
        journal = self.search.journal
        if journal is None or self.search.ended:
            return
        searches = SEARCH in self.options.sources and not self.options.explore
        searched = self.options.runs if searches else 0
        world = self.tally.coverage()
        state = {
            "stage": stage,
            "runs": self.runs,
            "planned": len(self.first) + searched,
            "made": self.search.made,
            "seconds": time.monotonic() - self.search.began,
            "calls": self.search.calls,
            "broken": self._in_order(),
            "lost": self.search.lost,
            "reached": {kind: [len(part.runs), part.possible] for kind, part in world.kinds().items()},
            "code": [len(self.ran), len(self.runner.code.sites)],
        }
        journal.record(STATE, state)
        if report and stage == "ended":
            journal.record(
                REPORT, {"asked": [self.options.runs, self.options.all], "report": report.to_json()}
            )

    # -- what broke ------------------------------------------------------------------------------------

    def _in_order(self) -> list[str]:
        """Misbehaviour first, then clauses, then guarantees, in catalogue order."""
        rank = {p.id: k for k, p in enumerate(self.judged.properties)}
        return sorted(self.broken.found, key=lambda name: (rank.get(name, -1), name))

    def _worst(self) -> list[str]:
        """Misbehaviour, then of each kind what the shortest runs break; then what is told anyway."""
        late = [p.id for p in self.judged.properties if p.kind == "guarantee"]
        shortest = {name: shown.length for name, shown in self.broken.found.items()}
        found = sorted(self._in_order(), key=lambda name: (name not in RULES, shortest[name]))
        clauses = [name for name in found if name not in late][:MOST_CLAUSES]
        worst = [*clauses, *[name for name in found if name in late][:MOST_GUARANTEES]]
        return [*worst, *(name for name in found if name in self.options.reported and name not in worst)]

    def _findings(self, names: list[str]) -> Iterator[Trace]:
        """A trace for each name; an interrupt ends it, and what there is stays."""
        runs, shrinks = SHRINK_RUNS, self.options.shrink and self.partial != INTERRUPTED
        try:
            for left, name in zip(range(len(names), 0, -1), names, strict=True):
                budget = RunsLeft(min(SHRINK_TRIES, runs // left))
                runs -= budget.left
                yield self.broken.finding(name, budget, shrinks)
                runs += max(0, budget.left)
        except KeyboardInterrupt:
            self.partial = INTERRUPTED


def _batches(stage: Sequence[Sourced]) -> Iterator[Sequence[Sourced]]:
    for start in range(0, len(stage), GENERATION):
        yield stage[start : start + GENERATION]
