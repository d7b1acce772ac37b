"""A cloakroom to be audited: a coat is handed in, looked after by anybody, and handed back at most once.

The guarantees: the coat that comes back is clean, and only what was handed in comes back.
Each specification of the cloakroom has one defect at most.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from toys import claim

from chimneysweep.audit.rules import Rule
from chimneysweep.audit.spec import Spec
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.kernel import Action, System
from chimneysweep.model.logic import And, Implies, Not, Value
from chimneysweep.model.records import BOOL, update, var
from chimneysweep.properties.property import Property, Source


@dataclasses.dataclass(frozen=True)
class Cloakroom:
    taken: Value = var(BOOL)
    dirty: Value = var(BOOL)
    back: Value = var(BOOL)
    receipt: Value = var(BOOL)


def _action(name: str, actor: str, guard: Callable[[Any], Value], **changes: bool) -> Action:
    return Action(name, actor, (), lambda s, p: guard(s), lambda s, p: update(s, **changes))


HAND_IN = _action("HandIn", "guest", lambda s: And(Not(s.taken), Not(s.back)), taken=True)
SOIL = _action("Soil", "target", lambda s: s.taken, dirty=True)
HAND_BACK = _action("HandBack", "target", lambda s: Not(s.back), back=True)
SIGN = _action("Sign", "target", lambda s: True, receipt=True)


def general(bounds: Bounds) -> System:
    """An attendant who does anything."""
    nothing = lambda s: And(Not(s.taken), Not(s.dirty), Not(s.back), Not(s.receipt))  # noqa: E731 - a formula
    return System("any attendant", Cloakroom(), nothing, (HAND_IN, SOIL, HAND_BACK, SIGN))


def careful(bounds: Bounds) -> System:
    """An attendant who keeps every rule."""
    system = general(bounds)
    may = dataclasses.replace(HAND_BACK, guard=lambda s, p: And(s.taken, Not(s.dirty), Not(s.back)))
    return dataclasses.replace(system, name="careful attendant", actions=(HAND_IN, may))


def _clause(name: str, holds: Callable[[Any], Value], kind: str = "clause") -> Property:
    return dataclasses.replace(claim(name, holds), kind=kind)


CLEAN = _clause("no coat is soiled", lambda s: Not(s.dirty))
OWN = _clause("only what was handed in comes back", lambda s: Implies(s.back, s.taken))
SPOTLESS = _clause("g.spotless", lambda s: Not(And(s.back, s.dirty)), "guarantee")
REAL = _clause("g.real", lambda s: Implies(s.back, s.taken), "guarantee")
HOUSE = Source("tests/harm_toys.py")


def _spec(name: str, again: Callable[[], Spec], *properties: Property, rules: tuple[Rule, ...] = ()) -> Spec:
    return Spec(name, (*properties, SPOTLESS, REAL), general, careful, world_size(), again, rules=rules)


def sound() -> Spec:
    """Nothing is wrong with it: each clause is needed, and both are enough."""
    return _spec("sound", sound, CLEAN, OWN)


def _stays_clean(source: Source | None) -> Rule:
    return Rule(
        "coat.kept-clean", "No coat is soiled.", ("Soil",), lambda s, p, t: False, "g.spotless", source
    )


def hole() -> Spec:
    """Nobody forbids to soil a coat; a proposal would."""
    return _spec("hole", hole, OWN, rules=(_stays_clean(None),))


def open_hole() -> Spec:
    """Nobody forbids it, and nobody knows what would."""
    return _spec("open hole", open_hole, OWN)


def stated() -> Spec:
    """It is forbidden, if not by a clause."""
    return _spec("stated", stated, OWN, rules=(_stays_clean(HOUSE),))


def needless() -> Spec:
    """A proposal that closes nothing."""
    rule = Rule("coat.no-receipt", "No receipt.", ("Sign",), lambda s, p, t: False, "g.spotless")
    return _spec("needless", needless, CLEAN, OWN, rules=(rule,))


def redundant() -> Spec:
    """One clause says again what another says already."""
    again = _clause("no receipt for a soiled coat", lambda s: Not(And(s.dirty, s.receipt)))
    return _spec("redundant", redundant, CLEAN, OWN, again)


def unguarded() -> Spec:
    """One clause is about something that nobody is owed."""
    return _spec(
        "unguarded", unguarded, CLEAN, OWN, _clause("no receipt is signed", lambda s: Not(s.receipt))
    )
