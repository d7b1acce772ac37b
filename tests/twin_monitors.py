"""Two monitors side by side: after each event their worlds and verdicts are compared."""

from __future__ import annotations

from typing import Any

from chimneysweep.model.records import values, variables
from chimneysweep.targets.chimney.play import Play, first_world
from chimneysweep.targets.judging.compiled.layout import load
from chimneysweep.targets.judging.monitor import Monitor
from chimneysweep.targets.running.compiled_monitors import start


class Twin:
    """A judge that passes everything on to a plain and to a compiled monitor of the same world."""

    def __init__(self, library: Any, scenario: Any, criteria: Any) -> None:
        self.bounds = library.bounds
        self.plain = Monitor(first_world(scenario, self.bounds, criteria.subject), self.bounds, criteria)
        self.fast = start(library, scenario)
        self.differences: list[str] = []
        self.events = 0
        self._compare("the start")

    @property
    def world(self) -> Any:
        """The compiled one's, so that a difference shows in what is played, too."""
        return self.fast.world

    @property
    def names(self) -> Any:
        """The compiled one's."""
        return self.fast.names

    @property
    def breaches(self) -> Any:
        """The compiled one's."""
        return self.fast.breaches

    def goes_on(self, cycle: int, begins: Any, blocks: int) -> None:
        self._both("goes_on", cycle, begins, blocks)

    def begins(self, first: Any, blocks: int) -> None:
        self._both("begins", first, blocks)

    def possible(self, event: Any, /, **values: Any) -> bool:
        answers = [judge.possible(event, **values) for judge in (self.plain, self.fast)]
        if answers[0] is not answers[1]:
            self.differences.append(f"whether {event.name} is possible: {answers}")
        return answers[0]

    def happens(self, event: Any, /, **values: Any) -> None:
        self._both("happens", event, **values)

    def if_possible(self, event: Any, /, **values: Any) -> bool:
        possible = self.possible(event, **values)
        if possible:
            self.happens(event, **values)
        return possible

    def hands_back(self, written: Any) -> None:
        self._both("hands_back", written)

    def completes_again(self) -> None:
        self._both("completes_again")

    def misbehaves(self, rule: str, what: str) -> None:
        self._both("misbehaves", rule, what)

    def _both(self, method: str, /, *args: Any, **values: Any) -> None:
        for judge in (self.plain, self.fast):
            getattr(judge, method)(*args, **values)
        self._compare(f"{method} {getattr(args[0], 'name', args[0]) if args else ''}")

    def _compare(self, when: str) -> None:
        self.events += 1
        world = self.plain.world
        held = load(self.fast.world.struct, world)
        for variable, left, right in zip(variables(world), values(world), values(held), strict=True):
            if left != right or type(left) is not type(right):
                self.differences.append(f"after {when}: {variable.name} is {left} and {right}")
        broke = [{name: b.steps for name, b in judge.breaches.items()} for judge in (self.plain, self.fast)]
        for name, left, right in (("breaches", *broke), ("reached", self.plain.reached, self.fast.reached)):
            if left != right:
                self.differences.append(f"after {when}: {name} are {left} and {right}")
        if list(self.plain.names) != self.fast.names:
            self.differences.append(f"after {when}: another action happened")


def twins(library: Any, factory: Any, scenario: Any, criteria: Any) -> Twin:
    """Play a scenario with two monitors."""
    twin = Twin(library, scenario, criteria)
    Play(factory, scenario, criteria, judge=twin).run()
    return twin
