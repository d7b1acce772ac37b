"""``chimneysweep list``: names and what they mean, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_stage import PROPERTIES, Stage, stage

from chimneysweep.cli.list import ROOT
from chimneysweep.cli.main import main

__all__ = ["stage"]  # a fixture


def entries(what: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main(["list", what, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["format"], data["version"], data["what"]) == ("chimneysweep-list", 2, what)
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


def test_an_unknown_list_names_those_there_are(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "propertis"]) == 2
    assert "there is no list 'propertis'; did you mean properties?" in capsys.readouterr().err
    assert main(["list", "x", "y"]) == 2
    assert "there is no list 'x'" in capsys.readouterr().err


OWN = """\
import dataclasses
from chimneysweep.model.event import event
from chimneysweep.model.records import INT, update, var
from chimneysweep.properties.subject import Part, Subject

@dataclasses.dataclass(frozen=True)
class Count:
    n: int = var(INT)

@event("nobody")
def Up(s, p):
    \"\"\"the count goes up\"\"\"
    return True, update(s, n=s.n + 1)

UP = Part("up", "going up", events=(Up,))
COUNT = Subject("count", "a number that goes up", lambda bounds: Count(), parts=(UP,))
"""


def test_a_users_subject_is_listed_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "count.py"
    file.write_text(OWN, encoding="utf-8")
    assert main(["list", str(file)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("count: a number that goes up\nbounds: none\n")
    assert "\n".join(("events", "name  what it says", "Up    the count goes up", "      [nobody]")) in told
    assert main(["list", str(file), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["subject"], data["what"]) == ("count", "everything")
    names = [(e["list"], e["name"]) for e in data["entries"]]
    assert names == [
        ("parts", "up"),
        ("events", "Up"),
        ("designs", "count"),
        ("properties", "refinement.possible-steps"),
        ("properties", "lemma.domain"),
    ]


def test_one_list_of_a_users_subject(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "count.py"
    file.write_text(OWN, encoding="utf-8")
    assert main(["list", "events", f"{file}:COUNT", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert entry == {"name": "Up", "actor": "nobody", "says": "the count goes up"}
    assert main(["list", f"{file}:COUNT", "events", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == [entry]
    assert main(["list", "targets", str(file)]) == 2
    assert "count has no executable targets" in capsys.readouterr().err


def test_the_choices_of_the_reference_say_where_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "choices", "--json"]) == 0
    listed = {e["name"]: e for e in json.loads(capsys.readouterr().out)["entries"]}
    assert {e["kind"] for e in listed.values()} == {"choice", "step", "reaction"}
    chain = listed["chain"]
    assert chain["takes"] == ["conn", "base"]
    assert chain["says"].startswith("Chain the sends that are not completed")
    lines = (ROOT / chain["file"]).read_text(encoding="utf-8").splitlines()
    assert lines[chain["line"] - 1].startswith("def chain(")
    assert main(["list", "choices"]) == 0
    assert "[choice chain(conn, base); model/chimney/" in capsys.readouterr().out
