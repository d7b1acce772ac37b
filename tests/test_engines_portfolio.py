"""The portfolio: what it calls proved is proved, and what goes wrong is told and costs little."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import z3
from executable_only import EXECUTABLE_ONLY
from toys import claim

from chimneysweep.counterexamples.trace import Trace, run
from chimneysweep.engines import induction, portfolio, worker
from chimneysweep.engines.effort import RAN_OUT
from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.induction import START, Limits
from chimneysweep.engines.portfolio import CheckRequest, Report, _Check, check
from chimneysweep.engines.verdict import Proved, Unknown, Verdict, Violated
from chimneysweep.engines.worker import Job, JobAnswer, work
from chimneysweep.model.chimney.state import World, world_size
from chimneysweep.model.design import Deed, Design, remember
from chimneysweep.model.logic import Value
from chimneysweep.model.records import rebuild
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.loading import SubjectRef
from chimneysweep.properties.subject import Subject

TINY = world_size(buffers=1, blocks=2, connections=1, requests=1)
SMALL = world_size(buffers=2, blocks=4, connections=2, requests=1)
RULES = CHIMNEY.of_kind("clause", "guarantee", "rule", "refinement")
LITERAL = ("snd.specified@literal", "calls.send@literal")
NOT_KEPT = (
    *LITERAL,
    "snd.max@last",
    "send-complete.bytes@sent",
    "send-complete.in-order@before-disconnect",
)
"""Readings that the reference does not take."""
SOME = ("status.placeholder", "snd.wnd", "snd.max", "rcv.nxt", "resources.freed")


Spoil = Callable[[Job], JobAnswer | None]


class Here:
    """A pool of no processes: jobs are done one after the other, and some answers are spoiled."""

    def __init__(self, spoil: Spoil = lambda job: None) -> None:
        self.spoil = spoil
        self.done: list[tuple[Job, JobAnswer]] = []

    def answers(self, jobs: Iterable[Job | None]) -> Iterator[tuple[Job, JobAnswer]]:
        for job in jobs:
            if job is None:  # wait for the next answer: there is none to wait for
                raise AssertionError("a job waits for itself")
            answer = self.spoil(job) or work(job)
            self.done.append((job, answer))
            yield job, answer


def checked(pool: Here, **request: Any) -> _Check:
    """A check that was run in this process."""
    state = _Check(CheckRequest(**{"bounds": TINY, "depth": 2, **request}), pool, lambda result: None)
    state.run()
    return state


def verdicts(state: _Check) -> dict[str, Verdict]:
    return {name: result.verdict for name, result in state.results.items()}


def alone(pool: Here) -> list[Job]:
    """The steps that were asked for a property by itself."""
    return [job for job, _ in pool.done if job.task == "step" and job.sparing]


# The reference keeps every rule; what no target can keep is refuted.


@pytest.mark.slow
def test_the_reference_keeps_every_rule() -> None:
    pool = Here()
    state = checked(pool, bounds=SMALL, depth=6)
    found = verdicts(state)
    assert set(found) == {p.name for p in RULES}
    assert not alone(pool), "where every premise stood, nothing falls otherwise by itself"
    for name, verdict in found.items():
        if name in NOT_KEPT:
            assert isinstance(verdict, Violated), name
            assert len(verdict.trace.steps) == verdict.exhausted + 1
        else:
            assert isinstance(verdict, Proved), name
            assert verdict.rechecked
            assert not any("@" in lemma for lemma in verdict.certificate)
    assert {*state.dropped} == {*NOT_KEPT}, "the reference keeps every lemma"


def test_the_literal_readings_are_those_that_there_are() -> None:
    assert tuple(p.name for p in CHIMNEY.properties if p.reading == "literal") == LITERAL


@pytest.mark.timeout(1200)
def test_the_reference_keeps_every_rule_at_the_default_bounds() -> None:
    """What `make check` says, every day: where a rule changes, a lemma may lose its proof."""
    report = check(CheckRequest())
    kinds = {r.property: type(r.verdict) for r in report.results}
    assert kinds == {p.name: Violated if p.name in NOT_KEPT else Proved for p in RULES}
    assert report.total
    assert not report.dropped, "a refuted reading is no lemma"
    assert {w.property for w in report.witnesses if w.reachable is False} == EXECUTABLE_ONLY
    assert all(w.reachable for w in report.witnesses if w.property not in EXECUTABLE_ONLY)


# Premises.


def test_every_premise_is_reached_by_a_run_that_replays() -> None:
    state = _Check(CheckRequest(bounds=world_size(2, 2, 1, 1)), Here(), lambda result: None)
    witnesses = {w.property: w for w in state.witnesses()}
    assert set(witnesses) == {p.name for p in RULES}
    assert {name for name, witness in witnesses.items() if not witness.reachable} == EXECUTABLE_ONLY
    for name in witnesses.keys() - EXECUTABLE_ONLY:
        witness = witnesses[name]
        assert witness.trace is not None
        assert witness.steps == len(witness.trace.steps)
        assert CHIMNEY.find(name).premise(replayed(witness.trace)), name


def replayed(trace: Trace) -> World:
    """The last state of a trace, run again in the Python semantics."""
    system = CHIMNEY.system("reference", trace.bounds)
    first = rebuild(system.template, list(trace.initial.values()))
    _, last = run(system, first, [(step.action, step.parameters) for step in trace.steps])
    return last


@pytest.fixture
def afresh() -> Iterator[Callable[[], None]]:
    """Forgets the system that jobs were done on, now and after the test."""
    yield worker._bench.cache_clear
    worker._bench.cache_clear()


IMPOSSIBLE = {
    "planted.false": lambda world: False,
    "planted.twice": lambda world: world.completions == 2,
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_premise_that_never_holds_is_no_success(
    name: str, monkeypatch: pytest.MonkeyPatch, afresh: Callable[[], None]
) -> None:
    planted = claim(name, lambda world: world.completions < 5, IMPOSSIBLE[name])
    wider = CHIMNEY.with_properties("planted", [planted])
    monkeypatch.setattr(SubjectRef, "load", lambda ref: wider)
    afresh()
    state = checked(Here(), properties=(name,), depth=1)
    assert isinstance(verdicts(state)[name], Proved), "it holds, for want of a case"
    (witness,) = state.witnesses()
    assert witness.reachable is (False if name == "planted.false" else None), (
        "no proof here excludes the other"
    )
    assert witness.trace is None


def test_a_premise_that_was_not_reached_is_not_called_impossible(
    monkeypatch: pytest.MonkeyPatch, afresh: Callable[[], None]
) -> None:
    planted = claim("planted.far", lambda world: world.completions < 5, lambda w: w.conns[0].peer.sent == 777)
    wider = CHIMNEY.with_properties("planted", [planted])
    monkeypatch.setattr(SubjectRef, "load", lambda ref: wider)
    afresh()
    state = checked(Here(), properties=("planted.far",), depth=1)
    (witness,) = state.witnesses()
    assert (witness.reachable, witness.steps) == (None, 1), "that is how deep it was looked for"
    monkeypatch.setattr(state, "budget", dataclasses.replace(state.budget, depth=2))
    (witness,) = state.witnesses()
    assert (witness.reachable, witness.steps) == (True, 2)


# What goes wrong.

DIED = JobAnswer(None, reason="its worker process died (exit code 7)")


def test_a_crash_costs_one_property() -> None:
    """Some steps die with snd.max among their claims, and so does the search for a counterexample."""
    pool = Here(lambda job: DIED if "snd.max" in (*job.claims, job.property) and job.number < 3 else None)
    found = verdicts(checked(pool, properties=SOME))
    lost = found.pop("snd.max")
    assert isinstance(lost, Unknown)
    assert DIED.reason in lost.reason
    assert set(found) == {*SOME} - {"snd.max"}
    for name, verdict in found.items():
        assert isinstance(verdict, Proved), name
        assert "snd.max" not in verdict.certificate


RECHECKS = {
    "step 3: sat": lambda job: JobAnswer(False, reason="step 3: sat") if job.number == 3 else None,
    DIED.reason: lambda job: DIED if job.number == START else None,
}


@pytest.mark.parametrize("reason", RECHECKS)
def test_a_fresh_solver_that_does_not_confirm_stops_every_proof(reason: str) -> None:
    pool = Here(lambda job: RECHECKS[reason](job) if job.task == "confirm" else None)
    for name, verdict in verdicts(checked(pool, properties=SOME)).items():
        assert isinstance(verdict, Unknown), name
        assert reason in verdict.reason


def test_an_induction_that_lies_is_found_out() -> None:
    name = LITERAL[1]

    def hide(job: Job) -> JobAnswer | None:
        if job.task != "step":
            return None
        return dataclasses.replace(work(job), ok=True, fallen={})

    verdict = verdicts(checked(Here(hide), properties=(name,)))[name]
    assert isinstance(verdict, Unknown)
    assert "a fresh solver did not" in verdict.reason


@pytest.mark.slow
def test_a_budget_that_ran_out_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(induction, "FIRST_TRY", 1)
    monkeypatch.setattr(worker, "_limits", lambda job: Limits(effort=1))
    for name, verdict in verdicts(checked(Here(), properties=SOME, effort=1)).items():
        assert isinstance(verdict, Unknown), name
        assert RAN_OUT in verdict.reason
        assert verdict.bound < 2, "the search was not exhausted"


def timeless(report: Report) -> Report:
    """A report without what a clock says."""
    results = tuple(dataclasses.replace(r, seconds=0.0) for r in report.results)
    witnesses = tuple(dataclasses.replace(w, seconds=0.0) for w in report.witnesses)
    return dataclasses.replace(report, results=results, witnesses=witnesses, seconds=0.0)


def test_the_number_of_workers_and_earlier_jobs_change_nothing() -> None:
    request = CheckRequest(bounds=TINY, depth=2, workers=1, properties=("snd.wnd", LITERAL[0]))
    alone = timeless(check(request))
    assert timeless(check(dataclasses.replace(request, workers=3))) == alone
    work(Job("refute", "reference", TINY, property="rcv.nxt", depth=1))
    work(Job("confirm", "reference", TINY, claims=("snd.max",), number=2))
    state = checked(Here(), properties=request.properties)
    found = {name: dataclasses.replace(r, seconds=0.0) for name, r in state.results.items()}
    assert found == {r.property: r for r in alone.results}


def test_one_property_needs_few_claims() -> None:
    verdict = verdicts(checked(Here(), properties=("status.placeholder",)))["status.placeholder"]
    assert isinstance(verdict, Proved)
    assert "status.placeholder" in verdict.certificate
    assert len(verdict.certificate) < len(CHIMNEY.properties) / 4, verdict.certificate


def test_a_depth_that_ran_out_is_no_proof() -> None:
    verdict = verdicts(checked(Here(), properties=(LITERAL[1],), depth=2))[LITERAL[1]]
    assert isinstance(verdict, Unknown)
    assert verdict.bound == 2
    assert verdict.induction is not None


# A design that breaks a lemma, and no rule.


def _odd(reference: Any, s: World, c: int, when: Value) -> list[Deed]:
    """Forgets the data that it held out of order by putting both ends at -1."""
    return [remember("conns", c, "own", when=when, sack_from=-1, sack_to=-1)]


ODD = CHIMNEY.the_reference.but("odd", "it drains, and puts the ends at -1", drop_sacked=_odd)
STAND, ALONE = ("status.placeholder", "snd.wnd", "resources.freed"), ("snd.max", "rcv.nxt")
"""What needs no lemma that fell; what falls with it, and needs of it what holds."""


def _with_odd(name: str, subject: Subject) -> Design:
    return ODD


def test_what_rested_on_a_broken_lemma_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, afresh: Callable[[], None]
) -> None:
    for module in (worker, portfolio):
        monkeypatch.setattr(module, "load_design", _with_odd)
    monkeypatch.setattr(SubjectRef, "files", lambda ref, design="": ())
    afresh()
    pool = Here()
    state = checked(pool, design=ODD.name, properties=(*STAND, *ALONE), depth=1)
    assert "lemma.receive-window" in state.dropped
    assert alone(pool)
    found = verdicts(state)
    for name in (*STAND, *ALONE):
        verdict = found[name]
        assert isinstance(verdict, Proved), name
        assert name in ALONE or not {*verdict.certificate} & {*state.dropped}
        assert not {*verdict.rests_on} & {*state.dropped}


# Totality.


def test_the_reference_always_has_a_successor() -> None:
    assert work(Job("total", "reference", TINY)).ok is True


def test_without_stutter_the_end_is_a_dead_end() -> None:
    encoded = Encoded(CHIMNEY.system("reference", TINY))
    encoded.stutter = z3.BoolVal(False)
    assert not induction.total(encoded)
