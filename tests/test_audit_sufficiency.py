"""Sufficiency: holes are found, shown on runs that keep every clause, and closed by what is proposed."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import harm_toys as toys
import pytest
from audit_toys import ask

from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney import closing
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.finding import Answer
from chimneysweep.audit.harm import SEARCH, Harmful, harm
from chimneysweep.audit.questions import sufficiency
from chimneysweep.audit.questions.necessity import without
from chimneysweep.audit.questions.sufficiency import proposals, unread
from chimneysweep.audit.rules import Rule
from chimneysweep.counterexamples.model_replay import replay_on_model
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.engines.bmc import ShortestRun, search
from chimneysweep.engines.compliance import CompliantSearch
from chimneysweep.engines.effort import Effort
from chimneysweep.engines.encode import Encoded
from chimneysweep.model.kernel import Action, System, arguments
from chimneysweep.model.logic import Not, Value, all_of
from chimneysweep.model.records import rebuild
from chimneysweep.properties.property import Property


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    specs = (toys.HOLE, toys.OPEN_HOLE, toys.STATED, toys.NEEDLESS)
    return {spec.title: ask(sufficiency, spec) for spec in specs}


def ids(answer: Answer) -> list[str]:
    return [finding.id for finding in answer.findings]


def follows(spec: Audited, trace: Trace) -> list[object]:
    """Every state of a trace of the most general target, replayed."""
    system = spec.general(trace.bounds)
    assert replay_on_model(trace, system, spec.find).ok
    state = rebuild(system.template, [trace.initial[v.name] for v in system.variables])
    passed = [state]
    for step in trace.steps:
        state = system.action(step.action).effect(state, arguments(step.parameters))
        passed.append(state)
    return passed


def test_the_planted_hole_is_found_on_a_run_that_keeps_every_clause(answers: dict[str, Answer]) -> None:
    assert ids(answers["hole"]) == ["sufficiency.coat-kept-clean"]
    finding = answers["hole"].findings[0]
    assert isinstance(finding.situation, Trace)
    assert [step.action for step in finding.situation.steps] == ["HandIn", "Soil", "HandBack"]
    assert finding.situation.violation is not None
    assert finding.situation.violation.property == "g.spotless"
    for state in follows(toys.HOLE, finding.situation):
        assert all(clause.holds(state) for clause in toys.HOLE.clauses)


def test_a_hole_that_nothing_proposed_closes_is_open(answers: dict[str, Answer]) -> None:
    assert ids(answers["open hole"]) == ["sufficiency.open-g-spotless"]


@pytest.mark.parametrize("name", ["stated", "needless"])
def test_without_a_hole_nothing_is_found(answers: dict[str, Answer], name: str) -> None:
    assert not answers[name].findings
    assert {"g.spotless", "g.real"} <= {sound.what for sound in answers[name].sound}


def test_what_the_text_states_beside_the_clauses_is_listed(answers: dict[str, Answer]) -> None:
    assert any("no clause formalises it" in sound.rests_on for sound in answers["stated"].sound)


def test_a_proposal_that_closes_nothing_is_told(answers: dict[str, Answer]) -> None:
    assert any("without the rule coat.no-receipt, no run" in text for text in answers["needless"].remarks)


# The search itself: as exact as one that asserts every claim from the start.


@pytest.mark.slow
@pytest.mark.parametrize("name", ["guarantee.send-kept", "guarantee.completed-once"])
def test_the_lazy_search_agrees_with_the_plain_one(name: str) -> None:
    encoded, prop = Encoded(AUDITED.general()), AUDITED.find(name)
    claims = [c for c in AUDITED.clauses if c.name != "snd.una"]
    lazy = CompliantSearch(encoded).shortest(claims, lambda s: Not(prop.holds(s)), 6, Effort(SEARCH)).outcome
    assert isinstance(lazy, ShortestRun)
    plain = search(
        Encoded(keeping(encoded.system, claims)),
        lambda s: all_of([Not(prop.holds(s)), *(c.holds(s) for c in claims)]),
        6,
    )
    assert isinstance(plain, ShortestRun)
    assert len(plain.choices) == len(lazy.choices)


def keeping(system: System, claims: Sequence[Property]) -> System:
    """*system*, which comes to a halt where a claim does not hold."""

    def guarded(action: Action) -> Action:
        def guard(s: Any, p: Any) -> Value:
            return all_of([action.guard(s, p), *(c.holds(s) for c in claims)])

        return dataclasses.replace(action, guard=guard)

    return dataclasses.replace(system, actions=tuple(guarded(a) for a in system.actions))


# The real specification.


@pytest.mark.slow
@pytest.mark.parametrize("rule", [r for r in proposals(AUDITED) if r.name != "send.uploaded-from-una"])
def test_each_proposal_closes_a_hole(rule: Rule) -> None:
    found = harm(AUDITED, rule.guards, rule.name, 6, 1.0)
    assert found.trace is not None
    for state in follows(AUDITED, found.trace):
        assert all(clause.holds(state) for clause in AUDITED.clauses)


@pytest.mark.slow
def test_the_longest_hole() -> None:
    found = without(AUDITED, "send.uploaded-from-una", ("guarantee.send-kept",), 1.0)
    assert found.trace is not None
    assert [s.action for s in found.trace.steps if s.actor == "peer"] == ["PeerReceives", "AckArrives"]


SAID_TOO = {
    "send.aborted-for-cause": ("send-complete.status",),
    "send.untouched-afterwards": ("send-complete.advanced",),
}
"""Clauses that demand what a rule does, and more that is inferred."""


@pytest.mark.parametrize("rule", [r for r in closing.STATED if r.name != "send.advanced-by-acknowledged"])
def test_each_rule_that_is_stated_elsewhere_matters(rule: Rule) -> None:
    harmful = Harmful(AUDITED, (rule.name, *SAID_TOO.get(rule.name, ())))
    assert harmful.search((rule.guards,), 5, SEARCH).trace is not None


@pytest.mark.slow
@pytest.mark.parametrize("guarantee", AUDITED.guarantees, ids=lambda g: g.name)
def test_with_every_rule_kept_nothing_falls_soon(guarantee: Property) -> None:
    found = Harmful(AUDITED).search((guarantee.name,), 8, SEARCH)
    assert found.bound.depth == 8, found.broken or found.bound.reason


SAME = """
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.harm import SEARCH, Harmful
harmful = Harmful(AUDITED, ("send.known-status", "send-complete.status"))
found = harmful.search(("guarantee.send-kept",), 5, SEARCH)
print([(step.action, sorted(step.parameters.items())) for step in found.trace.steps])
"""


def test_a_run_comes_out_the_same_each_time() -> None:
    told = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SAME]
        told.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(told) == 1


def test_what_nobody_reads_is_told() -> None:
    assert unread(AUDITED) == []
    parts = tuple(
        dataclasses.replace(part, properties=(), bugs=()) if part.name == "receiving" else part
        for part in AUDITED.subject.parts
    )
    less = dataclasses.replace(AUDITED, subject=dataclasses.replace(AUDITED.subject, parts=parts))
    assert "conns[0].requests[0].advanced" in unread(less)


def test_the_proposals_have_no_source() -> None:
    assert {rule.source for rule in closing.PROPOSED} == {None}
    inferred_too = {"receive.buffered-from-there", "send.known-status", "send.uploaded-from-una"}
    assert {r.name for r in proposals(AUDITED)} == {r.name for r in closing.PROPOSED} - inferred_too
