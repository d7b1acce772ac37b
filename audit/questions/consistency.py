"""Consistency: is there a situation in which no answer of the target satisfies all clauses?

In each situation Z3 decides for all answers at once. Where none is left, rules are taken
away until each one that remains is needed: a smallest clash. Other readings are tried in
the place of the default ones, each by itself and all together, so that a clash between
sentences taken as they stand is found as well.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from ...properties.property import Property
from ..answers import Answers
from ..clashes import Names, Situation, Undecided
from ..finding import Answer, Finding, Sound
from ..situations import Place, along, explored, searched, small, walked
from ..spec import Spec

WALKS = 16
"""Random runs of the most general target on which situations are looked for."""
STATED = "stated"
"""The reading of rules that nobody doubts: a clash may rest on them, and is not about them."""

WHOLE = "and there are no others"
PART = (
    "many of them reached by random compliant runs; the design that keeps every clause shows that there "
    "is one wherever it comes itself, and says nothing of where only another compliant target comes"
)

Note = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class _Clash:
    names: Names
    place: Place

    @property
    def about(self) -> tuple[str, ...]:
        """The sentences that the clash is about: readings, if there are any."""
        doubted = [n for n in self.names if "@" in n and not n.endswith(f"@{STATED}")]
        return tuple(sorted(doubted or self.names))

    @property
    def size(self) -> tuple[int, int]:
        return len(self.place.choices), len(self.names)


def ask(spec: Spec, budget: float, note: Note) -> Answer:
    """Look for clashes in the world of *spec*, and in the rule sets beside it."""
    until = time.monotonic() + budget
    findings: list[Finding] = []
    examined, undecided, sound = 0, [], []
    for part in (spec, *spec.beside):
        asked = _Asked(part)
        for place in places(part):
            if time.monotonic() > until:
                undecided.append(f"{part.name}: out of time after {asked.situations} situations")
                break
            asked.ask(place)
            note(f"{part.name}, {asked.situations} situations, {len(asked.found)} clashes")
        findings += (_finding(part, clash) for clash in asked.smallest())
        undecided += asked.undecided
        examined += asked.situations
        sound += asked.sound()
    return Answer("consistency", examined, tuple(findings), tuple(sound), tuple(undecided))


def places(spec: Spec) -> Iterator[Place]:
    """The situations that are looked at, a small world's all of them."""
    duty = spec.duty
    if duty is None:
        return
    system = spec.general(spec.bounds)
    if small(system):
        yield from explored(system, spec.bounds, duty)
        return
    for scripted in spec.runs():
        yield from along(*scripted, duty)
    yield from searched(spec, spec.readings, duty)
    yield from walked(spec, system, duty, WALKS)


class _Asked:
    """What became of the situations of one world."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._whole = small(spec.general(spec.bounds))
        self.situations = 0
        self.found: dict[tuple[str, ...], _Clash] = {}
        self.undecided: list[str] = []

    def ask(self, place: Place) -> None:
        """Every clash of every choice of readings in one situation."""
        self.situations += 1
        try:
            for names in clashes(self.spec, place):
                clash = _Clash(names, place)
                before = self.found.get(clash.about)
                if before is None or clash.size < before.size:
                    self.found[clash.about] = clash
        except Undecided as gave_up:
            self.undecided.append(f"{self.spec.name}: a situation, the solver gave up: {gave_up}")

    def smallest(self) -> list[_Clash]:
        """Those that are about no more sentences than they need to be."""
        about = [set(clash.about) for clash in self.found.values()]
        return [c for c in self.found.values() if not any(a < set(c.about) for a in about)]

    def sound(self) -> list[Sound]:
        """That the default readings can be kept together, unless they cannot."""
        if not self.situations or any("@" not in "".join(c.names) for c in self.found.values()):
            return []
        what = f"{self.spec.name}: all {len(self.spec.clauses)} clauses in their default readings together"
        rests = f"an answer was found in {self.situations} situations, "
        return [Sound(what, rests + (WHOLE if self._whole else PART))]


def situation(spec: Spec, place: Place, rules: Iterable[Property]) -> Situation:
    """The answers of the most general target at a place, and the rules asked of them."""
    assert spec.duty is not None
    return Situation(Answers(spec.general(place.bounds), place.state, spec.duty), rules)


def clashes(spec: Spec, place: Place) -> Iterator[Names]:
    """Smallest sets of clauses, in readings of one's choice, that no answer at a place keeps.

    Readings that the run to the place has broken already are no choice there. Where a
    choice clashes, it is tried again without each reading that the clash needs.
    """
    passed = place.states()
    kept = [p for p in spec.properties if p.kind == "clause" and all(p.holds(state) for state in passed)]
    if not {c.name for c in spec.clauses} <= {p.name for p in kept}:
        return
    here = situation(spec, place, kept)
    cores: list[Names] = []
    tried: set[Names] = set()
    queue = [frozenset(chosen) for chosen in _choices([p.name for p in kept if p.reading])]
    for chosen in queue:
        if chosen in tried:
            continue
        tried.add(chosen)
        rules = _rules(spec, chosen)
        core = next((c for c in cores if c <= set(rules)), None)
        if core is None:
            core = here.clash(rules)
            if core is None:
                continue
            cores.append(core)
            if len({name.partition("@")[0] for name in core}) == len(core):
                yield core
        queue += [chosen - {name} for name in sorted(core & chosen)]


def _choices(readings: Sequence[str]) -> Iterator[Sequence[str]]:
    stated = [name for name in readings if name.endswith(f"@{STATED}")]
    yield stated
    yield from ([*stated, name] for name in readings)
    yield readings


def _rules(spec: Spec, chosen: Names) -> list[str]:
    """The default of every clause that has no chosen reading, and after them the chosen ones."""
    replaced = {name.partition("@")[0] for name in chosen}
    return [*(c.name for c in spec.clauses if c.id not in replaced), *sorted(chosen)]


def _shortened(spec: Spec, clash: _Clash) -> Place:
    """The place reached without the steps that the clash does not need."""
    place = clash.place
    rules = [spec.find(name) for name in clash.names]
    for n in reversed(range(len(place.choices))):
        fewer = place.without(n)
        if fewer is None or spec.duty is None or not spec.duty.due(fewer.state):
            continue
        if situation(spec, fewer, rules).clash(sorted(clash.names)) == clash.names:
            place = fewer
    return place


def _finding(spec: Spec, clash: _Clash) -> Finding:
    name = "+".join(sorted(n.partition("@")[0] for n in clash.about))
    names = sorted(clash.names, key=lambda n: (n not in clash.about, n))
    shows = (
        f"Where this run ends, no answer keeps all of {', '.join(names)}; with any one of them left out, "
        "one does."
    )
    return Finding(f"consistency.{name}", "consistency", tuple(names), shows, _shortened(spec, clash).trace())
