"""docs/exports.md and docs/ci.md: what they show is what happens, and what they say to copy works."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import junitparser
import pytest
from pages import ELIDED, ROOT, blocks, played

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.exports.registry import EXPORTS

CI = {block.file: block.body for block in blocks((ROOT / "docs" / "ci.md").read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", ["exports.md", "ci.md"])
def test_a_page_shows_what_is_printed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    shown = 0
    for command, says, prints in played(ROOT / "docs" / name, tmp_path):
        lines, printed = says.rstrip().splitlines(), prints.rstrip().splitlines()
        if ELIDED in lines:
            assert set(lines) - {ELIDED} <= set(printed), command
        else:
            assert lines == printed, command
        shown += len(lines)
    assert shown >= 3
    for block in blocks((ROOT / "docs" / name).read_text(encoding="utf-8")):
        if block.kind == "mermaid":
            assert (tmp_path / "found.md").read_text(encoding="utf-8") == f"```mermaid\n{block.body}```\n"


def test_the_table_has_every_format() -> None:
    text = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.M)) == set(EXPORTS)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/exports.md" in readme
    assert "docs/ci.md" in readme


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "driver", "--like", "head-not-advanced"]) == 0
    return tmp_path


def test_the_workflow_finds_the_bug_and_writes_what_is_uploaded(
    driver: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(driver / "summary.md"))
    (command,) = re.findall(r"run: chimneysweep (.*)", CI["handoff.yml"])
    assert main(shlex.split(command)) == 1
    (sarif,) = re.findall(r"sarif_file: (\S+)", CI["handoff.yml"])
    (result, *_) = json.loads(Path(sarif).read_text(encoding="utf-8"))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (driver / place["artifactLocation"]["uri"]).is_file()
    assert f"::error file={place['artifactLocation']['uri']},line=" in capsys.readouterr().out
    assert {file.name for file in driver.glob("handoff.*")} == {"handoff.sarif", "handoff.html"}
    assert "sequenceDiagram" in Path("summary.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_makefile_fails_and_lists_every_rule(driver: Path) -> None:
    (driver / "Makefile").write_text(CI["Makefile"], encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["make", "handoff"], capture_output=True, env={**os.environ, "PATH": path}, check=False
    )
    assert done.returncode == 2, "make's own code for a command that failed"
    (suite,) = junitparser.JUnitXml.fromfile("handoff.xml")
    assert suite.failures > 0
    assert suite.tests > suite.failures + suite.skipped
