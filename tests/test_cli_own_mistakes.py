"""Mistakes in a user's own file: each is said as theirs, with the line, before an engine starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_stage import Stage, stage
from mistaken_boxes import MISTAKES, SUBJECT

from chimneysweep.cli.main import main

__all__ = ["stage"]  # a fixture


def written(folder: Path, text: str, name: str = "boxes.py") -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def changed(old: str, new: str) -> str:
    assert SUBJECT.count(old) == 1, "the place to change is there once"
    return SUBJECT.replace(old, new)


def refused(capsys: pytest.CaptureFixture[str], stage: Stage, *argv: str) -> str:
    """What is said of a file that is refused."""
    assert main(["check", "--quiet", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: ")
    assert "Traceback" not in captured.err
    assert "bug in chimneysweep" not in captured.err
    assert not stage.requests, "no engine was started"
    return captured.err


def flowing(said: str) -> str:
    """What is said without the line of the source, on one line."""
    return " ".join(re.sub(r":\n    .*\n", ": ", said).split())


def test_without_a_mistake_the_engines_are_asked(stage: Stage, tmp_path: Path) -> None:
    assert main(["check", "--quiet", written(tmp_path, SUBJECT), "--bound", "boxes=3"]) == 0
    (request,) = stage.requests
    assert request.design == "careful"
    assert dict(request.bounds) == {"boxes": 3}
    assert request.properties == ("box.no-debt", "box.room", "refinement.possible-steps")


@pytest.mark.parametrize(("old", "new", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_with_its_line(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = changed(old, new)
    file = written(tmp_path, text)
    said = refused(capsys, stage, file)
    assert told in flowing(said)
    place = re.search(rf"{re.escape(file)}, line (\d+)[^\n]*:\n    (.*)", said)
    assert place is not None
    assert place[2] == text.splitlines()[int(place[1]) - 1].strip()


def test_a_place_is_of_the_file_and_not_of_what_python_makes_of_it(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(
        tmp_path, changed("return Not(s.open), update(s, open=True)", "s.open = True; return Not(s.open), s")
    )
    assert refused(capsys, stage, "boxes.py").startswith("Error: boxes.py, line ")


def test_every_mistake_is_said_at_once(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = SUBJECT
    for name in ("no such field", "if", "a clause of a number", "a step without its condition"):
        old, new, _ = MISTAKES[name]
        text = text.replace(old, new)
    said = refused(capsys, stage, written(tmp_path, text))
    assert said.startswith("Error: 4 mistakes\n")
    assert said.count(", line ") == 4


IMPORTS = {
    "not there": ("none.py", "", "none.py is not there"),
    "near": ("boxs.py", "", "boxs.py is not there; did you mean {folder}/boxes.py?"),
    "a folder": (".", "", "is a folder; name a Python file in it"),
    "syntax": ("bad.py", "def f(:\n    pass\n", "bad.py, line 1: invalid syntax"),
    "a name": (
        "bad.py",
        "\nx = nothing\n",
        "bad.py, line 2: NameError: name 'nothing' is not defined",
    ),
    "a neighbor": (
        "bad.py",
        "import nowhere_at_all\n",
        "line 1: ModuleNotFoundError: No module named 'nowhere",
    ),
    "an exit": ("bad.py", "raise SystemExit(3)\n", "line 1: SystemExit: 3"),
    "no subject": ("bad.py", "x = 1\n", "bad.py has no Subject: it must define a Subject"),
    "two": (
        "bad.py",
        "from boxes import BOXES, dataclasses\nONE, TWO = (dataclasses.replace(BOXES) for n in 'ab')\n",
        "bad.py:ONE, {folder}/bad.py:TWO; name one of them",
    ),
    "no such kind": ("boxes.py:CAREFUL", "", "boxes.py:CAREFUL is no Subject, but a Design"),
    "another name": ("boxes.py:BOXS", "", "boxes.py has no Subject BOXS; did you mean BOXES?"),
    "no Python": ("boxes/boxes.txt", "", "boxes.txt is not there"),
}


@pytest.mark.parametrize(("name", "text", "told"), IMPORTS.values(), ids=IMPORTS)
def test_a_file_that_cannot_be_used(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, text: str, told: str
) -> None:
    written(tmp_path, SUBJECT)
    if text:
        written(tmp_path, text, name)
    said = refused(capsys, stage, f"{tmp_path}/{name}")
    assert told.format(folder=tmp_path) in flowing(said)


DESIGN = """\
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.model.logic import And


