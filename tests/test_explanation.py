"""An explanation is true: what is needless is left out, what is needed too, and what mends is done."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pages_apart import Page

from chimneysweep.cli.explain import by_cause, explain, explained
from chimneysweep.cli.main import main
from chimneysweep.counterexamples.drawing import states
from chimneysweep.counterexamples.explanation import TOO_LATE, Explanation, Needed, fewest, needed_on_model
from chimneysweep.counterexamples.exports.ci_report import CiReport, found
from chimneysweep.counterexamples.model_replay import as_recorded
from chimneysweep.counterexamples.storage import load, save
from chimneysweep.counterexamples.trace import Trace, flat, run, sized, violation
from chimneysweep.engines import too_late
from chimneysweep.engines.mending import GeneralRun, Mended, Mending, follows, mended, mending_of
from chimneysweep.engines.too_late import lost_at
from chimneysweep.model.kernel import System
from chimneysweep.model.records import rebuild
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Property
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.scenario import from_json
from chimneysweep.targets.running.launch import launch
from chimneysweep.targets.running.needed import needed, only
from chimneysweep.targets.running.target_replay import played

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "counterexamples" / "corpus").glob("*.json"))
CORPUS = {file.name.rsplit(".", 2)[0]: file for file in FILES}
MODEL = ROOT / "tests" / "traces_v1" / "unsigned-comparison.snd.una.json"
RULES = [name for name in CORPUS if not name.startswith("target.")]
GONE, AGAIN = "without any one of them it does not break", "it breaks all the same"
RECEIVING = ["MiniportTcpOffloadReceive", "NdisTcpOffloadReceiveComplete"]
"""What a receive request that nothing fills comes to."""
UNTOLD = {
    "delivery.no-push",
    "disconnect.advanced",
    "complete.answered",
    "event.abort-told",
    "event.end-told",
    "event.retrieve-told",
    "guarantee.completed-once",
    "guarantee.receive-in-order",
    "guarantee.send-in-order",
    "progress.delivered",
    "query.current",
    "query.send-backlog",
    "query.status",
    "progress.retransmitted",
    "wire.fin-in-place",
}
"""Runs that no change of one place mends, or that hold what the most general target does not do."""
INSTEAD = {
    "snd.una": (4, "delegated SndUna of connection 0 (sequence number): 1000, not 1001"),
    "chain.advanced": (6, "send buffer B0 of connection 0: its data starts at position: 1, not 0"),
    "chain.not-completed": (4, "NetBufferListChain of block 0: NULL, not B0 of connection 0"),
    "status.placeholder": (2, "Status of block 0: NDIS_STATUS_SUCCESS, not NDIS_STATUS_FAILURE"),
    "calls.forward": (
        3,
        "before it, the target completes the forward request on connection 0 with NDIS_STATUS_SUCCESS",
    ),
    "resources.freed": (12, "before it, the target frees what it holds for connection 0"),
    "send-complete.success-acked": (4, "not at all: it would not have done this here"),
    "wire.window-true": (5, "the target acknowledges connection 0 up to position 1, window 9999"),
}


def test_what_is_not_needed_is_taken_out() -> None:
    def breaks(kept: Sequence[int]) -> bool:
        return {2, 4} <= set(kept) or set(kept) == {1, 3}

    assert fewest(5, breaks) == Needed((2, 4), (1, 3, 5))
    assert fewest(2, lambda kept: True) == Needed((), (1, 2))


def longer(trace: Trace) -> Trace:
    """A run of the model with a step before it that does not matter: a send on a connection of its own."""
    bounds = sized(CHIMNEY, trace)
    system = CHIMNEY.system(trace.target, bounds)
    first = _first(trace, system)
    other = {"conn": 1, "length": 1}
    choices = [("MiniportTcpOffloadSend", other), *((s.action, dict(s.parameters)) for s in trace.steps)]
    steps, last = run(system, first, choices)
    assert trace.violation is not None
    broken = violation(CHIMNEY.find(trace.violation.property), last)
    return dataclasses.replace(trace, steps=steps, violation=broken)


def _first(trace: Trace, system: System) -> Any:
    blank = flat(system.template)
    return rebuild(system.template, [trace.initial.get(name, value) for name, value in blank.items()])


def test_on_the_model_what_is_needless_is_out_and_what_is_needed_is_not() -> None:
    trace = longer(load(MODEL))
    assert trace.violation is not None
    system = CHIMNEY.system(trace.target, sized(CHIMNEY, trace))
    prop = CHIMNEY.find(trace.violation.property)
    found = needed_on_model(trace, system, prop)
    assert found is not None
    assert found.needless == (1,)
    assert found.needed == tuple(range(2, len(trace.steps) + 1))
    assert _breaks(trace, system, prop, found.needed)
    for number in found.needed:
        assert not _breaks(trace, system, prop, [n for n in found.needed if n != number]), number


def _breaks(trace: Trace, system: System, prop: Property, kept: Sequence[int]) -> bool:
    choices = [(trace.steps[n - 1].action, dict(trace.steps[n - 1].parameters)) for n in kept]
    try:
        _, last = run(system, _first(trace, system), choices)
    except ValueError:
        return False
    return violation(prop, last) is not None


def with_idle_move(trace: Trace) -> Trace:
    """The scenario with a move in front that does not matter: a receive request that nothing fills."""
    scenario = from_json(trace.meta["scenario"])
    more = dataclasses.replace(scenario, moves=(Move("receive", n=1), *scenario.moves))
    with launch(trace.target) as runner:
        played = runner.play(more, traced=True)
    assert trace.violation is not None
    breach = played.breaches[trace.violation.property]
    steps = played.steps[: breach.steps]
    assert played.initial is not None  # of today, where the stored one may lack a variable
    return dataclasses.replace(
        trace, initial=played.initial, steps=steps, meta={**trace.meta, "scenario": more.to_json()}
    )


@pytest.mark.parametrize("name", ["snd.una", "chain.advanced", "snd.max"])
def test_on_the_target_what_is_needless_is_out_and_what_is_needed_is_not(name: str) -> None:
    trace = with_idle_move(load(CORPUS[name]))
    scenario = from_json(trace.meta["scenario"])
    every = range(1, len(scenario.moves) + 1)
    with launch(trace.target) as runner:
        found = needed(trace, runner, scenario)
        assert found is not None
        assert found.needless == (1,)
        assert [trace.steps[n - 1].action for n in found.idle] == RECEIVING
        assert name in runner.play(only(scenario, every[1:])).breaches
        for number in every[1:]:
            rest = [n for n in every[1:] if n != number]
            assert name not in runner.play(only(scenario, rest)).breaches, number


@pytest.mark.parametrize("name", ["snd.una", "chain.coverage", "calls.forward"])
def test_a_finding_of_the_corpus_has_no_needless_step(name: str) -> None:
    trace = load(CORPUS[name])
    found = explain(trace).needs
    assert found is not None
    assert found.needless == found.idle == ()
    assert found.moves == tuple(move.kind for move in from_json(trace.meta["scenario"]).moves)


@pytest.mark.parametrize(("name", "instead"), INSTEAD.items(), ids=INSTEAD)
def test_what_would_have_mended_it(name: str, instead: tuple[int, str]) -> None:
    trace = load(CORPUS[name])
    answer = mended(trace, trace.subject.ref.load())
    assert answer is not None
    assert (answer.number, answer.says) == instead


@pytest.mark.parametrize("name", RULES)
def test_what_is_said_to_mend_a_run_mends_it(name: str) -> None:
    """Checked with the trace alone: the run broke its rule, and with the change it keeps it to its end."""
    trace = load(CORPUS[name])
    subject = as_recorded(trace, trace.subject.ref.load())
    answer, made = mended(trace, subject), GeneralRun.of(trace, subject)
    assert trace.violation is not None
    rule = subject.find(trace.violation.property)
    if made is None or answer is None:
        assert name in UNTOLD
        return
    was, now = made.states(made.events), made.states(answer.events)
    assert was is not None
    assert now is not None
    assert violation(rule, was[-1]) is not None
    assert all(violation(rule, state) is None for state in now)
    judges = [p for p in subject.of_kind("clause", "guarantee", "rule") if not p.reading]
    worse = [p.name for p in judges if violation(p, now[-1]) and not violation(p, was[-1])]
    assert worse == [], "no other rule pays for it"


@pytest.mark.parametrize("name", ["snd.una", "chain.advanced", "calls.forward", "wire.window-true"])
def test_the_nearest_keeping_run_stands_beside_the_broken_one(name: str) -> None:
    """Both have the steps of the finding up to the change; at its end the other one keeps the rule."""
    trace = load(CORPUS[name])
    pair = explain(trace).nearest
    assert pair is not None
    subject = as_recorded(trace, trace.subject.ref.load())
    rule = subject.find(name)
    ends = [states(run, subject.blank(sized(subject, trace)))[-1] for run in (pair.failing, pair.passing)]
    assert violation(rule, ends[0]) is not None
    assert violation(rule, ends[1]) is None
    changed = INSTEAD[name][0]
    assert pair.failing.steps[: changed - 1] == pair.passing.steps[: changed - 1]
    traced = [line.text for line in pair.lines(80)]
    assert f"  = 1 to {changed - 1}: the same" in traced or f"  = {changed - 1}: the same" in traced
    assert any(line.lstrip().startswith(("~", "+", "-")) for line in traced)
    assert max(map(len, traced)) <= 80


def test_the_command_prints_both_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(CORPUS["calls.forward"]), "--explain"]) == 0
    traced = capsys.readouterr().out
    assert "  + 3  the target completes the forward request on connection 0" in traced
    assert "  ~ a forward request is outstanding on connection 0: yes -> no" in traced


def test_the_page_has_both_runs(tmp_path: Path) -> None:
    page = tmp_path / "found.html"
    assert main(["show", str(CORPUS["calls.forward"]), "--explain", "--html", str(page)]) == 0
    assert "  + 3  the target completes the forward request" in page.read_text(encoding="utf-8")


@functools.cache
def found_in() -> dict[str, Trace]:
    """The findings on a target whose one mistake breaks three rules, by the rule."""
    report = conform("seeded/head-not-advanced", Options(runs=0))
    return {trace.violation.property: trace for trace in report.findings if trace.violation}


def breaking(trace: Trace) -> tuple[Mending, Mended]:
    """The search for a finding, and what it found."""
    mending = mending_of(trace, trace.subject.ref.load())
    assert mending is not None
    found = mending.found()
    assert found is not None
    return mending, found


@pytest.mark.parametrize(("rule", "steps"), [("guarantee.send-kept", 8), ("chain.advanced", 6)])
def test_after_which_step_it_is_too_late(rule: str, steps: int) -> None:
    """The tree is handed back in step 6, and nothing that the target does later helps."""
    trace, step = found_in()[rule], 6
    assert len(trace.steps) == steps
    mending, found = breaking(trace)
    assert lost_at(mending, found) == step
    # Until then there is a run that keeps the rules, made in the Python semantics.
    until = [event for event in found.events if event.number < step]
    assert until == [event for event in mending.run.events if event.number < step]
    assert mending.complies(found.events, len(until))


def test_where_it_can_be_saved_later_it_is_not_too_late_yet() -> None:
    """As if only a change of the first step were known: the later one is found."""
    mending, found = breaking(found_in()["guarantee.send-kept"])
    assert lost_at(mending, dataclasses.replace(found, number=1)) == 6


def test_what_was_not_decided_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    mending, found = breaking(found_in()["guarantee.send-kept"])
    monkeypatch.setattr(too_late, "WORK", 0)
    assert lost_at(mending, found) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPUS)
def test_each_explanation_of_the_corpus_is_true(name: str) -> None:
    """What is needless is taken out, and it breaks; what is needed is, one by one, and it does not."""
    trace = load(CORPUS[name])
    found = explain(trace).needs
    if found is None:
        assert name.startswith("target."), "a rule that breaks again is explained"
        return
    scenario = from_json(trace.meta["scenario"])
    rule = trace.violation.property if trace.violation else ""
    with played(trace) as (runner, _):
        assert rule in runner.play(only(scenario, found.needed)).breaches
        for number in found.needed:
            rest = [n for n in found.needed if n != number]
            assert rule not in runner.play(only(scenario, rest)).breaches, number


def test_of_a_trace_that_lacks_a_variable_all_else_is_told() -> None:
    """It was stored before the model had it: what the run makes of it is compared with nothing."""
    trace, name = load(CORPUS["snd.una"]), "conns[0].peer.sent"
    assert any(name in step.changes for step in trace.steps)
    steps = [
        dataclasses.replace(step, changes={n: change for n, change in step.changes.items() if n != name})
        for step in trace.steps
    ]
    initial = {n: value for n, value in trace.initial.items() if n != name}
    assert mended(dataclasses.replace(trace, steps=steps), CHIMNEY) is None, "it contradicts itself"
    answer = mended(dataclasses.replace(trace, steps=steps, initial=initial), CHIMNEY)
    assert answer is not None
    assert (answer.number, answer.says) == INSTEAD["snd.una"]


def test_nothing_is_said_of_what_is_no_run_of_events() -> None:
    crash = load(CORPUS["target.nonsense"])
    assert mended(crash, CHIMNEY) is None
    whole = load(CORPUS["snd.una"])
    assert mended(dataclasses.replace(whole, violation=None), CHIMNEY) is None
    gap = dataclasses.replace(whole, steps=whole.steps[1:])
    assert mended(gap, CHIMNEY) is None


def test_findings_of_one_cause_stand_together() -> None:
    traces = found_in()
    other = load(CORPUS["snd.wnd"])
    kept, order = traces["guarantee.send-kept"], traces["guarantee.send-in-order"]
    traced = by_cause([other, kept, traces["chain.advanced"], order])
    assert [finding for finding, _ in traced] == [other, traces["chain.advanced"], kept, order]
    assert [bool(why) for _, why in traced] == [False, False, True, True]


def test_what_follows_is_told_apart_from_its_cause() -> None:
    traces = found_in()
    cause = "chain.advanced"
    rest = [name for name in traces if name != cause]
    assert {"guarantee.send-kept", "guarantee.send-in-order"} <= set(rest)
    for name in rest:
        assert follows(traces[name], cause, CHIMNEY)
        assert not follows(traces[cause], name, CHIMNEY)
        assert not follows(traces[name], "chain.order", CHIMNEY), "which holds in that run"
    traced = list(explain(traces[rest[0]], list(traces)).facts())
    assert ("follows", f"from {cause}: a run that keeps that one keeps this one, too") in traced


def test_the_summary_of_a_target_says_what_follows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "seeded/head-not-advanced", "-q", "--runs", "0"]) == 1
    traced = " ".join(capsys.readouterr().out.split())
    assert "breaks guarantee guarantee.send-kept in 8 steps; it follows from chain.advanced" in traced
    assert traced.count("breaks clause chain.advanced in 6 steps; it follows") == 0


def test_only_what_is_known_is_told() -> None:
    assert list(Explanation().facts()) == []
    some = Explanation(Needed((1, 4), (2,)), (4, "it would not"), 6, 4)
    assert list(some.facts()) == [
        (
            "needed",
            "steps 1, 4: without any one of them it does not break; without step 2 it breaks all the same",
        ),
        ("instead", "step 4, a target that keeps the rules: it would not"),
        (
            "passing",
            "steps 1 to 3 as here, step 4 so, steps 5 to 6 as here: "
            "the nearest run that keeps them, one change away",
        ),
        ("too late", f"after step 4: {TOO_LATE}"),
    ]


def test_it_is_shown_in_the_terminal_and_on_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = with_idle_move(load(CORPUS["snd.una"]))
    save(trace, tmp_path / "t.json")
    file = tmp_path / "t.html"
    assert main(["show", str(tmp_path / "t.json"), "--explain", "--html", str(file), "--width", "100"]) == 0
    traced = " ".join(capsys.readouterr().out.split())
    assert f"without receive {AGAIN}" in traced
    shown = Page(file.read_text(encoding="utf-8"))
    assert shown.text.count("not needed:") == 2
    assert f"without receive {AGAIN}" in shown.text
    assert shown.unbalanced == []


def test_a_target_that_is_gone_is_said() -> None:
    trace = load(CORPUS["snd.una"])
    gone = dataclasses.replace(trace, meta={**trace.meta, "target": "gone.py"})
    report = explained(CiReport("conform", "gone.py", [found(gone)], 1))
    ((label, text),) = report.rulings[0].notes
    assert label == "not told"
    assert "gone.py" in text
