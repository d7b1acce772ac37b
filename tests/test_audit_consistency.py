"""Consistency: a clash is found and is a smallest one, and its situation replays; no other is found."""

from __future__ import annotations

import dataclasses
from typing import Any

import audit_toys
import pytest
from audit_toys import ask

from chimneysweep.audit.audited import Audited, Duty
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.finding import Answer
from chimneysweep.audit.places import AnswerDue
from chimneysweep.audit.questions import consistency
from chimneysweep.audit.readings import impossible
from chimneysweep.counterexamples.model_replay import replay_on_model
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.engines.worker import Job, work
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.event import Happening, event
from chimneysweep.model.kernel import System, arguments
from chimneysweep.model.logic import And, Not, Value
from chimneysweep.model.records import BOOL, update, var
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Property
from chimneysweep.properties.subject import Part

EVEN = audit_toys.EVEN.id


def test_a_planted_clash_is_found_in_the_one_situation_that_has_it() -> None:
    answer = ask(consistency, audit_toys.INCONSISTENT)
    (finding,) = answer.findings
    assert finding.id == f"consistency.{EVEN}+{audit_toys.EXACT.id}"
    assert set(finding.clauses) == {EVEN, audit_toys.EXACT.id}
    assert isinstance(finding.situation, Trace)
    assert [step.says for step in finding.situation.steps] == ["somebody asks for 1"]
    assert answer.examined == 3
    assert not answer.sound


@pytest.mark.parametrize("name", ["SOUND", "AMBIGUOUS", "VACUOUS", "TWICE"])
def test_where_every_situation_has_an_answer_there_is_no_finding(name: str) -> None:
    answer = ask(consistency, getattr(audit_toys, name))
    assert not answer.findings
    assert not answer.undecided
    assert [s.rests_on for s in answer.sound] == [
        "an answer was found in 3 situations, and there are no others"
    ]


def test_alternative_readings_of_one_clause_are_no_clash() -> None:
    other = audit_toys.clause(audit_toys.EXACT.id, lambda s: s.given == 0, reading="none")
    assert not ask(consistency, audit_toys.spec("other", other)).findings


def test_a_clash_is_reported_without_what_it_does_not_need() -> None:
    few = audit_toys.clause("two at most", lambda s: s.given <= 2)
    (finding,) = ask(consistency, audit_toys.spec("few", few, audit_toys.EVEN)).findings
    assert set(finding.clauses) == {EVEN, audit_toys.EXACT.id}


def test_work_that_ran_out_is_said() -> None:
    answer = ask(consistency, audit_toys.INCONSISTENT, effort=1e-9)
    assert set(answer.undecided) == {"inconsistent: a situation, its budget of work ran out"}
    assert not answer.findings


def test_what_a_target_made_impossible_itself_is_no_clash() -> None:
    """It threw a ticket away, so it cannot be right any more: nothing is wrong with the rules."""
    early = audit_toys.Duty(lambda s: s.due, "Give", before=("Waste",), settled=lambda s: s.answered)
    wasted = audit_toys.clause("nothing is wasted", lambda s: Not(And(s.answered, s.wasted)))
    answer = ask(consistency, wasteful(wasted, early))
    assert answer.examined > 3
    assert not answer.findings
    assert ask(consistency, wasteful(wasted, audit_toys.DUTY)).findings, "where it is no part of its answer"


def wasteful(rule: Property, duty: Duty) -> Audited:
    """The counter, with a clerk who may throw a ticket away."""

    @dataclasses.dataclass(frozen=True)
    class Waste:
        wasted: Value = var(BOOL)

    def throws(s: Any, p: Any) -> Happening:
        return And(Not(s.due), Not(s.answered)), update(s, wasted=True)

    throws.__name__, throws.__doc__ = "Waste", "the clerk throws a ticket away"
    sound = audit_toys.spec("wasteful", rule)
    part = Part("waste", fields={audit_toys.Counter: Waste}, events=(event("target")(throws),))
    return dataclasses.replace(sound, subject=sound.subject.with_parts(part), duty=duty)