def chain(design, conn, base):
    head, bufs = design.chain(conn, base)
    return head, bufs


MINE = CHIMNEY.the_reference.but("mine", "chains as the reference does", chain=chain)
"""
DESIGNS = {
    "no such choice": (
        "chain=chain)",
        "chian=chain)",
        "design reference has no choice, step or reaction 'chian'",
    ),
    "and": ("return head, bufs", "return head and head, bufs", "instead of `and`"),
    "a field": ("return head, bufs", "return conn.head, bufs", "Connection has no field 'head'"),
    "too few": ("return head, bufs", "return bufs", "a choice the same as the one that it replaces"),
}


def test_a_design_for_the_chimney_is_taken(stage: Stage, tmp_path: Path) -> None:
    file = written(tmp_path, DESIGN, "mine.py")
    assert main(["check", "--quiet", "--design", file, "-p", "snd.una"]) == 0
    assert [r.design for r in stage.requests] == [file]


@pytest.mark.parametrize(("old", "new", "told"), DESIGNS.values(), ids=DESIGNS)
def test_a_mistake_in_a_design_is_said_with_its_line(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = written(tmp_path, DESIGN.replace(old, new), "mine.py")
    said = refused(capsys, stage, "--design", file)
    assert told in flowing(said)
    assert f"{file}, line " in said


def test_a_file_that_has_something_else(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = written(tmp_path, DESIGN, "mine.py")
    said = refused(capsys, stage, file)
    assert f"it must define a Subject (it has the Design MINE: `--design {file}`)" in said
    rules = written(tmp_path, CLAUSES, "rules.py")
    assert f"(it has the Property MINE: `--clauses {rules}`)" in refused(capsys, stage, "--design", rules)


CLAUSES = """\
from chimneysweep.properties.property import Case, Conjunct, Property, Source


def cases(s):
    for number, conn in enumerate(s.conns):
        yield Case(f"connection {number}", True, (Conjunct("something is posted", conn.posted >= 0),))


MINE = Property("mine.posted", "clause", "Sends are posted.", Source("mine.md"), cases)
"""


def test_clauses_are_added_to_those_of_the_subject(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = written(tmp_path, CLAUSES, "mine.py")
    assert main(["check", "--quiet", "--clauses", file]) == 0
    (request,) = stage.requests
    assert "mine.posted" in request.properties
    assert "chain.order" in request.properties
    assert "puppet, mine" in " ".join(capsys.readouterr().out.split()), "the parts that the verdict covers"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("conn.posted >= 0", "conn.poosted >= 0", "Connection has no field 'poosted'; did you mean posted?"),
        ("conn.posted >= 0", "conn.posted", "there is a number where a condition belongs"),
    ],
)
def test_a_mistake_in_a_clause_is_said_with_its_line(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = written(tmp_path, CLAUSES.replace(old, new), "mine.py")
    assert told in flowing(refused(capsys, stage, "--clauses", file))
    empty = written(tmp_path, CLAUSES.split("MINE")[0], "empty.py")
    assert "empty.py has no property" in refused(capsys, stage, "--clauses", file, "--clauses", empty)


def test_what_a_file_has_and_its_subject_has_not_is_named(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An event that was forgotten makes the world smaller, and whatever is proved of it says less."""
    assert main(["check", "--quiet", written(tmp_path, SUBJECT)]) == 0
    assert "left out" not in capsys.readouterr().out
    forgotten = changed("(Put, Open, Take), properties=(NO_DEBT, room)", "(Put, Take), properties=(NO_DEBT,)")
    forgotten = forgotten.replace("@reaction(Open)", "@reaction(Put)")
    assert main(["check", "--quiet", written(tmp_path, forgotten)]) == 0
    assert "left out Open, box.room: in the file, and in no part" in flowing(capsys.readouterr().out)
