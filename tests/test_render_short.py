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
from chimneysweep.counterexamples.trace import Place, Trace, last_place
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.wire_bytes import WireBytes

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
    broken, drawings = violation.broken[0], drawn(trace, 80)[0]
    wanted = [violation.property, broken.where, *(broken.says,) * (violation.kind != "misbehaviour")]
    wanted += drawings.found(broken).split(", ")
    number, at = last_place(trace.steps) or (0, Place("", "", 0))
    wanted += [f"{at.file}:{at.line}, in {at.function} (step {number}"]
    found = [what for what in wanted if squeezed(what) not in top]
    return found + ([] if any(line.style == "drawing" for line in lines) else ["the drawing"])


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_first_lines_of_a_finding_are_enough(path: object) -> None:
    assert lacking(load(str(path))) == []


@pytest.mark.parametrize(
    ("stem", "told"),
    [
        (
            "complete.answered.0971f803",
            "in miniport_terminate_offload (step 2, where it was called last)",
        ),
        (
            "event.retrieve-told.fee8a03c",
            "in hardware_fails (step 1, where it was called last)",
        ),
    ],
)
def test_of_a_target_that_calls_nothing_it_is_told_where_it_was_called(stem: str, told: str) -> None:
    trace = load(next(path for path in CORPUS if path.stem == stem))
    assert told in " ".join(text(trace, 80).split())


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
    placed = dataclasses.replace(sample().steps[-1], actor="target", at=at)
    trace = dataclasses.replace(sample(), steps=[*sample().steps[:-1], placed])
    assert from_json(to_json(trace)).steps[-1].at == at
    told = text(trace, 80)
    assert "  at        drv/terminate.c:135, in Finish (step 15)" in told
    assert "135 | Complete(Tree);" in told


WRONG = {
    "guarantee.send-in-order.0867697d": "position 0 (in B0) holds a byte that is none of those sent: 00",
    "wire.bytes-true.01f0557e": "position 1 (in B0) holds the byte of position 0 (in B0): b0, where f4",
}


@pytest.mark.parametrize(("stem", "says"), WRONG.items(), ids=WRONG)
def test_of_wrong_bytes_it_is_told_which_lie_where(stem: str, says: str) -> None:
    trace = load(next(path for path in CORPUS if path.stem == stem))
    told = " ".join(text(trace, 80).split())
    assert says in told
    assert "WRONG BYTE=" in told
    assert "bytes skipped" not in told
    assert f"! {says}" in " ".join(text(trace, 120, full=True).split())


def test_of_an_older_trace_nothing_is_guessed_of_its_wrong_bytes() -> None:
    """It does not say which byte is the wrong one: the number is told, and no position."""
    trace = load(next(path for path in CORPUS if path.stem == "wire.bytes-true.01f0557e"))
    less = {name: value for name, value in trace.steps[-1].parameters.items() if name != "whose"}
    older = dataclasses.replace(trace.steps[-1], parameters=less)
    told = text(dataclasses.replace(trace, steps=[*trace.steps[:-1], older]), 80)
    assert "bytes skipped (or, below 0, repeated) -1" in told
    assert "WRONG BYTE" not in told


def test_a_byte_of_the_hosts_queue_in_the_wrong_place_is_told_by_the_trace_alone() -> None:
    report = conform("seeded/head-not-advanced", Options(runs=0))
    (trace,) = (t for t in report.findings if t.violation and t.violation.property.endswith("send-in-order"))
    assert "position 1 (in B0) holds the byte of position 0 (in B0)" in " ".join(text(trace, 80).split())


def test_a_wrong_byte_is_looked_for_among_those_that_were_posted() -> None:
    line = WireBytes(0)
    line.put(0, line.out(0, 1) + line.out(5, 8), fin=False)
    assert line.wrong(0, 1, 8) is None
    wrong = line.wrong(0, 4, 8)
    assert wrong is not None
    assert (wrong.wrong_at, wrong.whose, wrong.shift) == (1, 5, 4)
    assert (wrong.byte, wrong.expected) == (line.out(5, 6)[0], line.out(1, 2)[0])
    few = line.wrong(0, 4, 5)
    assert few is not None
    assert (few.whose, few.shift) == (-1, 1), "position 5 was not posted"


def test_the_end_of_a_stream_is_no_hole() -> None:
    trace = load(next(path for path in CORPUS if path.stem.startswith("event.end-told")))
    told = text(trace, 80)
    assert "FIN [0,1)" in told
    assert "F the peer's FIN" in told
