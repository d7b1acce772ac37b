"""Mistakes in a user's own file: each is said as theirs, with the line, before an engine starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cli_stage import Stage, stage

from chimneysweep.cli.main import main

__all__ = ["stage"]  # a fixture

SUBJECT = '''\
import dataclasses

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.design import Design, bug, reaction, remember, step
from chimneysweep.model.event import Index, event
from chimneysweep.model.logic import And, If, Not, put
from chimneysweep.model.records import BOOL, INT, between, domain, update, var
from chimneysweep.properties.property import Case, Conjunct, Property, Source, conjunct, guarantee
from chimneysweep.properties.subject import Part, Subject


@dataclasses.dataclass(frozen=True)
class Box:
    held: int = var(between(0, 9))


@dataclasses.dataclass(frozen=True)
class World:
    open: bool = var(BOOL)
    moved: int = var(INT)
    known: int = var(INT)
    boxes: tuple = ()


BOX = Index("boxes")


def start(bounds):
    return World(boxes=(Box(),) * bounds.boxes)


@event("host", box=BOX, count=between(1))
def Put(s, p):
    """{count} are put into box {box}"""
    box = s.boxes[p.box]
    may = And(s.open, box.held + p.count <= 9)
    return may, update(s, boxes=put(s.boxes, p.box, update(box, held=box.held + p.count)))


@event("host")
def Open(s, p):
    """the boxes are opened"""
    return Not(s.open), update(s, open=True)


@event("target", box=BOX)
def Take(s, p):
    """one is taken out of box {box}"""
    box = s.boxes[p.box]
    after = update(s, boxes=put(s.boxes, p.box, update(box, held=box.held - 1)), moved=s.moved + 1)
    return box.held > 0, after


@step(box=BOX)
def TakeOne(design, s, p):
    """the target takes one out of box {box}"""
    return And(s.open, s.boxes[p.box].held > 0), [Take(box=p.box), remember(known=s.known + 1)]


@reaction(Open)
def opened(design, s, p):
    return [remember(known=0)]


def counted(s):
    for number, box in enumerate(s.boxes):
        fine = Conjunct("it is not in debt", box.held >= 0, {"held": box.held})
        yield Case(f"box {number}", s.open, (fine,))


NO_DEBT = Property("box.no-debt", "guarantee", "No box is in debt.", Source("boxes.md"), counted)


def each_box(s):
    return [(f"box {number}", (box,)) for number, box in enumerate(s.boxes)]


@guarantee("box.room", "boxes.md", each=each_box)
def room(s, box):
    """No box overflows."""
    return s.open, conjunct("it is not too full", box.held <= 9, held=box.held)


def init(s, blank):
    return And(domain(s), s.moved == 0, s.known == 0, *(box.held <= 3 for box in s.boxes))


CAREFUL = Design("careful", "takes one by one", (TakeOne,), (opened,), {}, frozenset({"known"}))
BOXES = Subject(
    "boxes",
    "boxes that are filled and emptied",
    start,
    init,
    (Part("boxes", events=(Put, Open, Take), properties=(NO_DEBT, room)),),
    Bounds(boxes=2),
    CAREFUL,
)
'''

MISTAKES = {
    "no such field": (
        "box.held - 1",
        "box.hold - 1",
        "in event Take: Box has no field 'hold'; did you mean held?",
    ),
    "and": (
        "may = And(s.open, box.held + p.count <= 9)",
        "may = s.open and box.held + p.count <= 9",
        "in event Put: a value of the state stands for all its values at once",
    ),
    "and, where Z3 says nothing": (
        "may = And(s.open, box.held + p.count <= 9)",
        "may = box.held == 0 and p.count <= 9",
        "instead of `and`, `or`, `not`, `if`",
    ),
    "if": (
        "    return Not(s.open), update(s, open=True)",
        "    if s.open:\n        return False, s\n    return True, s",
        "event Open: a value",
    ),
    "chained": ("And(s.open, box.held + p.count <= 9)", "0 < p.count < 9", "And(a < b, b < c)"),
    "in": (
        "And(s.open, box.held + p.count <= 9)",
        "p.count in (1, 2)",
        "in event Put: a value of the state stands",
    ),
    "division": ("held=box.held - 1", "held=box.held / 2", "/ and // are not among them"),
    "whole division": ("held=box.held - 1", "held=box.held // 2", "/ and // are not among them"),
    "an index that is no Index": (
        '@event("target", box=BOX)',
        '@event("target", box=between(0, 1))',
        "cannot index a tuple: use pick",
    ),
    "no such parameter": (
        "box.held + p.count <= 9",
        "box.held + p.cuont <= 9",
        "there is no parameter 'cuont'; did you mean count?",
    ),
    "no such bound": (
        'Index("boxes")',
        'Index("boxs")',
        "box numbers 'boxs', which is no bound; did you mean boxes?",
    ),
    "a parameter without a sort": (
        "count=between(1))",
        "count=9)",
        "count is 9; a parameter is INT, BOOL, between(1, 9)",
    ),
    "a sentence with an unknown name": (
        "{count} are put",
        "{cuont} are put",
        "its sentence names {cuont}, no parameter; did you mean count?",
    ),
    "nothing returned": (
        "    return box.held > 0, after\n",
        "    box.held > 0, after\n",
        "event Take: it returns nothing; it must return two things",
    ),
    "the state alone": (
        "    return box.held > 0, after\n",
        "    return after\n",
        "it returns a World; it must return two things",
    ),
    "the other way round": (
        "    return box.held > 0, after\n",
        "    return after, box.held > 0\n",
        "there is a World where a condition belongs",
    ),
    "a number as a condition": (
        "    return Not(s.open),",
        "    return s.moved,",
        "event Open, what it requires: there is a number where a condition",
    ),
    "a number in And": ("And(s.open, box", "And(s.moved, box", "a number stands where a condition belongs"),
    "a condition as a number": (
        "moved=s.moved + 1)",
        "moved=s.open)",
        "moved becomes a condition where a number belongs",
    ),
    "an unknown field written": (
        "moved=s.moved + 1)",
        "mowed=s.moved + 1)",
        "there is no field 'mowed' in World",
    ),
    "a part of the state": ("update(s, open=True)", "s.boxes[0]", "the state after it is a Box, not World"),
    "fewer boxes": (
        "update(s, open=True)",
        "update(s, boxes=s.boxes[1:])",
        "other variables than before it (boxes[1].held)",
    ),
    "a field that is no variable": (
        "moved: int = var(INT)",
        "moved: int = 0",
        "in World: the field moved is no variable: declare it with var(...)",
    ),
    "a list": (
        "boxes=(Box(),) * bounds.boxes",
        "boxes=[Box()] * bounds.boxes",
        "the field boxes holds a list",
    ),
    "not frozen": (
        "@dataclasses.dataclass(frozen=True)\nclass Box",
        "@dataclasses.dataclass\nclass Box",
        "in Box: its state cannot be changed in place",
    ),
    "a start outside of its range": (
        "var(between(0, 9))",
        "var(between(1, 9))",
        "the field held starts as 0, which is outside of 1..9",
    ),
    "no first state": ("And(domain(s), ", "And(s.moved == 1, domain(s), ", "in init: no state satisfies it"),
    "a first state outside of its range": ("And(domain(s), ", "And(", "it lets boxes[0].held begin as"),
    "a clause that reads what is not there": (
        "box.held >= 0,",
        "box.hlod >= 0,",
        "in guarantee box.no-debt: Box has no field 'hlod'",
    ),
    "a clause without cases": (
        "        yield Case(",
        "        Case(",
        "guarantee box.no-debt: it returns nothing; it must yield cases",
    ),
    "a clause of something else": (
        "        yield Case(",
        "        yield (",
        "it yields a tuple; it must yield cases",
    ),
    "a clause of a number": (
        "box.held >= 0,",
        "box.held,",
        "box 0, 'it is not in debt': there is a number where a condition",
    ),
    "a condition alone": (
        '    return s.open, conjunct("it is not too full", box.held <= 9, held=box.held)',
        "    return box.held <= 9",
        "in guarantee box.room: it returns more or fewer things than belong there",
    ),
    "no conjunct": (
        'conjunct("it is not too full", box.held <= 9, held=box.held)',
        "box.held <= 9",
        "in guarantee box.room: in box 0 a condition must hold; give conjunct(...)",
    ),
    "foreign memory": (
        "remember(known=s.known + 1)",
        "remember(moved=0)",
        "design careful writes moved, which is no memory of its own",
    ),
    "another actor's event": (
        "[Take(box=p.box), ",
        "[Open(), ",
        "Open is up to the host; a design takes events of the target",
    ),
    "a value that is missing": (
        "[Take(box=p.box), ",
        "[Take(), ",
        "in step TakeOne of design careful: Take needs a value for box",
    ),
    "a value too many": (
        "[Take(box=p.box), ",
        "[Take(box=p.box, count=1), ",
        "Take has no parameter 'count'; there are box",
    ),
    "a step that does a state": (
        "[Take(box=p.box), ",
        "[update(s, moved=1), ",
        "it does a World; it takes an event",
    ),
    "a step without its condition": (
        "return And(s.open, s.boxes[p.box].held > 0), [",
        "return [",
        "it returns a list; it must return two things: when it is taken",
    ),
    "a reaction of its own": (
        "@reaction(Open)",
        "@reaction(Take)",
        "Take is an event of the target itself, so this would never be called",
    ),
    "an event of nobody": ("events=(Put, Open, Take)", "events=(Put, Open)", "Take is no event of boxes"),
}


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
