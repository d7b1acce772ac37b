"""A campaign that makes every run within bounds; what breaks is played again as ever."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterable, Sequence

from ..chimney.scenario import Scenario
from ..judging.compiled.monitor_maker import Maker
from ..judging.misbehaviour import FATAL
from ..machine.memory import peak
from ..running.branching import Edge, Moves
from ..running.compiled_monitors import Compiled
from ..running.direct import JUDGED
from ..running.launch import launch_several
from ..running.outcome import Outcome, Runner
from ..running.quick.maker import prepared
from ..running.sweep import Counts
from .alphabet import Within, alphabet, beginnings
from .campaign import Campaign
from .campaign_report import INTERRUPTED, UNFINISHED, Options, Progress
from .directed import DIRECTED
from .expansions import Expansions
from .explore import FOUND, Expands, Exploration, Explored
from .in_its_time import AT_ONCE, choices_with_time, puts_off
from .search_runs import NotMade, Runs

EXPLORE = "explore"


class Exhaustive(Campaign):
    """All runs within bounds against one target.

    The search is in processes of its own, one for each processor, and without the compiler's sanitizers; what
    it finds is played again with them.
    """

    def __init__(
        self,
        spec: str,
        runner: Runner,
        options: Options,
        progress: Progress,
        within: Within,
        runs: Runs | None = None,
    ) -> None:
        super().__init__(spec, runner, options, progress, (), runs)
        self.within = within
        self.empty = within.empty()
        self.explored = Explored(within)

    def _play_all(self) -> None:
        options = self.options
        self._begin()
        with contextlib.ExitStack() as stack:
            runners = [self.runner] if self.search.ended else self._crew(stack)
            for within in (self.within, *self.within.others()):
                broken = self._explore(runners, within)
                if self.explored.stopped or (broken and not options.all):
                    break
            took = max(runner.peak for runner in runners)
            self.progress(f"the search took at most {peak()} MB of memory, a process of the target {took} MB")
        stopped = self.explored.stopped
        self.partial = "" if stopped == FOUND else stopped

    def _crew(self, stack: contextlib.ExitStack) -> list[Runner]:
        options, quick = self.options, dataclasses.replace(self.options.how, sanitize=False)
        count = options.workers or os.cpu_count() or 1
        crew = launch_several(count, self.spec, quick, options.timeout, options.subject)
        return [stack.enter_context(runner) for runner in crew]

    def _asked(self, runner: Runner) -> Expands:
        """Who expands states: the runner, or the journal where that has them already."""
        journal = self.search.journal
        return Expansions(runner, journal, self.search.ended) if journal else runner

    def _steps(self, text: str) -> None:
        """Runs are made longer by one move."""
        self.progress(text)
        self._tell(EXPLORE)

    def _begin(self) -> None:
        """Two directed runs, which tell whether the target puts off what it is told; then those in which it
        is refused something before the first step.
        """
        noticed = ((name, self.search.play(DIRECTED[name])) for name in AT_ONCE)
        self.explored.timed = self.broken.patient = puts_off(noticed)
        for scenario in beginnings(self.within) if self.runner.code.library else ():
            self._visit(scenario, self.search.play(scenario), EXPLORE, EXPLORE)

    def _explore(self, runners: Sequence[Runner], within: Within) -> bool:
        """Make every run within these bounds; whether anything broke."""
        self.empty = within.empty()
        choices = alphabet(within, self.kinds)
        choices = choices_with_time(choices, self.kinds) if self.broken.patient else choices
        asked = list(map(self._asked, runners))
        given = (within, choices, self.options.timeout, self._hears, self._steps)
        search = Exploration(asked, *given, self._counts if self._quick(within) else None)
        try:
            search.run(self.options.all)
        except (KeyboardInterrupt, NotMade) as ended:
            search.explored.stopped = UNFINISHED if isinstance(ended, NotMade) else INTERRUPTED
            raise
        finally:
            found = search.explored
            found.timed = self.broken.patient
            if within is self.within:
                self.explored = found
            else:
                self.explored.besides += (found,)
                self.explored.stopped = self.explored.stopped or found.stopped
        return bool(search.broken)

    def _quick(self, within: Within) -> bool:
        """Whether there is a compiled monitor, and with it what plays a driver in C at the speed of C."""
        if not self.runner.code.library or self.judged is not JUDGED:
            return False
        monitor = Compiled(Maker(JUDGED)).monitor(within.empty(), within.bounds())
        return monitor is not None and prepared(monitor.library)

    def _hears(self, before: Moves, edge: Edge) -> None:
        """A run went on, or ended."""
        self.runs += edge.choice.ends
        self.search.calls += edge.calls
        if edge.choice.ends:
            self.tally.add(EXPLORE, Outcome({}, edge.reached, edge.happened))
        if edge.breaches:
            self._breaks(dataclasses.replace(self.empty, moves=before + edge.choice.moves), edge)

    def _counts(self, counts: Counts) -> None:
        """So much happened in runs at the speed of C."""
        self.runs += counts.runs
        self.search.calls += counts.calls
        self.tally.count(EXPLORE, counts)

    def _breaks(self, scenario: Scenario, edge: Edge) -> None:
        broken: Iterable[str] = edge.breaches
        if not FATAL.isdisjoint(edge.breaches):  # a sanitizer knows better what it died of
            broken = self.search.play(scenario).breaches or broken
        for name in broken:  # its steps are counted when it is made small: nothing else is played here
            self.broken.note(name, scenario, EXPLORE)

    def _explored(self) -> Explored:
        return self.explored
