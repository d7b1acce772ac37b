"""What a CI is told, read by who reads it there: of a trace, and of whole commands."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import junitparser
import pytest
from cli_stage import Stage, stage, unknown, violated
from exported import FILES, HOSTILE, TRACES, hostile, is_plain, parsed_by_mermaid
from pydantic import ValidationError
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from sample_trace import sample

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.exports import github_actions, junit_xml, mermaid_diagram, sarif_log
from chimneysweep.counterexamples.exports.ci_report import Came, of_trace
from chimneysweep.counterexamples.exports.registry import EXPORTS, CannotExport, library
from chimneysweep.counterexamples.harmless import harmless
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.properties.loading import SubjectRef

__all__ = ["stage"]  # a fixture
FORMATS = sorted(name for name, export in EXPORTS.items() if not export.played)
KINDS = pytest.mark.parametrize("trace", [*TRACES.values(), hostile()], ids=[*TRACES, "hostile"])


@KINDS
def test_sarif_is_as_its_schema_has_it_and_names_rule_place_and_steps(trace: Trace) -> None:
    text = sarif_log.export(trace)
    assert is_plain(text)
    (run,) = Sarif.model_validate_json(text).runs
    (result,) = run.results or []
    (rule,) = run.tool.driver.rules or []
    assert trace.violation
    assert result.ruleId == rule.id == harmless(trace.violation.property)
    assert rule.help is not None
    assert result.codeFlows
    assert len(result.codeFlows[0].threadFlows[0].locations) == len(trace.steps)
    place = result.locations[0].physicalLocation if result.locations else None
    made = [step.at for step in trace.steps if step.at]
    assert (place is not None) == bool(made)
    if place and made[-1].line > 0:
        assert place.region
        assert place.region.startLine == made[-1].line
        assert place.artifactLocation
        assert place.artifactLocation.uri == made[-1].file


def test_where_no_line_is_known_the_users_file_is_meant() -> None:
    """Code scanning refuses a result without one."""
    at = dataclasses.replace(sample(), source="target", target="my/driver.py:Mine")
    subject = dataclasses.replace(sample().subject, ref=SubjectRef("proxy.py:PROXY", ("more.py",)))
    cases = {"my/driver.py": at, "proxy.py": dataclasses.replace(sample(), subject=subject), "": sample()}
    for file, trace in cases.items():
        (result,) = json.loads(sarif_log.export(trace))["runs"][0]["results"]
        (location,) = result["locations"]
        assert location["logicalLocations"][0]["fullyQualifiedName"] == trace.target
        place = location.get("physicalLocation", {"artifactLocation": {"uri": ""}})
        assert place["artifactLocation"]["uri"] == file
        assert ("file=" in github_actions.export(trace)) == bool(file)


def test_what_is_no_sarif_is_refused() -> None:
    data = json.loads(sarif_log.export(sample()))
    data["runs"][0]["results"][0]["level"] = "grave"
    with pytest.raises(ValidationError, match="level"):
        Sarif.model_validate(data)


@KINDS
def test_junit_is_read_as_one_failure(trace: Trace) -> None:
    text = junit_xml.export(trace)
    assert is_plain(text)
    (suite,) = junitparser.JUnitXml.fromstring(text.encode())
    assert (suite.tests, suite.failures, suite.errors) == (1, 1, 0)
    (case,) = suite
    (failure,) = case.result
    assert "breaks" in failure.message
    assert "Steps" in failure.text


OUTCOME = ("", "message type", "")
JUNIT = {
    "testsuites": ("", "name time tests failures errors", "testsuite"),
    "testsuite": ("name tests failures errors", "time skipped timestamp", "properties testcase system-out"),
    "properties": ("", "", "property"),
    "property": ("name value", "", ""),
    "testcase": ("name", "time classname", "skipped error failure system-out"),
    **dict.fromkeys(("skipped", "error", "failure"), OUTCOME),
}
"""Of each element what it must have, may have, and what is in it, as the xUnit plugin of Jenkins has it."""


def strangers(element: ElementTree.Element) -> Iterator[str]:
    """What in an element the format does not know, or lacks."""
    must, may, inside = (set(words.split()) for words in JUNIT[element.tag])
    yield from (f"{element.tag} lacks {name}" for name in must - set(element.attrib))
    yield from (f"{element.tag} has {name}" for name in set(element.attrib) - must - may)
    if not re.fullmatch(r"\d*(\.\d{1,3})?", element.get("time", "0")):
        yield f"{element.tag} takes {element.get('time')}"
    for child in element:
        yield from strangers(child) if child.tag in inside else [f"{child.tag} in {element.tag}"]


@KINDS
def test_junit_has_nothing_that_the_format_has_not(trace: Trace) -> None:
    report = of_trace(trace)
    report = dataclasses.replace(
        report,
        rulings=[
            *(
                dataclasses.replace(report.rulings[0], came=came, seconds=0.1234567)
                for came in get_args(Came)
            ),
            dataclasses.replace(report.rulings[0], seconds=0.2),
        ],
        rests_on=[HOSTILE, "so many proofs"],
    )
    root = ElementTree.fromstring(junit_xml.render(report))
    assert not list(strangers(root))
    root[0][1].set("owner", "nobody")
    assert list(strangers(root)) == ["testcase has owner"]


@KINDS
def test_annotations_are_one_command_a_line(trace: Trace) -> None:
    text = github_actions.export(trace)
    assert is_plain(text)
    error, notice = text.splitlines()
    assert re.fullmatch(r"::error (?:file=[^,:]+,line=-?\d+,)?title=[^,:]+::.+", error)
    assert notice.startswith("::notice title=chimneysweep::chimneysweep replay")
    assert "%0A" not in re.sub(r"%250A", "", text)


@KINDS
def test_a_diagram_is_one_for_mermaid_and_has_every_step(trace: Trace) -> None:
    text = mermaid_diagram.export(trace)
    assert is_plain(text)
    assert text.startswith("```mermaid\n")
    assert text.endswith("\n```\n")
    assert text.count("```") == 2
    found = parsed_by_mermaid(mermaid_diagram.diagram(trace))
    told = [message["message"] for message in found["messages"]]
    places = sum(step.own is not None for step in trace.steps)
    assert len(told) == len(trace.steps) + places + 1
    assert sum(bool(re.match(r"\d+\. ", line)) for line in told) == len(trace.steps)


def test_what_is_no_diagram_is_refused() -> None:
    with pytest.raises(AssertionError, match="Parse error"):
        parsed_by_mermaid("sequenceDiagram\n  a->> : nobody\n")


def test_the_summary_of_a_hostile_trace_is_text() -> None:
    text = github_actions.summary(of_trace(hostile()))
    assert is_plain(text)
    outside = re.sub(r"(`{3,})(text|mermaid)\n.*?\n\1\n", "", text, flags=re.S)
    assert "<" not in outside
    assert "```" not in outside
    table = [line for line in outside.splitlines() if line.startswith("|")]
    assert [line.count("|") for line in table] == [5, 5, 5]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", sorted(FILES))
def test_the_command_writes_every_format_of_every_kind(
    name: str, kind: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    argv = ["export", str(FILES[kind]), "--to", name]
    assert main([*argv, "-o", str(tmp_path / "out")]) == 0
    written = (tmp_path / "out").read_bytes()
    assert main(argv) == 0
    assert capfdbinary.readouterr().out == written


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_is_harmless_in_every_format(name: str) -> None:
    made = EXPORTS[name].make(hostile())
    if isinstance(made, str):
        made.encode("utf-8")
        assert is_plain(re.sub("TRACE = r'''.*?'''", "", made, flags=re.S))
    else:
        assert b"\x1b[31m" not in made


@pytest.mark.parametrize(
    ("name", "needs"),
    [("itf", "itf_py"), ("vcd", "vcd"), ("pcapng", "scapy.utils"), ("junit", "junitparser")],
)
def test_without_its_library_a_format_says_how_to_get_it(
    name: str, needs: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, needs, None)
    assert main(["export", str(FILES["C"]), "--to", name]) == 2
    assert "pip install 'chimneysweep[export]'" in capsys.readouterr().err


def test_a_library_that_is_missing_is_named_with_what_brings_it() -> None:
    with pytest.raises(CannotExport, match=r"nowhere, which is not installed; pip install 'chimneysweep\[ex"):
        library("nowhere.at", "this format")


# -- whole commands -----------------------------------------------------------------------


def _sarif(file: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(file.read_text())
    Sarif.model_validate(data)
    run: dict[str, Any] = data["runs"][0]
    return run


def _notes(run: dict[str, Any]) -> str:
    return "\n".join(n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"])


def test_check_writes_what_broke_what_is_open_and_what_holds(stage: Stage, tmp_path: Path) -> None:
    stage.verdicts = {"chain.order": violated("chain.order"), "snd.una": unknown()}
    files = ["--sarif", str(tmp_path / "s"), "--junit", str(tmp_path / "j"), "--json", str(tmp_path / "d")]
    assert main(["check", "-q", *files]) == 1
    run = _sarif(tmp_path / "s")
    assert [result["ruleId"] for result in run["results"]] == ["chain.order"]
    assert "snd.una: the solver ran out of time" in _notes(run)
    assert "sample.posted" in run["properties"]["holds"]
    (suite,) = junitparser.JUnitXml.fromfile(str(tmp_path / "j"))
    came = {case.name: [type(r).__name__ for r in case.result] for case in suite}
    assert (came["chain.order"], came["snd.una"], came["sample.posted"]) == (["Failure"], ["Error"], [])
    assert json.loads((tmp_path / "d").read_text())["exit"] == 1


def test_a_green_run_says_what_it_rests_on(stage: Stage, tmp_path: Path) -> None:
    files = ["--sarif", str(tmp_path / "s"), "--junit", str(tmp_path / "j")]
    assert main(["check", "-q", *files]) == 0
    run = _sarif(tmp_path / "s")
    assert run["results"] == []
    assert "proofs confirmed by a fresh solver" in _notes(run)
    (suite,) = junitparser.JUnitXml.fromfile(str(tmp_path / "j"))
    assert any("for any number of steps" in p.value for p in suite.properties())


def test_conform_writes_what_was_tested(stage: Stage, tmp_path: Path) -> None:
    stage.conform = lambda: stage.report(sample())
    files = ["--sarif", str(tmp_path / "s"), "--junit", str(tmp_path / "j")]
    assert main(["conform", "my.py:Mine", "-q", *files]) == 1
    run = _sarif(tmp_path / "s")
    assert [result["ruleId"] for result in run["results"]] == ["sample.posted"]
    assert "9 calls" in _notes(run) or "77 calls" in _notes(run)
    (suite,) = junitparser.JUnitXml.fromfile(str(tmp_path / "j"))
    assert {case.name: [type(r).__name__ for r in case.result] for case in suite} == {
        "sample.posted": ["Failure"],
        "send": [],
        "receive": ["Skipped"],
    }


def test_github_is_told_on_standard_output_and_in_its_summary(
    stage: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(github_actions.SUMMARY, str(tmp_path / "summary.md"))
    stage.verdicts = {"chain.order": violated("chain.order")}
    assert main(["check", "-q", "--github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    stop = next(line for line in lines if line.startswith("::stop-commands::"))
    word = stop.removeprefix("::stop-commands::")
    begin, end = lines.index(stop), lines.index(f"::{word}::")
    assert begin == 0, "nothing of a target's is a command"
    assert [line for line in lines[end + 1 :] if line.startswith("::error ")]
    assert not [line for line in lines[1:end] if line.startswith("::")]
    assert "| broken | chain.order |" in (tmp_path / "summary.md").read_text()
    assert main(["export", str(FILES["C"]), "--to", "github"]) == 0
    assert (tmp_path / "summary.md").read_text().count("### ") == 2


def test_audit_writes_its_findings(tmp_path: Path) -> None:
    files = ["--sarif", str(tmp_path / "s"), "--junit", str(tmp_path / "j")]
    assert main(["audit", "--finding", "sufficiency.send-uploaded-last", "-q", *files]) == 1
    (result,) = _sarif(tmp_path / "s")["results"]
    assert result["ruleId"] == "sufficiency.send-uploaded-last"
    (suite,) = junitparser.JUnitXml.fromfile(str(tmp_path / "j"))
    assert suite.failures == 1


@pytest.mark.parametrize("command", [["check"], ["conform", "reference"], ["audit"]])
@pytest.mark.parametrize("option", ["--sarif", "--junit", "--json"])
def test_a_bad_path_is_said_before_the_work(
    command: list[str], option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, option, str(tmp_path / "nowhere" / "file")]) == 2
    assert "there is no directory" in capsys.readouterr().err


def test_without_its_library_junit_is_refused_before_the_work(
    stage: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "junitparser", None)
    assert main(["check", "--junit", str(tmp_path / "j")]) == 2
    assert "pip install" in capsys.readouterr().err
    assert not stage.requests


def test_hostile_text_is_what_it_says() -> None:
    assert not is_plain(HOSTILE)
    makers: list[Callable[[Trace], str]] = [sarif_log.export, junit_xml.export]
    assert all("\x1b" not in make(hostile()) for make in makers)
