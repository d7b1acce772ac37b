"""Traces of format version 1, as commit 32be8ec wrote them, still load, replay and are told."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from house import ROOT

from chimneysweep.counterexamples.model_replay import Replay, as_recorded, replay_on_model
from chimneysweep.counterexamples.storage import RENAMED, BadTrace, from_json, load, to_json
from chimneysweep.counterexamples.story import story
from chimneysweep.counterexamples.trace import Trace, TracedSubject, sized

STORED = sorted((ROOT / "tests" / "traces_v1").glob("*.json"))
SHIPPED = sorted((ROOT / "counterexamples" / "corpus").glob("*.json"))
ADDED = ("astray", "conns[0].peer.sacked_from")
"""Variables that version 1 knew nothing of."""


def replayed(trace: Trace) -> Replay:
    subject = as_recorded(trace, trace.subject.ref.load())
    system = subject.system(subject.design(trace.target), sized(subject, trace))
    return replay_on_model(trace, system, subject.find)


@pytest.mark.parametrize("file", STORED, ids=lambda file: file.stem)
def test_an_old_trace_replays_on_todays_model(file: Path) -> None:
    data, trace = json.loads(file.read_text(encoding="utf-8")), load(file)
    assert data["version"] == 1
    assert trace.target == data["subject"]
    assert trace.subject == TracedSubject("chimney")
    assert not set(ADDED) & set(trace.initial)
    result = replayed(trace)
    assert result.ok, result.message
    if trace.violation is None:
        assert "witness" in file.stem
    else:
        assert f"breaks {trace.violation.property} on the same values" in result.message


def test_an_old_trace_with_a_false_step_does_not_replay() -> None:
    trace = load(next(file for file in STORED if file.stem.startswith("sack-kept")))
    least = dataclasses.replace(trace, steps=trace.steps[:-1])
    assert "does not break" in replayed(least).message
    number, step = next((n, s) for n, s in enumerate(trace.steps) if "length" in s.parameters)
    wrong = dataclasses.replace(step, parameters={**step.parameters, "length": step.parameters["length"] + 1})
    steps = [*trace.steps[:number], wrong, *trace.steps[number + 1 :]]
    assert f"step {number + 1}" in replayed(dataclasses.replace(trace, steps=steps)).message


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_finding_that_comes_along_is_told(file: Path) -> None:
    trace = load(file)
    assert json.loads(file.read_text(encoding="utf-8"))["version"] == 2
    told = [line.text for line in story(trace, 100)]
    assert sum(line.startswith("Step ") for line in told) == len(trace.steps)
    moved = any(name.startswith("conns[") for step in trace.steps for name in step.changes)
    assert ("At the start" in told) == moved
    assert not any("beware" in line or "conns[" in line for line in told)


def test_variables_that_were_called_otherwise_have_the_names_of_today() -> None:
    """In a trace of either version; what has today's names already, and another subject's, stays."""
    for old, new in RENAMED["chimney"].items():
        data = to_json(load(SHIPPED[0]))
        data["initial"][old] = data["initial"].pop(new)
        data["steps"][0]["changes"] = {old: [0, 1]}
        for file in STORED:
            assert old in json.loads(file.read_text(encoding="utf-8"))["initial"]
            assert new in load(file).initial
        found = from_json(data)
        assert new in found.initial
        assert found.steps[0].changes == {new: (0, 1)}
        foreign = from_json({**data, "subject": {**data["subject"], "name": "ferry"}})
        assert (old in foreign.initial, new in foreign.initial) == (True, False)
        both = from_json({**data, "initial": {**data["initial"], new: 0}})
        assert (old in both.initial, both.steps[0].changes) == (True, {old: (0, 1)})


def test_written_again_it_is_of_the_version_of_today() -> None:
    trace = load(STORED[0])
    data = to_json(trace)
    assert (data["version"], data["subject"]["parts"]) == (2, [])
    assert from_json(data) == trace


def first() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(STORED[0].read_text(encoding="utf-8"))
    return data


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"subject": 5}, "the number 5, where text belongs"),
        ({"bounds": {"buffers": "3"}}, "$.bounds.buffers"),
        ({"comment": 1}, "'comment' is unknown"),
        ({"steps": None}, "$.steps"),
    ],
)
def test_what_is_wrong_in_an_old_trace_is_said(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(BadTrace) as caught:
        from_json({**first(), **changed})
    assert told in str(caught.value)


def test_an_old_trace_does_not_say_what_ran_in_the_field_of_version_2() -> None:
    data = {key: value for key, value in first().items() if key != "subject"}
    with pytest.raises(BadTrace, match="'target' is missing"):
        from_json({**data, "target": "reference"})
