"""Where a target called: its own line is found on the stack, in C and in Python, and nothing of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_stage import needs_cc

from chimneysweep.counterexamples.trace import Place, Step
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.running.isolation.call_places import place, placed


def last(spec: str) -> Place | None:
    """The place of the last step of the target's shortest finding."""
    found = conform(spec, Options(runs=0, seed=1)).findings
    return min(found, key=lambda trace: len(trace.steps)).steps[-1].at


@needs_cc
def test_a_driver_in_c_is_placed_by_the_stack_at_the_call() -> None:
    at = last("miniports/head-not-advanced")
    assert at is not None
    assert (at.function, at.file) == ("Finish", "terminate.c")
    assert at.text.startswith("NdisMTerminateOffloadComplete(")


def test_a_class_in_python_is_placed_by_its_frame(tmp_path: Path) -> None:
    source = tmp_path / "odd.py"
    source.write_text(
        "from chimneysweep.targets.chimney.python.reference_target import Reference\n\n"
        "class Odd(Reference):\n"
        "    def segment_arrives(self, context, segment):\n        raise KeyError('tcb')\n",
        encoding="utf-8",
    )
    assert last(f"{source}:Odd") == Place("segment_arrives", str(source), 5, "raise KeyError('tcb')")


@pytest.mark.parametrize("file", ["/a/<ndis>/src/report.c", "../../libsanitizer/asan.cpp"])
def test_nothing_of_ours_or_of_a_runtime_is_a_place(file: str) -> None:
    ours = f"#0 0x1 in chs_tell {file}:55"
    theirs = "#1 0x2 in Finish /made/by/me/terminate.c:7"
    assert place([ours]) is None
    assert place([ours, theirs]) == Place("Finish", "/made/by/me/terminate.c", 7)


def test_a_step_that_nobody_made_has_no_place() -> None:
    step = Step("HostResumes", "host", {}, "", {})
    assert placed([step, step], [(), ('File "/made/by/me/x.py", line 3 in run',)]) == [
        step,
        Step("HostResumes", "host", {}, "", {}, Place("run", "/made/by/me/x.py", 3)),
    ]
