"""Vacuity: premises that cannot hold are found, and so is what has to fail before one can."""

from __future__ import annotations

import dataclasses

import audit_toys
import pytest
from audit_toys import ask

from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.finding import Computed
from chimneysweep.audit.questions import vacuity
from chimneysweep.counterexamples.model_replay import replay_on_model
from chimneysweep.counterexamples.trace import Trace


def test_planted_premises_that_cannot_hold_are_found() -> None:
    forbidden, never = ask(vacuity, audit_toys.VACUOUS).findings
    assert forbidden.id == "vacuity.three only for two"
    assert forbidden.clauses == ("three only for two", audit_toys.EXACT.id)
    assert isinstance(forbidden.situation, Trace)
    assert [step.says for step in forbidden.situation.steps][-1] == "the clerk hands over 3"
    assert never.id == "vacuity.none for four"
    assert never.clauses == ("none for four",)
    assert "by induction, for any number of steps" in never.shows
    assert isinstance(never.situation, Computed)


def test_the_one_clause_that_has_to_fail_is_named() -> None:
    late = audit_toys.clause("three are thanked for", lambda s: True, lambda s: s.given == 3)
    few = audit_toys.clause("two at most", lambda s: s.given <= 2)
    asked = audit_toys.clause("nobody asks for three", lambda s: s.asked < 3)
    spec = audit_toys.spec("late", rules=(asked, few, late))
    (finding,) = ask(vacuity, spec).findings
    assert finding.clauses == ("three are thanked for", "two at most")


@pytest.mark.parametrize("name", ["SOUND", "INCONSISTENT", "AMBIGUOUS", "TWICE"])
def test_where_every_premise_can_hold_there_is_no_finding(name: str) -> None:
    spec = getattr(audit_toys, name)
    answer = ask(vacuity, spec)
    assert not answer.findings
    assert not answer.undecided
    assert answer.examined == len(spec.clauses)


def test_a_premise_that_needs_a_presumption_broken_is_found() -> None:
    one = audit_toys.clause("nobody asks for two", lambda s: s.asked < 2, lambda s: s.due)
    rare = audit_toys.clause("two go to who asked", lambda s: s.asked == 2, lambda s: s.given == 2)
    spec = dataclasses.replace(audit_toys.spec("rare", rare), presumed=(one,))
    (finding,) = ask(vacuity, spec).findings
    assert finding.id == "vacuity.nobody asks for two"
    assert finding.clauses == ("nobody asks for two", "two go to who asked")


def test_a_presumption_that_nothing_depends_on_is_no_finding() -> None:
    idle = audit_toys.clause("nobody asks twice", lambda s: True, lambda s: s.due)
    spec = dataclasses.replace(audit_toys.SOUND, presumed=(idle,))
    assert not ask(vacuity, spec).findings


@pytest.mark.slow
def test_the_specification_has_no_empty_premise_but_one_that_the_host_prevents() -> None:
    answer = ask(vacuity, AUDITED)
    (finding,) = answer.findings
    waits = "terminate.not-before-calls@completed"
    assert finding.clauses == (waits, "receive-complete.upload-status", "disconnect.upload-status")
    assert not answer.undecided
    assert answer.sound[0].what.startswith(f"{answer.examined} premises")
    trace = finding.situation
    assert isinstance(trace, Trace)
    assert replay_on_model(trace, AUDITED.design(trace.bounds), AUDITED.find).ok