@pytest.fixture(scope="module")
def real() -> Answer:
    return ask(consistency, AUDITED)


@pytest.mark.slow
def test_the_clashes_of_the_specification_and_no_others(real: Answer) -> None:
    assert {f.id.removeprefix("consistency.") for f in real.findings} == {
        "block.linker",
        "calls.send+chain.non-null",
        "chain.non-null",
        "chain.non-null+send-complete.in-order",
        "chain.non-null+snd.specified",
        "hardware-failure.abort-afterwards",
        "hardware-failure.completed-again",
        "return.upload-status",
        "timers.keepalive-union",
        "timers.open-window",
        "timers.persist-off",
        "timers.retransmit-off",
        "upload.fin-wait-2-order",
        "upload.hardware-failure",
        "upload.time-wait",
        "upload.urgent-data",
        "upload.window-probes",
    }
    assert not real.undecided
    assert len(real.sound) == 5, "the default readings, in each world, can be kept together"


@pytest.mark.slow
def test_each_situation_replays_and_leaves_no_answer(real: Answer) -> None:
    """The clash is decided anew from the trace alone, and is gone without any one of its clauses."""
    for finding in real.findings:
        assert isinstance(finding.situation, Trace)
        part = (AUDITED, *AUDITED.auxiliary)[finding.world]
        system = rebuilt(part, finding.situation)
        assert replay_on_model(finding.situation, system, part.find).ok
        place = AnswerDue.of(finding.situation, system)
        here = consistency.situation(part, place, [part.find(name) for name in finding.clauses])
        assert here.clash(finding.clauses) == set(finding.clauses)
        for name in finding.clauses:
            assert here.clash([n for n in finding.clauses if n != name]) is None


@pytest.mark.slow
def test_an_answer_that_is_found_can_be_given_and_keeps_every_clause() -> None:
    """What the formulas call an answer is followed in the Python semantics, in every tenth situation."""
    answered = 0
    for place in list(consistency.places(AUDITED))[::10]:
        here = consistency.situation(AUDITED, place, AUDITED.clauses)
        answer = here.answer([clause.name for clause in AUDITED.clauses])
        if answer is None:  # a target that had broken a clause already, by a status that it may not give
            continue
        answered += 1
        system, state = AUDITED.general(place.bounds), place.state
        for name, parameters in answer:
            action, p = system.action(name), arguments(parameters)
            assert action.guard(state, p), name
            state = action.effect(state, p)
            if name == "NdisMTerminateOffloadComplete":
                assert [c.name for c in AUDITED.clauses if not c.holds(state)] == []
        assert [c.name for c in AUDITED.clauses if not c.holds(state)] == []
    assert answered >= 3


def rebuilt(part: Audited, trace: Trace) -> System:
    """The system of a trace, in a world of its size."""
    made = (part.design(trace.bounds), part.general(trace.bounds))
    return next(system for system in made if system.name == trace.target)


# Readings that are marked as impossible, as `check` shows them.

LITERAL = "snd.specified@literal"


def broken_by_the_reference(name: str) -> Trace:
    answer = work(Job("refute", "reference", world_size(2, 2, 1, 1), 60, name, depth=6))
    assert answer.trace is not None
    return answer.trace


def test_the_marked_reading_is_impossible_where_the_reference_breaks_it() -> None:
    shown = impossible(AUDITED, CHIMNEY.find(LITERAL), broken_by_the_reference(LITERAL))
    assert shown.impossible
    assert "no answer to which it applies keeps it and snd.una" in shown.says


def test_a_reading_that_can_be_kept_is_not_called_impossible() -> None:
    kept = CHIMNEY.find("calls.send@literal")
    marked = dataclasses.replace(kept, impossible_with=("snd.una",))
    assert not impossible(AUDITED, marked, broken_by_the_reference(kept.name)).impossible


def test_what_is_not_marked_is_not_asked() -> None:
    with pytest.raises(ValueError, match="not marked"):
        impossible(AUDITED, CHIMNEY.find("snd.una"), broken_by_the_reference(LITERAL))
