"""A counter to be audited: somebody asks for 0 to 2 tickets, the clerk hands over 0 to 3, once.

Each specification of it has one defect at most. The rule that nothing is wrong with: as
many are handed over as were asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from toys import claim

from chimneysweep.audit.answers import Duty
from chimneysweep.audit.spec import Spec
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.kernel import Action, Parameter, System
from chimneysweep.model.logic import And, Implies, Not, Or, Value
from chimneysweep.model.records import BOOL, between, update, var
from chimneysweep.properties.property import Property


@dataclasses.dataclass(frozen=True)
class Counter:
    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    asked: Value = var(between(0, 2))
    given: Value = var(between(0, 3))


def _system(name: str, may_give: Callable[[Any, Any], Value]) -> System:
    ask = Action(
        "Ask",
        "customer",
        (Parameter("tickets", between(0, 2)),),
        lambda s, p: And(Not(s.due), Not(s.answered)),
        lambda s, p: update(s, due=True, asked=p.tickets),
        "somebody asks for {tickets}",
    )
    give = Action(
        "Give",
        "clerk",
        (Parameter("tickets", between(0, 3)),),
        lambda s, p: And(s.due, may_give(s, p)),
        lambda s, p: update(s, due=False, answered=True, given=p.tickets),
        "the clerk hands over {tickets}",
    )
    start = lambda s: And(Not(s.due), Not(s.answered), s.asked == 0, s.given == 0)  # noqa: E731 - a formula
    return System(name, Counter(), start, (ask, give))


def general(bounds: Bounds) -> System:
    """The clerk who does anything."""
    return _system("any clerk", lambda s, p: True)


def honest(bounds: Bounds) -> System:
    """The clerk who hands over what was asked for."""
    return _system("honest clerk", lambda s, p: p.tickets == s.asked)


DUTY = Duty(due=lambda s: s.due, call="Give", settled=lambda s: s.answered)


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


def spec(again: Callable[[], Spec], *more: Property) -> Spec:
    """A specification of the counter: the sound rules, and some more."""
    return Spec(
        again.__name__, (EXACT, SERVED, THRIFTY, *more), general, honest, world_size(), again, duty=DUTY
    )


def sound() -> Spec:
    """Nothing is wrong with it."""
    return spec(sound)


def inconsistent() -> Spec:
    """Whoever asks for one ticket cannot be answered."""

    def even(s: Any) -> Value:
        return Or(s.given == 0, s.given == 2)

    return spec(inconsistent, clause("an even number", even), owed("pairs are kept", even))


def vacuous() -> Spec:
    """One rule is about an answer that another rule forbids, and one about a question nobody can ask."""
    return spec(
        vacuous,
        clause("three only for two", lambda s: s.asked == 2, lambda s: And(s.answered, s.given == 3)),
        clause("none for four", lambda s: s.given == 0, lambda s: And(s.answered, s.asked == 4)),
    )


def ambiguous() -> Spec:
    """One rule can be read so that too few are enough."""
    return spec(ambiguous, clause(EXACT.id, lambda s: s.given <= s.asked, reading="at most"))


def twice() -> Spec:
    """One rule has a second reading that comes to the same."""
    same = clause(EXACT.id, lambda s: And(s.given <= s.asked, s.given >= s.asked), reading="both")
    return spec(twice, same)
