"""``chimneysweep list``: names and what they mean, for people and for programs."""

from __future__ import annotations

import json

import pytest
from cli_stage import PROPERTIES, Stage, stage

from chimneysweep.cli.main import main

__all__ = ["stage"]  # a fixture


def entries(what: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main(["list", what, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["format"], data["version"], data["what"]) == ("chimneysweep-list", 1, what)
    listed: list[dict[str, object]] = data["entries"]
    return listed


def test_properties_are_all_listed(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    listed = entries("properties", capsys)
    assert [e["name"] for e in listed] == [p.name for p in PROPERTIES]
    assert listed[3]["impossible_with"] == ["snd.una"]


def test_clauses_are_those_of_the_specification(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    listed = entries("clauses", capsys)
    assert [e["name"] for e in listed] == [p.name for p in PROPERTIES if p.kind == "clause"]
    assert (listed[0]["page"], listed[0]["heading"]) == ("page.md", "Remarks")


def test_designs_say_what_they_break(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    listed = entries("designs", capsys)
    assert listed[1] == {
        "name": "reversed-chain",
        "says": "chains in reverse",
        "breaks": "chain.order",
        "steps": 6,
    }


def test_targets_are_those_that_come_along(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert entries("targets", capsys) == [{"name": "reference", "says": "a well-behaved driver"}]


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_the_table_fits_and_cuts_nothing_off(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["list", "properties"]) == 0
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= int(columns)
    flowing = " ".join(told.split())
    for prop in PROPERTIES:
        assert prop.name in flowing
        assert prop.says in flowing
    assert "(no target can keep this reading)" in flowing


def test_an_unknown_list_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "propertis"]) == 2
    err = capsys.readouterr().err
    assert "'propertis' is not one of 'properties', 'clauses', 'designs', 'targets'" in err
