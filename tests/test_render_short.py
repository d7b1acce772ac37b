"""The short story: its first twelve lines are enough for a reader who has ten seconds."""

from __future__ import annotations

import dataclasses

import pytest
from house import ROOT
from sample_trace import sample

from chimneysweep.counterexamples.render import text
from chimneysweep.counterexamples.short import short
from chimneysweep.counterexamples.storage import from_json, load, to_json
from chimneysweep.counterexamples.story import drawn
from chimneysweep.counterexamples.trace import Place, Trace

CORPUS = sorted((ROOT / "counterexamples" / "corpus").glob("*.json"))
TOP = 12


def squeezed(told: str) -> str:
    return "".join(told.split())


def lacking(trace: Trace) -> list[str]:
    """What the first lines of a finding do not hold."""
    lines = short(trace, 80)[:TOP]
    top = squeezed(" ".join(line.text for line in lines))
    violation = trace.violation
    assert violation is not None
    broken, words = violation.broken[0], drawn(trace, 80)[0].words
    wanted = [violation.property, broken.where, *(broken.says,) * (violation.kind != "misbehaviour")]
    wanted += [f"{name} {words.failed_on(name, v, broken.where)}" for name, v in broken.values.items()]
    places = [step.at for step in trace.steps if step.at]
    wanted += [f"{at.file}:{at.line}, in {at.function}" for at in places[-1:]]
    found = [what for what in wanted if squeezed(what) not in top]
    return found + ([] if any(line.style == "drawing" for line in lines) else ["the drawing"])


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_first_lines_of_a_finding_are_enough(path: object) -> None:
    assert lacking(load(str(path))) == []


def test_most_findings_name_a_line_of_the_target() -> None:
    without = [path.stem for path in CORPUS if not any(step.at for step in load(path).steps)]
    assert without == ["complete.answered.0971f803"], "that target calls nothing at all"


def test_what_is_not_in_the_first_lines_is_noticed() -> None:
    trace = load(CORPUS[0])
    assert trace.violation is not None
    broken = [dataclasses.replace(trace.violation.broken[0], where="somewhere " * 90)]
    far = dataclasses.replace(trace, violation=dataclasses.replace(trace.violation, broken=broken))
    assert "the drawing" in lacking(far)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(len(line.text) for line in short(sample(), width)) <= width


def test_a_step_is_a_line_and_a_completion_has_its_statuses() -> None:
    told = text(load(next(path for path in CORPUS if path.stem.startswith("chain.advanced"))), 120)
    steps = told[told.index("\nSteps\n") :].splitlines()
    assert sum(line[:3].strip().isdigit() for line in steps) == 6
    assert "Status of block 0: unwritten -> NDIS_STATUS_SUCCESS" in told
    assert told.count("positions count bytes of a stream") == 1


def test_a_place_is_kept_in_a_file_and_a_trace_without_it_is_as_before() -> None:
    plain = to_json(sample())
    assert all("at" not in step for step in plain["steps"])
    at = Place("Finish", "drv/terminate.c", 135, "Complete(Tree);")
    placed = dataclasses.replace(sample().steps[-1], at=at)
    trace = dataclasses.replace(sample(), steps=[*sample().steps[:-1], placed])
    assert from_json(to_json(trace)).steps[-1].at == at
    told = text(trace, 80)
    assert "  at        drv/terminate.c:135, in Finish (step 15)" in told
    assert "135 | Complete(Tree);" in told
