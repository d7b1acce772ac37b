"""A small subject of a user's own, and mistakes in such a file: a change of it, and what is said then."""

from __future__ import annotations

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
    "no sort": ("moved: int = var(INT)", "moved: int = var(int)", "int is no sort: write INT, BOOL"),
    "an index of what is no bound": (
        'BOX = Index("boxes")',
        "BOX = Index(0)",
        "in event Put: box is Index(0); it takes the name of a bound, or how many there are",
    ),
    "an index of a function": (
        'BOX = Index("boxes")',
        "BOX = Index(len)",
        "it takes the name of a bound, or how many there are",
    ),
    "words of bounds that are none": (
        "    Bounds(boxes=2),",
        '    Bounds("{box} boxes", boxes=2),',
        "the words of its Bounds name {box}, no bound; did you mean boxes?",
    ),
    "words of bounds with a brace": (
        "    Bounds(boxes=2),",
        '    Bounds("{boxes boxes", boxes=2),',
        "in the words of its Bounds: expected '}' before end of string",
    ),
    "a value outside of its sort": (
        "update(box, held=box.held + p.count)",
        "update(box, held=12)",
        "in event Put: boxes[0].held becomes 12, which is outside of 0..9",
    ),
    "owed for ever": (
        '@event("host")',
        '@event("host", owed=True)',
        "in event Open: it is owed before all comes to rest, and nothing does",
    ),
    "owed with no value": (
        '@event("host", box=BOX, count=between(1))',
        '@event("host", box=BOX, count=between(1), owed={"box": 1})',
        "in event Put: owed names 'box', no parameter that is no index; there are count",
    ),
    "owed without a value": (
        '@event("host", box=BOX, count=between(1))',
        '@event("host", box=BOX, count=between(1), owed=True)',
        "in event Put: it is owed with which count? owed={'count': ...} says it",
    ),
    "owed with a value that it cannot have": (
        '@event("host", box=BOX, count=between(1))',
        '@event("host", box=BOX, count=between(1), owed={"count": 0})',
        "in event Put: owed says count 0, outside of 1..",
    ),
    "owed so often": (
        '@event("host", box=BOX, count=between(1))',
        '@event("host", box=BOX, count=between(1), owed=2)',
        "in event Put: owed is 2; it is True, or a value for each parameter that is no index",
    ),
    "a step that is owed with no value": (
        "@step(box=BOX)",
        '@step(box=BOX, owed={"boxes": 1})',
        "in step TakeOne of design careful: owed names 'boxes'",
    ),
    "rest that is no event": (
        "    CAREFUL,\n)",
        "    CAREFUL,\n    rest=room,\n)",
        "subject boxes: rest is box.room, which is no event of a part",
    ),
    "bounds that are a number": (
        "Bounds(boxes=2)",
        "2",
        "subject boxes: bounds is 2; write Bounds(connections=2)",
    ),
    "a design that is none": (
        "    CAREFUL,\n)",
        "    opened,\n)",
        "is among its designs, and is no Design",
    ),
    "a step without brackets": (
        "@step(box=BOX)",
        "@step",
        "TypeError: write @step() with its brackets",
    ),
    "an event without brackets": (
        '@event("host")',
        "@event",
        'TypeError: write @event("...") with who does it in the brackets, a text',
    ),
    "a guarantee without brackets": (
        '@guarantee("box.room", "boxes.md", each=each_box)',
        "@guarantee",
        "a property is declared with its id and where it is said",
    ),
    "a fraction": (
        "known=s.known + 1",
        "known=s.known + 0.5",
        "known becomes a fraction where a number belongs",
    ),
    "a bound below 1": (
        "Bounds(boxes=2)",
        "Bounds(boxes=0)",
        "the bound boxes of boxes is 0; a world has 1 or more of each",
    ),
    "Python's max": (
        "moved=s.moved + 1",
        "moved=max(s.moved, 1)",
        "use Min, Max, all_of, any_of",
    ),
    "a function that is no event": (
        "(Put, Open, Take)",
        "(Put, Open, Take, start)",
        "subject boxes: in part boxes events has start, which is no Event",
    ),
    "a state that is changed in place": (
        "return Not(s.open), update(s, open=True)",
        "s.open = True; return Not(s.open), s",
        "in event Open: FrozenInstanceError: cannot assign to field 'open'",
    ),
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
