"""Readings that no target can keep where they apply: shown on a situation, not asserted.

A literal reading that is marked ``impossible_with`` other clauses is checked so: in the
situation of a run that breaks it, before the target has done anything, no answer at all
of the most general target makes it apply and keeps it together with those clauses.
"""

from __future__ import annotations

import dataclasses

from ..counterexamples.trace import Trace
from ..properties.chimney.subject import CHIMNEY
from ..properties.loading import load_design
from ..properties.property import Property
from .answers import Answers
from .clashes import Situation, Undecided
from .handover import TERMINATION
from .situations import Place, along

CALL_ALONE = dataclasses.replace(TERMINATION, after=(), settled=lambda s: True)
"""The answer up to the call: what the host makes of it does not matter here."""


@dataclasses.dataclass(frozen=True)
class Shown:
    """Whether a reading is impossible in the situation of a trace, and in words what was decided."""

    impossible: bool
    says: str


def situation(trace: Trace) -> Place | None:
    """Where the target of a trace has to answer, before it has done anything; None if nowhere."""
    end = Place.of(trace, CHIMNEY.system(load_design(trace.target, CHIMNEY), trace.bounds))
    places = along(end.system, trace.bounds, end.first, end.choices, TERMINATION)
    return places[1] if len(places) > 2 else next(iter(places), None)


def impossible(reading: Property, trace: Trace) -> Shown:
    """Decide whether any answer keeps *reading* and its clauses in the situation of *trace*.

    *trace* is one of a design that breaks the reading. Raises ValueError if the reading is not marked.
    """
    if not reading.impossible_with:
        raise ValueError(f"{reading.name} is not marked as impossible with any clause")
    place = situation(trace)
    if place is None:
        return Shown(False, "in this run no answer is due, so it shows nothing")
    answers = Answers(CHIMNEY.system("general", trace.bounds), place.state, CALL_ALONE)
    rules = (reading, *(CHIMNEY.find(name) for name in reading.impossible_with))
    names = ", ".join(reading.impossible_with)
    try:
        here = Situation(answers, rules)
        kept = here.answer([rule.name for rule in rules], reading.premise(answers.states[1]))
    except Undecided as gave_up:
        return Shown(False, f"the solver gave up ({gave_up})")
    if kept is None:
        return Shown(
            True, f"in the situation of this run, no answer to which it applies keeps it and {names}"
        )
    return Shown(False, f"in the situation of this run there is an answer that keeps it and {names}")
