"""Parts are put together, or said not to fit: whose they are, and why."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chimneysweep.model.chimney.state import Connection
from chimneysweep.model.chimney.world import EVENTS
from chimneysweep.model.design import Choice, bug, reaction, step
from chimneysweep.model.event import Happening, event
from chimneysweep.model.records import INT, var
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Holding, clause, lemma
from chimneysweep.properties.subject import Part
from chimneysweep.properties.tcp.wire import each_connection


@dataclasses.dataclass(frozen=True)
class Extra:
    counted: Any = var(INT)


@dataclasses.dataclass(frozen=True)
class Taken:
    lent: Any = var(INT)  # Connection has one


@event("host")
def Knock(s: Any, p: Any) -> Happening:
    """somebody knocks"""
    return True, s


@step()
def Open(design: Any, s: Any, p: Any) -> Choice:
    """the target opens"""
    return True, []


@reaction(Knock)
def heard(design: Any, s: Any, p: Any) -> list[Any]:
    """It listens."""
    return []


@clause("door.opened", "house.md", each=each_connection)
def opened(s: Any, conn: Any) -> Holding:
    """The door is opened."""
    return (True,)


@bug("door.opened", 1, "Open")
def deaf(reference: Any, s: Any, p: Any) -> Choice:
    """Never opens."""
    return False, []


DOOR = Part(
    "door",
    fields={Connection: Extra},
    events=(Knock,),
    steps=(Open,),
    reactions=(heard,),
    properties=(opened,),
    bugs=(deaf,),
)


def refused(*parts: Part) -> str:
    with pytest.raises(ValueError, match=r"^subject chimney: ") as found:
        CHIMNEY.with_parts(*parts)
    return str(found.value)


def test_a_part_that_fits_is_taken_whole() -> None:
    wider = CHIMNEY.with_parts(DOOR)
    assert wider.events[-1] is Knock
    assert wider.the_reference.steps[-1] is Open
    assert wider.find("door.opened") is opened
    assert wider.find("lemma.ready.door.opened").kind == "lemma"
    assert "deaf" in wider.bugs
    assert wider.blank(wider.bounds).conns[0].counted == 0
    assert "door.opened" not in {p.name for p in CHIMNEY.properties}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"needs": ("wires",)}, "part other needs the part wires; there are: tree, termination"),
        ({"name": "door"}, "the part door is defined twice: give one of them another name"),
        (
            {"fields": {Connection: Extra}},
            "the field Connection.counted is defined twice: in part door and in",
        ),
        ({"events": (Knock,)}, "the event Knock is defined twice: in part door and in part other"),
        ({"steps": (Open,)}, "the step or choice Open is defined twice: in part door and in part other"),
        (
            {"properties": (opened,)},
            "the property door.opened is defined twice: in part door and",
        ),
        ({"bugs": (deaf,)}, "the bug deaf is defined twice: in part door and in part other"),
    ],
)
def test_what_is_lacking_or_defined_twice_is_said(changed: dict[str, Any], says: str) -> None:
    assert says in refused(DOOR, dataclasses.replace(Part("other"), **changed))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"fields": {Connection: Taken}},
            "the field Connection.lent is defined twice: in part door, and in the record itself",
        ),
        ({"events": ()}, "part door speaks of the event Knock, which no part has"),
        ({"properties": ()}, "the bug deaf of part door breaks door.opened, which is no property here"),
        (
            {"steps": (dataclasses.replace(Open, name="AckArrives"),)},
            "the step AckArrives of part door has the name of an event of the peer",
        ),
    ],
)
def test_what_does_not_fit_is_said(changed: dict[str, Any], says: str) -> None:
    assert says in refused(dataclasses.replace(DOOR, **changed))


def test_everything_that_is_wrong_is_said_at_once() -> None:
    told = refused(dataclasses.replace(DOOR, needs=("wires",), properties=()))
    assert "needs the part wires" in told
    assert "breaks door.opened" in told


def test_a_part_cannot_be_left_out_that_others_need() -> None:
    rest = tuple(part for part in CHIMNEY.parts if part.name != "wire")
    with pytest.raises(ValueError, match="part sending needs the part wire"):
        dataclasses.replace(CHIMNEY, parts=rest)


def test_every_event_of_the_world_is_in_one_part_and_in_its_order() -> None:
    assert CHIMNEY.events[: len(EVENTS)] == EVENTS
    assert [e.name for e in CHIMNEY.events[len(EVENTS) :]] == ["Quiet"]


def test_properties_replace_those_of_the_same_name_with_what_is_made_of_them() -> None:
    @clause("chain.order", "mine.md", each=each_connection)
    def order(s: Any, conn: Any) -> Holding:
        """Any order will do."""
        return (True,)

    changed = CHIMNEY.with_properties("mine.py", [order, lemma("mine")(_nothing)])
    assert changed.find("chain.order") is order
    assert changed.find("lemma.ready.chain.order").says == "Once the tree is filled: Any order will do."
    assert changed.find("lemma.mine").kind == "lemma"
    assert len(changed.properties) == len(CHIMNEY.properties) + 1
    part = changed.part_of("chain.order")
    assert part is not None
    assert part.name == "mine.py"


def _nothing(s: Any) -> bool:
    """Nothing."""
    return True
