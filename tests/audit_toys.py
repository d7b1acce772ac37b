"""A counter to be audited: somebody asks for 0 to 2 tickets, the clerk hands over 0 to 3, once.

Each specification of it has one defect at most. The rule that nothing is wrong with: as
many are handed over as were asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from toys import claim

from chimneysweep.audit.audited import Audited, Duty
from chimneysweep.audit.finding import Answer
from chimneysweep.audit.jobs import Inquiry, answer
from chimneysweep.model.design import Design, opened
from chimneysweep.model.event import Happening, event
from chimneysweep.model.logic import And, Implies, Not, Or, Value
from chimneysweep.model.records import BOOL, between, update, var
from chimneysweep.properties.property import Property
from chimneysweep.properties.subject import Part, Subject


@dataclasses.dataclass(frozen=True)
class Counter:
    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    asked: Value = var(between(0, 2))
    given: Value = var(between(0, 3))


@event("customer", tickets=between(0, 2))
def Ask(s: Any, p: Any) -> Happening:
    """somebody asks for {tickets}"""
    return And(Not(s.due), Not(s.answered)), update(s, due=True, asked=p.tickets)


@event("target", tickets=between(0, 3))
def Give(s: Any, p: Any) -> Happening:
    """the clerk hands over {tickets}"""
    return s.due, update(s, due=False, answered=True, given=p.tickets)


HONEST = opened(Give, lambda s, p: p.tickets == s.asked)
DUTY = Duty(due=lambda s: s.due, call="Give", settled=lambda s: s.answered)


def ask(question: Any, audited: Audited, effort: float = 1.0, only: frozenset[str] = frozenset()) -> Answer:
    """What a question answers, asked in this process, for the findings *only* or for all."""
    found: Answer = answer(audited, question.ask(Inquiry(audited, effort, only)))
    return found


def clause(
    name: str, holds: Callable[[Any], Value], premise: Callable[[Any], Value] | None = None, reading: str = ""
) -> Property:
    """A clause that applies when the clerk has answered, unless it says otherwise."""
    made = claim(name, holds, premise or (lambda s: s.answered))
    return dataclasses.replace(made, kind="clause", reading=reading)


EXACT = clause("as many as asked for", lambda s: s.given == s.asked)


def owed(name: str, holds: Callable[[Any], Value]) -> Property:
    """What somebody is owed once the clerk has answered."""
    return dataclasses.replace(claim(name, lambda s: Implies(s.answered, holds(s))), kind="guarantee")


SERVED = owed("everybody is served", lambda s: s.given >= s.asked)
THRIFTY = owed("none is given away", lambda s: s.given <= s.asked)
RULES = (EXACT, SERVED, THRIFTY)


def spec(name: str, *more: Property, rules: tuple[Property, ...] = RULES) -> Audited:
    """A specification of the counter: the sound rules (or those given), and some more."""
    part = Part("counter", events=(Ask, Give), steps=(HONEST,), properties=(*rules, *more))
    honest = Design("honest clerk", "Hands over what was asked for.")
    return Audited(Subject(name, name, lambda bounds: Counter(), parts=(part,), reference=honest), duty=DUTY)


SOUND = spec("sound")
"""Nothing is wrong with it."""

EVEN = clause("an even number", lambda s: Or(s.given == 0, s.given == 2))
INCONSISTENT = spec("inconsistent", EVEN, owed("pairs are kept", lambda s: Or(s.given == 0, s.given == 2)))
"""Whoever asks for one ticket cannot be answered."""

VACUOUS = spec(
    "vacuous",
    clause("three only for two", lambda s: s.asked == 2, lambda s: And(s.answered, s.given == 3)),
    clause("none for four", lambda s: s.given == 0, lambda s: And(s.answered, s.asked == 4)),
)
"""One rule is about an answer that another rule forbids, and one about a question nobody can ask."""

AMBIGUOUS = spec("ambiguous", clause(EXACT.id, lambda s: s.given <= s.asked, reading="at most"))
"""One rule can be read so that too few are enough."""

TWICE = spec("twice", clause(EXACT.id, lambda s: And(s.given <= s.asked, s.given >= s.asked), reading="both"))
"""One rule has a second reading that comes to the same."""
