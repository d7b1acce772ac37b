"""Where a target called: its own line is found on the stack, in C and in Python, and nothing of ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from native_stage import needs_cc

from chimneysweep.counterexamples.trace import Place, Step, last_place
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.running.isolation.call_places import place, placed


def changed(folder: Path, file: str, function: str, first: str) -> Path:
    """The reference in C with a line more, the first one of a function."""
    driver = folder / "driver"
    shutil.copytree(REFERENCE, driver)
    text = (driver / file).read_text(encoding="utf-8")
    at = text.index("{", text.index(f"{function}(")) + 1
    (driver / file).write_text(f"{text[:at]}\n    {first}\n{text[at:]}", encoding="utf-8")
    return driver


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


@needs_cc
@pytest.mark.parametrize(
    ("dies", "line"),
    [("static volatile int *nowhere; *nowhere = 1;", 7), ("extern void abort(void); abort();", 7)],
    ids=["undefined", "aborted"],
)
def test_a_driver_that_dies_is_placed_by_the_report(tmp_path: Path, dies: str, line: int) -> None:
    spec = changed(tmp_path, "send.c", "MpTcpOffloadSend", dies)
    at = last(str(spec))
    assert at is not None
    assert (at.function, at.line, at.text) == ("MpTcpOffloadSend", line, dies)


@needs_cc
def test_a_driver_that_ends_the_process_is_placed_by_where_it_was_called(tmp_path: Path) -> None:
    spec = changed(tmp_path, "send.c", "MpTcpOffloadSend", "extern void exit(int); exit(0);")
    steps = min(conform(str(spec), Options(runs=0, seed=1)).findings, key=lambda t: len(t.steps)).steps
    number, at = last_place(steps) or (0, None)
    assert at is not None
    assert (number, at.function, at.line) == (1, "MpTcpOffloadSend", 4)
    assert steps[0].actor == "host"


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
