"""Events against states: what a specification says of each, and where it says nothing.

A state has a value on each axis (the connection's, the offload's). What is kept are sentences: each
speaks of some events in some states. What becomes of an event in a state is computed from the sentences
that speak of it: it is contradictory where they disagree, and unsaid where there are none.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Iterator
from typing import Literal

from .vocabulary import Said

Fate = Literal["allowed", "forbidden", "impossible", "unsaid", "contradictory"]
State = tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Spoken:
    """Some events in some states: ``where`` has the values that are meant, axis by axis."""

    events: tuple[str, ...]
    where: tuple[tuple[str, ...], ...]
    says: str

    def covers(self, event: str, state: State) -> bool:
        """Whether it speaks of *event* in *state*."""
        return event in self.events and all(v in some for v, some in zip(state, self.where, strict=True))


@dataclasses.dataclass(frozen=True)
class Ruling(Spoken):
    """What sentences say of them. Two that differ in ``outcome`` disagree, if both have one.

    ``impossible`` is what the protocol itself excludes; it needs no sentence.
    """

    fate: Fate = "allowed"
    places: tuple[Said, ...] = ()
    outcome: str = ""


@dataclasses.dataclass(frozen=True)
class Gap(Spoken):
    """What nothing is said of, or two things: ``finding`` reports it; "" if nobody pays, and why."""

    finding: str = ""


@dataclasses.dataclass(frozen=True)
class EventCase:
    """What becomes of an event in a state, by which sentences; ``gap`` is what is written about a hole."""

    event: str
    state: State
    fate: Fate
    rulings: tuple[Ruling, ...] = ()
    gap: Gap | None = None

    @property
    def says(self) -> str:
        """What is said of it, in our words."""
        return "; ".join(dict.fromkeys(said.says for said in (*self.rulings, *filter(None, [self.gap]))))


@dataclasses.dataclass(frozen=True)
class Occurrences:
    """The table: its events, the axes of its states with their values, what is said, and a usual state."""

    events: tuple[str, ...] = ()
    axes: tuple[tuple[str, ...], ...] = ()
    rulings: tuple[Ruling, ...] = ()
    gaps: tuple[Gap, ...] = ()
    usual: State = ()

    @property
    def states(self) -> list[State]:
        """Every state."""
        return list(itertools.product(*self.axes))

    @functools.cached_property
    def cells(self) -> tuple[EventCase, ...]:
        """Every event in every state."""
        return tuple(self._cell(event, state) for event in self.events for state in self.states)

    def _cell(self, event: str, state: State) -> EventCase:
        said = tuple(r for r in self.rulings if r.covers(event, state))
        fate = _fate(said)
        gap = next((g for g in self.gaps if g.covers(event, state)), None)
        return EventCase(event, state, fate, said, gap if fate in ("unsaid", "contradictory") else None)

    def wrong(self) -> Iterator[str]:
        """A line for everything that is not as it has to be."""
        known = [set(self.events), *map(set, self.axes)]
        for each in (*self.rulings, *self.gaps):
            for names, there in zip((each.events, *each.where), known, strict=True):
                yield from (f"{each.says}: there is no {name}" for name in names if name not in there)
        for ruling in self.rulings:
            if not ruling.places and ruling.fate != "impossible":
                yield f"{ruling.says}: cites no sentence"
        used = {id(cell.gap) for cell in self.cells}
        yield from (f"{gap.says}: nothing is missing there" for gap in self.gaps if id(gap) not in used)
        for cell in self.cells:
            where = f"{cell.event}, {', '.join(cell.state)}"
            if cell.fate in ("unsaid", "contradictory") and cell.gap is None:
                yield f"{where}: is {cell.fate}, and nothing is written about it"
            reported = (g.finding for g in self.gaps if g.finding and g.covers(cell.event, cell.state))
            if cell.fate not in ("unsaid", "contradictory") and any(reported):
                yield f"{where}: is reported as a hole, and is {cell.fate}"


def _fate(said: tuple[Ruling, ...]) -> Fate:
    fates = {ruling.fate for ruling in said}
    if "impossible" in fates:
        return "impossible"
    outcomes = {ruling.outcome for ruling in said if ruling.outcome}
    if len(fates) > 1 or len(outcomes) > 1:
        return "contradictory"
    return next(iter(fates), "unsaid")


MARKS: dict[Fate, str] = {
    "contradictory": "!",
    "unsaid": "?",
    "allowed": "+",
    "forbidden": "-",
    "impossible": ".",
}
"""How a cell is marked where there is room for one character."""


def marked(table: Occurrences) -> Iterator[tuple[str, ...]]:
    """The table on a page: of each event, its mark for every value of an axis, the others being as usual."""
    usual = table.usual or tuple(values[0] for values in table.axes)
    columns = [(axis, value) for axis, values in enumerate(table.axes) for value in values]
    cells = {(cell.event, cell.state): cell.fate for cell in table.cells}
    yield ("event", *(value for _, value in columns))
    for event in table.events:
        states = ((*usual[:axis], value, *usual[axis + 1 :]) for axis, value in columns)
        yield (event, *(MARKS[cells[event, state]] for state in states))


def grouped(cells: list[EventCase], axes: tuple[tuple[str, ...], ...]) -> Iterator[tuple[str, EventCase]]:
    """Cells of one event that are alike, each with the states that it stands for in words."""
    alike: dict[tuple[Fate, str], list[EventCase]] = {}
    for cell in cells:
        alike.setdefault((cell.fate, cell.says), []).append(cell)
    for some in alike.values():
        yield "; ".join(_in_words([c.state for c in some], axes)), some[0]


def _in_words(states: list[State], axes: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """The states, those that differ on the first axis alone together."""
    by_rest: dict[State, list[str]] = {}
    for state in states:
        by_rest.setdefault(state[1:], []).append(state[0])
    together: dict[State, list[State]] = {}
    for rest, firsts in by_rest.items():
        together.setdefault(tuple(firsts), []).append(rest)
    for some, rests in together.items():
        every = "in any state" if len(some) == len(axes[0]) > 1 else ", ".join(some)
        yield ", ".join(filter(None, (every, " or ".join(" ".join(rest) for rest in rests))))
