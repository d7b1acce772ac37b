"""Readings that no target can keep where they apply: shown on a situation, not asserted.

A literal reading that is marked ``impossible_with`` other clauses is checked so: in the
situation of a run that breaks it, before the target has done anything, no answer at all
of the most general target makes it apply and keeps it together with those clauses.
"""

from __future__ import annotations

import dataclasses

from ..counterexamples.trace import Trace
from ..properties.loading import load_design
from ..properties.property import Property
from .audited import Audited, Duty
from .clashes import RulesAtOnce, Undecided
from .places import AnswerDue, along
from .possible_answers import Answers


@dataclasses.dataclass(frozen=True)
class ReadingShown:
    """Whether a reading is impossible in the situation of a trace, and in words what was decided."""

    impossible: bool
    says: str


def impossible(audited: Audited, reading: Property, trace: Trace) -> ReadingShown:
    """Decide whether any answer keeps *reading* and its clauses in the situation of *trace*.

    *trace* is one of a design that breaks the reading. Raises ValueError if the reading is not marked.
    """
    if not reading.impossible_with:
        raise ValueError(f"{reading.name} is not marked as impossible with any clause")
    duty = audited.duty
    place = None if duty is None else _situation(audited, trace, duty)
    if duty is None or place is None:
        return ReadingShown(False, "in this run no answer is due, so it shows nothing")
    alone = dataclasses.replace(
        duty, after=(), settled=lambda s: True
    )  # what others make of it does not matter
    answers = Answers(audited.general(trace.bounds), place.state, alone)
    rules = (reading, *(audited.find(name) for name in reading.impossible_with))
    names = ", ".join(reading.impossible_with)
    try:
        here = RulesAtOnce(answers, rules)
        kept = here.answer([rule.name for rule in rules], reading.premise(answers.states[1]))
    except Undecided as gave_up:
        return ReadingShown(False, f"undecided: {gave_up}")
    if kept is None:
        return ReadingShown(
            True, f"in the situation of this run, no answer to which it applies keeps it and {names}"
        )
    return ReadingShown(False, f"in the situation of this run there is an answer that keeps it and {names}")


def _situation(audited: Audited, trace: Trace, duty: Duty) -> AnswerDue | None:
    """Where the target of a trace has to answer, before it has done anything; None if nowhere."""
    design = load_design(trace.target, audited.whole)
    system = audited.whole.system(design, trace.bounds)
    end = AnswerDue.of(trace, system)
    places = along(end.system, trace.bounds, end.first, end.choices, duty)
    return places[1] if len(places) > 2 else next(iter(places), None)
