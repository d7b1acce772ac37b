"""A specification to be audited, with what the audit needs to know besides: a shop sells tickets.

Somebody asks for tickets, and the clerk hands some over. Is what the shop's rules say enough?

    chimneysweep audit examples/ticket_shop.py
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from chimneysweep.audit.audited import Audited, Duty
from chimneysweep.audit.rules import restrains
from chimneysweep.model.event import Happening, event
from chimneysweep.model.logic import And, Not, Value
from chimneysweep.model.records import BOOL, between, update, var
from chimneysweep.properties.property import Holding, Place, clause, conjunct, guarantee
from chimneysweep.properties.subject import Part, Subject


@dataclasses.dataclass(frozen=True)
class Counter:
    """What happens at the counter, once."""

    due: Value = var(BOOL)  # somebody waits for tickets
    answered: Value = var(BOOL)
    asked: Value = var(between(0, 2))
    given: Value = var(between(0, 3))


@event("customer", tickets=between(0, 2))
def Ask(s: Any, p: Any) -> Happening:
    """somebody asks for {tickets} tickets"""
    return And(Not(s.due), Not(s.answered)), update(s, due=True, asked=p.tickets)


@event("target", tickets=between(0, 3))
def Give(s: Any, p: Any) -> Happening:
    """the clerk hands over {tickets} tickets"""
    return s.due, update(s, due=False, answered=True, given=p.tickets)


def counter(s: Any) -> Iterator[Place]:
    """The one place that the rules speak of."""
    yield "the counter", ()


@clause("enough", "house rules", "1", each=counter)
def enough(s: Any) -> Holding:
    """Nobody gets fewer tickets than were asked for."""
    return s.answered, conjunct("enough are given", s.given >= s.asked, given=s.given, asked=s.asked)


@clause("enough", "house rules", "1", each=counter, reading="exactly")
def exactly(s: Any) -> Holding:
    """Everybody gets as many tickets as were asked for."""
    return s.answered, conjunct("as many are given", s.given == s.asked, given=s.given, asked=s.asked)


@guarantee("none.wasted", "the owner", each=counter)
def wasted(s: Any) -> Holding:
    """No ticket is given away."""
    return s.answered, conjunct("none is given away", s.given <= s.asked, given=s.given, asked=s.asked)


@restrains("tickets.not-given-away", "Give", guards="none.wasted")
def sparing(s: Any, p: Any, after: Any) -> Value:
    """No more tickets are handed over than were asked for."""
    return p.tickets <= s.asked


SHOP = Subject(
    "shop",
    "a shop sells tickets",
    lambda bounds: Counter(),
    parts=(Part("counter", events=(Ask, Give), properties=(enough, exactly, wasted)),),
)

SPECIFIED = Audited(SHOP, duty=Duty(lambda s: s.due, "Give", settled=lambda s: s.answered), rules=(sparing,))
"""An answer is due while somebody waits; the rule is a proposal, since no text of the shop states it."""
