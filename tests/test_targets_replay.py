"""A finding can be played again from its trace alone, kept as a file, and drawn."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from chimneysweep.counterexamples.model_replay import Now, Replay
from chimneysweep.counterexamples.storage import dumps, load
from chimneysweep.counterexamples.story import story
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.target_replay import replay_on_target


@pytest.fixture(scope="module")
def trace() -> Trace:
    report = conform("seeded/head-not-advanced", Options(runs=0, seed=1))
    return next(t for t in report.findings if t.violation and t.violation.property == "chain.advanced")


def with_meta(trace: Trace, **meta: Any) -> Trace:
    return dataclasses.replace(trace, meta={**trace.meta, **meta})


def test_it_happens_again(trace: Trace) -> None:
    said = "all 6 steps happen again as recorded, and break chain.advanced"
    assert replay_on_target(trace) == Replay(Now.AGAIN, said)


def test_it_happens_again_from_a_file(trace: Trace, tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    file.write_text(dumps(trace), encoding="utf-8")
    assert load(file) == trace
    assert replay_on_target(load(file)).ok


def test_a_misbehaviour_has_a_trace_that_can_be_kept(tmp_path: Path) -> None:
    source = tmp_path / "odd.py"
    source.write_text(
        "from chimneysweep.targets.chimney.python.reference_target import Reference\n\n"
        "class Odd(Reference):\n"
        "    def segment_arrives(self, context, segment):\n        raise KeyError('{tcb}')\n",
        encoding="utf-8",
    )
    (found,) = conform(f"{source}:Odd", Options(runs=0)).findings
    file = tmp_path / "t.json"
    file.write_text(dumps(found), encoding="utf-8")
    assert replay_on_target(load(file)).ok
    told = "\n".join(line.text for line in story(found))
    assert "misbehaves, target.raised, in" in told
    assert "segment_arrives raises KeyError: '{tcb}' (segment_arrives, line 5)" in " ".join(told.split())


def test_on_a_target_without_the_bug_it_is_gone(trace: Trace) -> None:
    again = replay_on_target(with_meta(trace, target="reference"))
    assert again.now is Now.GONE
    step = "step 6, NdisMTerminateOffloadComplete: conns[0].bufs[0].start changes differently"
    assert again.message == f"chain.advanced holds: {step}"


def test_with_another_bug_in_its_place_it_has_changed(trace: Trace) -> None:
    again = replay_on_target(with_meta(trace, target="seeded/completed-twice"))
    assert again.now is Now.OTHERWISE
    assert again.message.startswith("chain.advanced holds, but ")


def test_with_another_scenario_it_is_gone(trace: Trace) -> None:
    again = replay_on_target(with_meta(trace, scenario={**trace.meta["scenario"], "moves": []}))
    assert again.now is Now.GONE
    assert "step 1: the trace has MiniportTcpOffloadSend, the target now does Miniport" in again.message


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ({"target": "nowhere.py:Gone"}, "there is no file nowhere.py"),
        ({"scenario": {"moves": 3}}, "the trace's scenario cannot be read: no scenario: 'offloads'"),
        ({"scenario": None}, "the trace's scenario cannot be read: no scenario: "),
        *(({"timeout": t}, "the trace's timeout is no number of seconds") for t in (0, "2", True, 1e9)),
    ],
)
def test_a_trace_that_cannot_be_played(trace: Trace, meta: dict[str, Any], told: str) -> None:
    with pytest.raises(BadTarget, match=re.escape(told)):
        replay_on_target(with_meta(trace, **meta))


def test_a_trace_of_something_else(trace: Trace) -> None:
    with pytest.raises(BadTarget, match="does not say which target it was made with"):
        replay_on_target(dataclasses.replace(trace, meta={}))


def test_the_story_draws_the_window_from_what_was_seen(trace: Trace) -> None:
    told = "\n".join(line.text for line in story(trace))
    assert "target seeded/head-not-advanced breaks clause chain.advanced" in " ".join(told.split())
    assert "una=nxt=max" in told
