"""A cloakroom to be audited: a coat is handed in, looked after by anybody, and handed back at most once.

The guarantees: the coat that comes back is clean, and only what was handed in comes back.
Each specification of the cloakroom has one defect at most.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from toys import claim

from chimneysweep.audit.audited import Audited
from chimneysweep.audit.rules import Rule, restrains
from chimneysweep.model.design import Design, opened
from chimneysweep.model.event import Happening, event
from chimneysweep.model.logic import And, Implies, Not, Value
from chimneysweep.model.records import BOOL, update, var
from chimneysweep.properties.property import Property, Source
from chimneysweep.properties.subject import Part, Subject


@dataclasses.dataclass(frozen=True)
class Cloakroom:
    taken: Value = var(BOOL)
    dirty: Value = var(BOOL)
    back: Value = var(BOOL)
    receipt: Value = var(BOOL)


@event("guest")
def HandIn(s: Any, p: Any) -> Happening:
    """a coat is handed in"""
    return And(Not(s.taken), Not(s.back)), update(s, taken=True)


@event("target")
def Soil(s: Any, p: Any) -> Happening:
    """the coat is soiled"""
    return s.taken, update(s, dirty=True)


@event("target")
def HandBack(s: Any, p: Any) -> Happening:
    """the coat is handed back"""
    return Not(s.back), update(s, back=True)


@event("target")
def Sign(s: Any, p: Any) -> Happening:
    """a receipt is signed"""
    return True, update(s, receipt=True)


CAREFUL = opened(HandBack, lambda s, p: And(s.taken, Not(s.dirty)))


def _clause(name: str, holds: Callable[[Any], Value], kind: Any = "clause") -> Property:
    return dataclasses.replace(claim(name, holds), kind=kind)


CLEAN = _clause("no coat is soiled", lambda s: Not(s.dirty))
OWN = _clause("only what was handed in comes back", lambda s: Implies(s.back, s.taken))
SPOTLESS = _clause("g.spotless", lambda s: Not(And(s.back, s.dirty)), "guarantee")
REAL = _clause("g.real", lambda s: Implies(s.back, s.taken), "guarantee")
HOUSE = Source("tests/harm_toys.py")


def _spec(name: str, *properties: Property, rules: tuple[Rule, ...] = ()) -> Audited:
    events = (HandIn, Soil, HandBack, Sign)
    part = Part("cloakroom", events=events, steps=(CAREFUL,), properties=(*properties, SPOTLESS, REAL))
    careful = Design("careful attendant", "Keeps every rule.")
    subject = Subject(name, name, lambda bounds: Cloakroom(), parts=(part,), reference=careful)
    return Audited(subject, rules=rules)


def _kept_clean(source: Source | None) -> Rule:
    @restrains("coat.kept-clean", "Soil", guards="g.spotless", source=source)
    def kept_clean(s: Any, p: Any, after: Any) -> Value:
        """No coat is soiled."""
        return False

    return kept_clean


@restrains("coat.no-receipt", "Sign", guards="g.spotless")
def no_receipt(s: Any, p: Any, after: Any) -> Value:
    """No receipt."""
    return False


SOUND = _spec("sound", CLEAN, OWN)
"""Nothing is wrong with it: each clause is needed, and both are enough."""

HOLE = _spec("hole", OWN, rules=(_kept_clean(None),))
"""Nobody forbids to soil a coat; a proposal would."""

OPEN_HOLE = _spec("open hole", OWN)
"""Nobody forbids it, and nobody knows what would."""

STATED = _spec("stated", OWN, rules=(_kept_clean(HOUSE),))
"""It is forbidden, if not by a clause."""

NEEDLESS = _spec("needless", CLEAN, OWN, rules=(no_receipt,))
"""A proposal that closes nothing."""

INFERRED = _spec("inferred", dataclasses.replace(CLEAN, inferred="a sentence about umbrellas"), OWN)
"""That no coat is soiled is demanded, and no sentence says so."""

UNSIGNED = dataclasses.replace(_clause("no receipt is signed", lambda s: Not(s.receipt)), inferred="nothing")

OPEN_AND_INFERRED = _spec("open and inferred", OWN, UNSIGNED)
"""Nothing keeps coats clean, with what is inferred and without it."""

HARMLESS = _spec(
    "harmless",
    CLEAN,
    OWN,
    UNSIGNED,
)
"""One clause is inferred, and nobody is harmed without it."""
