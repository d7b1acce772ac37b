"""Necessity: what is demanded and not stated is left out, and what falls without it is a hole."""

from __future__ import annotations

import harm_toys as toys
import pytest
from audit_toys import ask

from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.finding import Answer
from chimneysweep.audit.harm import Bound, Harm
from chimneysweep.audit.questions import necessity, sufficiency
from chimneysweep.audit.unstated import inferred
from chimneysweep.counterexamples.trace import Trace


@pytest.fixture(scope="module")
def found() -> Answer:
    return ask(necessity, toys.INFERRED)


def test_what_falls_without_an_inferred_clause_is_a_hole(found: Answer) -> None:
    (finding,) = found.findings
    assert finding.id == "necessity.no coat is soiled"
    assert "a sentence about umbrellas" in finding.shows
    assert isinstance(finding.situation, Trace)
    assert [step.action for step in finding.situation.steps] == ["HandIn", "Soil", "HandBack"]
    assert finding.situation.violation is not None
    assert finding.situation.violation.property == "g.spotless"


def test_an_inferred_clause_is_kept_elsewhere() -> None:
    assert not ask(sufficiency, toys.INFERRED).findings


def test_what_harms_nobody_is_sound() -> None:
    answer = ask(necessity, toys.HARMLESS)
    assert not answer.findings
    assert "inferred (nothing); without it no run of up to 8 steps does harm" in answer.sound[0].rests_on


def test_where_each_clause_is_stated_there_is_nothing_to_ask() -> None:
    assert "every clause is stated" in necessity.missing(toys.SOUND)


def test_work_that_ran_out_decides_nothing() -> None:
    answer = ask(necessity, toys.INFERRED, effort=1e-9)
    assert answer.undecided
    assert not answer.findings


# The real specification.


def test_what_is_left_out_is_there() -> None:
    rules = {rule.name for rule in AUDITED.rules}
    clauses = {clause.name for clause in AUDITED.clauses}
    for each in inferred(AUDITED):
        assert set(each.drops) <= rules | clauses
        assert set(each.guards) <= {g.name for g in AUDITED.guarantees}
        assert {p.id for p in each.instead} <= set(each.drops), "what stands in its place says less of it"


@pytest.mark.parametrize("name", ["chain.advanced", "chain.not-completed", "receive.once"])
def test_without_it_somebody_is_harmed_though_all_else_is_kept(name: str) -> None:
    each = next(each for each in inferred(AUDITED) if each.name == name)
    harm = necessity.without(AUDITED, name, each.guards, 1.0)
    assert harm.broken in each.guards


def test_what_nobody_needed_to_rule_harm_out_is_not_searched_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = next(iter(inferred(toys.HARMLESS)))
    kept = Harm(None, Bound(necessity.DEPTH, ("another clause",)))
    assert necessity._owed_elsewhere(toys.HARMLESS, each, kept)
    needed = Harm(None, Bound(necessity.DEPTH, each.drops))
    shallow = Harm(None, Bound(necessity.DEPTH - 1, ()))
    ran_out = Harm(None, Bound(necessity.DEPTH, (), "out of work"))
    assert not any(
        necessity._owed_elsewhere(toys.HARMLESS, each, k) for k in (None, needed, shallow, ran_out)
    )
    monkeypatch.setattr(necessity, "without", None)
    answer = ask(necessity, toys.HARMLESS)
    assert not answer.findings
    assert not answer.undecided


def test_what_falls_with_every_clause_kept_is_not_laid_at_the_door_of_an_inferred_one() -> None:
    answer = ask(necessity, toys.OPEN_AND_INFERRED)
    assert answer.findings == ()
    assert answer.sound == ()
    assert answer.remarks == (
        "g.spotless falls with every clause kept, so that nothing is asked about it here",
    )
