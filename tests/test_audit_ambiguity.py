"""Ambiguity: readings that disagree are told apart on a run that replays, with what depends on the choice."""

from __future__ import annotations

import dataclasses
from typing import Any

import audit_toys
import pytest
from audit_toys import ask
from toys import claim

from chimneysweep.audit.asking import misreported
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.finding import Answer
from chimneysweep.audit.places import AnswerDue
from chimneysweep.audit.questions import ambiguity
from chimneysweep.audit.rules import Decision
from chimneysweep.counterexamples.model_replay import replay_on_model
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.model.event import Happening, event
from chimneysweep.model.logic import And, Not
from chimneysweep.model.records import between, update


def test_a_planted_ambiguity_is_found_with_the_guarantee_that_depends_on_it() -> None:
    (finding,) = ask(ambiguity, audit_toys.AMBIGUOUS).findings
    reading = f"{audit_toys.EXACT.id}@at most"
    assert finding.id == f"ambiguity.{reading}"
    assert finding.clauses == (reading, audit_toys.EXACT.id, audit_toys.SERVED.id)
    assert f"{audit_toys.SERVED.id} depends on the choice" in finding.shows
    assert isinstance(finding.situation, Trace)
    assert finding.situation.violation is not None
    assert finding.situation.violation.property == audit_toys.SERVED.id


def test_a_reading_that_no_guarantee_depends_on_is_found_without_one() -> None:
    few = audit_toys.clause("two at most", lambda s: s.given <= 2)
    fewer = audit_toys.clause(few.id, lambda s: s.given <= 1, reading="one")
    (finding,) = ask(ambiguity, audit_toys.spec("few", few, fewer)).findings
    assert finding.clauses == ("two at most@one", "two at most")
    assert "No guarantee was seen to depend on the choice." in finding.shows
    assert isinstance(finding.situation, Trace)
    assert len(finding.situation.steps) == 2


@pytest.mark.parametrize("name", ["SOUND", "INCONSISTENT", "VACUOUS"])
def test_where_there_are_no_readings_it_cannot_be_asked(name: str) -> None:
    assert ambiguity.missing(getattr(audit_toys, name)) == "no clause has a second reading"


def test_two_readings_that_come_to_the_same_are_no_finding() -> None:
    answer = ask(ambiguity, audit_toys.TWICE)
    assert not answer.findings
    assert [s.what for s in answer.sound] == [f"{audit_toys.EXACT.id}@both and the default reading agree"]


def test_work_that_ran_out_is_said() -> None:
    answer = ask(ambiguity, audit_toys.AMBIGUOUS, effort=1e-9)
    assert f"{audit_toys.EXACT.id}@at most: its budget of work ran out" in answer.undecided
    assert not answer.findings


@event("customer", tickets=between(0, 1))
def Ask(s: Any, p: Any) -> Happening:
    """somebody asks for {tickets}, of which two are too many"""
    return And(Not(s.due), Not(s.answered)), update(s, due=True, asked=p.tickets)


MODEST = dataclasses.replace(claim("modest", lambda s: s.asked < 2), kind="guarantee")
DECIDED = dataclasses.replace(
    (sound := audit_toys.spec("decided", MODEST)),
    subject=sound.subject.with_events(Ask),
    decided=(Decision("asks@two", "One at most.", "Two.", (audit_toys.Ask,), ("modest",)),),
)


def test_a_decision_is_asked_the_other_way_and_its_run_replays_in_that_world() -> None:
    assert ambiguity.missing(DECIDED) == ""
    (finding,) = ask(ambiguity, DECIDED).findings
    assert (finding.id, finding.clauses, finding.world) == ("ambiguity.asks@two", ("modest",), 1)
    assert isinstance(finding.situation, Trace)
    assert [step.action for step in finding.situation.steps] == ["Ask"]
    assert list(misreported(DECIDED, [finding])) == []
    assert list(misreported(DECIDED, [dataclasses.replace(finding, world=0)])) != []


def test_a_decision_that_changes_nothing_is_sound_and_work_that_ran_out_decides_none() -> None:
    same = dataclasses.replace(DECIDED.decided[0], events=(Ask,))
    answer = ask(ambiguity, dataclasses.replace(DECIDED, decided=(same,)))
    assert (answer.findings, [s.rests_on for s in answer.sound][-1:]) == (
        (),
        ["either way no run of up to 6 steps does harm"],
    )
    assert ask(ambiguity, DECIDED, effort=1e-9).undecided


@pytest.fixture(scope="module")
def real() -> Answer:
    return ask(ambiguity, AUDITED)


DEPEND = {
    "receive.kept@optional": "guarantee.receive-kept",
    "resources.after-complete@begun": "guarantee.not-used-after-free",
}


@pytest.mark.slow
def test_every_reading_disagrees_with_the_default_one(real: Answer) -> None:
    wanted = [pair.reading.name for pair in ambiguity.pairs(AUDITED)]
    found = [f.id.removeprefix("ambiguity.") for f in real.findings]
    assert found == [*wanted, "host.queue@returned-first"]
    assert not real.undecided
    depend = {f.clauses[0]: f.clauses[2] for f in real.findings if len(f.clauses) > 2}
    assert depend == DEPEND


@pytest.mark.slow
def test_each_situation_replays_and_shows_it(real: Answer) -> None:
    assert list(misreported(AUDITED, real.findings)) == []
    for finding in (f for f in real.findings if not f.world):  # a decision is asked in a world of its own
        trace = finding.situation
        assert isinstance(trace, Trace)
        assert trace.violation is not None
        system = AUDITED.general(trace.bounds)
        assert replay_on_model(trace, system, AUDITED.find).ok
        name, default, *guarantees = finding.clauses
        states = AnswerDue.of(trace, system).states()
        kept = {n: all(AUDITED.find(n).holds(s) for s in states) for n in (name, default, *guarantees)}
        assert kept[name] != kept[default], name
        assert trace.violation.property in finding.clauses
        assert not any(kept[guarantee] for guarantee in guarantees)
        rest = [c for c in AUDITED.clauses if c.id != AUDITED.find(default).id]
        assert all(clause.holds(state) for clause in rest for state in states), name
