"""Spacer on systems that are known by heart, and on one step of the real model."""

from __future__ import annotations

import pytest
import z3
from toys import TOYS, Toy, claim

from chimneysweep.engines import spacer
from chimneysweep.engines.effort import RAN_OUT
from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.spacer import GaveUp, Inductive, Reachable, decide, doubts
from chimneysweep.model.chimney.state import world_size
from chimneysweep.properties.chimney.chimney import CHIMNEY

DECIDED = {name: toy for name, toy in TOYS.items() if name != "numbers"}  # too many remainders
every_toy = pytest.mark.parametrize("toy", DECIDED.values(), ids=list(DECIDED))


@every_toy
def test_what_holds_is_proved_without_a_lemma(toy: Toy) -> None:
    for prop in (toy.true, toy.needy, toy.lemma):
        encoded = Encoded(toy.system)
        outcome = decide(encoded, prop)
        assert isinstance(outcome, Inductive), (prop.name, outcome)
        assert outcome.conjuncts
        assert not list(doubts(encoded, outcome.invariant, encoded.claim(prop)))


@every_toy
def test_what_does_not_hold_is_reachable(toy: Toy) -> None:
    assert decide(Encoded(toy.system), toy.false) == Reachable()
    assert decide(Encoded(toy.system), claim("never", lambda s: False)) == Reachable()


@every_toy
def test_a_wrong_invariant_is_turned_down(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = Encoded(toy.system)
    needy = encoded.claim(toy.needy)
    assert list(doubts(encoded, needy, needy)), "it is not inductive"
    assert list(doubts(encoded, z3.BoolVal(True), needy)) == ["the property: sat"]
    assert "the initial states: sat" in list(doubts(encoded, z3.BoolVal(False), needy))
    monkeypatch.setattr(z3.Fixedpoint, "get_cover_delta", lambda *arguments: z3.BoolVal(True))
    outcome = decide(encoded, toy.needy)
    assert isinstance(outcome, GaveUp)
    assert "does not stand" in outcome.reason


def test_a_budget_that_ran_out_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(z3.Fixedpoint, "query", lambda *arguments: z3.unknown)
    monkeypatch.setattr(z3.Fixedpoint, "reason_unknown", lambda self: "canceled")
    assert spacer.decide(Encoded(TOYS["ring"].system), TOYS["ring"].true) == GaveUp(RAN_OUT)


ONE = world_size(buffers=1, blocks=1, connections=1, requests=1)


@pytest.mark.slow
def test_it_decides_a_clause_on_the_real_model() -> None:
    """Nobody gave it a lemma."""
    clause = CHIMNEY.find("status.placeholder")
    outcome = decide(Encoded(CHIMNEY.system("reference", ONE)), clause)
    assert isinstance(outcome, Inductive), outcome
    outcome = decide(Encoded(CHIMNEY.system(CHIMNEY.design("placeholder-failed"), ONE)), clause)
    assert outcome == Reachable()
