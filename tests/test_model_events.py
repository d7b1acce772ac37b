"""Events declared once: as actions, taken by designs, and as what an observer saw."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.design import Choice, Deed, Design, most_general, reaction, remember, step
from chimneysweep.model.event import Event, Happening, Index, event
from chimneysweep.model.kernel import arguments
from chimneysweep.model.logic import Value
from chimneysweep.model.records import BOOL, INT, between, update, var
from chimneysweep.properties.subject import Part, Subject

BOUNDS = Bounds(jars=2)


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Jars with sweets in them, and what the shopkeeper remembers."""

    jars: tuple[Value, ...] = dataclasses.field(default=(0, 0), metadata={"sort": INT})
    sold: Value = var(INT)
    note: Value = var(INT)
    shut: Value = var(BOOL)


def _with(s: Shelf, jar: int, sweets: Value) -> Shelf:
    jars = tuple(sweets if n == jar else old for n, old in enumerate(s.jars))
    return update(s, jars=jars)


@event("host", jar=Index("jars"), sweets=between(1, 9))
def Fills(s: Shelf, p: Any) -> Happening:
    """somebody puts {sweets} sweets into jar {jar}"""
    return s.jars[p.jar] == 0, _with(s, p.jar, p.sweets)


@event("target", jar=Index("jars"), sweets=between(1), seen={"broken": 0})
def Sells(s: Shelf, p: Any) -> Happening:
    """the shop sells {sweets} sweets of jar {jar}"""
    left = s.jars[p.jar] - p.sweets
    return left >= 0, update(_with(s, p.jar, left), sold=s.sold + p.sweets - p.broken)


@event("target", observed=True)
def Sighs(s: Shelf, p: Any) -> Happening:
    """the shopkeeper sighs"""
    return True, s


@step(jar=Index("jars"))
def SellOne(design: Any, s: Shelf, p: Any) -> Choice:
    """the shop sells a sweet of jar {jar}"""
    return s.jars[p.jar] > 0, [Sells(jar=p.jar, sweets=design.portion(s)), remember(note=s.note + 1)]


def portion(design: Any, s: Shelf) -> Value:
    """How many sweets are sold at a time."""
    return 1


@reaction(Fills)
def noted(design: Any, s: Shelf, p: Any) -> list[Deed]:
    """A full jar is noted."""
    return [remember(note=100)]


SHOP = Design("shop", "sells one by one", (SellOne,), (noted,), {"portion": portion}, frozenset({"note"}))
PART = Part("shop", events=(Fills, Sells, Sighs))


def subject(design: Design) -> Subject:
    return Subject("shop", "a shop", lambda bounds: Shelf(), parts=(PART,), bounds=BOUNDS, reference=design)


def run(design: Design, *names: tuple[str, dict[str, int]]) -> Any:
    system = subject(design).system("shop", BOUNDS)
    state = system.template
    for name, values in names:
        action, p = system.action(name), arguments(values)
        assert action.guard(state, p), name
        state = action.effect(state, p)
    return state


FILL, SELL = ("Fills", {"jar": 1, "sweets": 3}), ("SellOne", {"jar": 1})


def test_an_event_is_an_action_with_all_of_its_parameters_open() -> None:
    action = Sells.action(BOUNDS)
    assert [(p.name, p.enumerate) for p in action.parameters] == [("jar", True), ("sweets", False)]
    assert action.says == "the shop sells {sweets} sweets of jar {jar}"
    before = Shelf(jars=(0, 3))
    assert action.guard(before, arguments({"jar": 1, "sweets": 3})) is True
    assert action.guard(before, arguments({"jar": 1, "sweets": 4})) is False


def test_what_only_an_observer_knows_has_its_value_of_the_model_in_an_action() -> None:
    p = arguments({"jar": 0, "sweets": 2})
    assert Sells.action(BOUNDS).effect(Shelf(jars=(2, 0)), p).sold == 2
    seen = arguments({"jar": 0, "sweets": 2, "broken": 1})
    assert Sells.happens(Shelf(jars=(2, 0)), seen)[1].sold == 1


def test_a_design_says_when_and_with_which_values_and_the_event_what_it_means() -> None:
    state = run(SHOP, FILL, SELL, SELL)
    assert (state.jars, state.sold, state.note, state.astray) == ((0, 1), 2, 102, False)


def test_a_choice_is_replaced_by_its_name_and_may_ask_the_original() -> None:
    greedy = SHOP.but("shop", "sells two", portion=lambda original, s: original.portion(s) + 1)
    assert run(greedy, FILL, SELL).sold == 2
    assert run(SHOP, FILL, SELL).sold == 1, "the original is what it was"


def test_a_step_and_a_reaction_are_replaced_by_their_names() -> None:
    def sells_all(original: Any, s: Shelf, p: Any) -> Choice:
        when, _ = original.SellOne(s, p)
        return when, [Sells(jar=p.jar, sweets=s.jars[p.jar])]

    changed = SHOP.but("shop", "sells all", SellOne=sells_all, Fills=lambda original, s, p: [])
    state = run(changed, FILL, SELL)
    assert (state.sold, state.note) == (3, 0)


def test_what_a_design_does_not_have_cannot_be_replaced() -> None:
    with pytest.raises(KeyError, match="no choice, step or reaction 'price'"):
        SHOP.but("shop", "", price=portion)
    with pytest.raises(AttributeError, match="no choice, step or reaction 'price'"):
        _ = SHOP.price


def test_an_event_that_is_not_possible_leads_astray() -> None:
    reckless = SHOP.but("shop", "sells what is not there", portion=lambda original, s: 9)
    assert run(reckless, FILL, SELL).astray is True
    assert run(SHOP, FILL, SELL).astray is False


def test_a_deed_whose_condition_does_not_hold_is_not_done_and_leads_nowhere() -> None:
    def never(original: Any, s: Shelf, p: Any) -> Choice:
        return True, [Sells(False, jar=p.jar, sweets=99), remember(when=False, note=7)]

    state = run(SHOP.but("shop", "", SellOne=never), FILL, SELL)
    assert (state.jars, state.sold, state.note, state.astray) == ((0, 3), 0, 100, False)


@pytest.mark.parametrize("path", ["sold", "jars", "shut"])
def test_a_design_writes_nothing_but_its_memory(path: str) -> None:
    def cheats(original: Any, s: Shelf, p: Any) -> Choice:
        return True, [remember(**{path: 0})]

    with pytest.raises(ValueError, match=rf"writes {path}, which is no memory of its own \(note\)"):
        run(SHOP.but("shop", "", SellOne=cheats), FILL, SELL)


def test_the_most_general_target_takes_every_target_event_where_it_is_possible() -> None:
    general = subject(SHOP).system("general", BOUNDS)
    assert [a.name for a in general.actions] == ["Fills", "Sells"]
    state = Shelf(jars=(0, 3))
    state = subject(SHOP).blank(BOUNDS)
    full = general.action("Fills").effect(state, arguments({"jar": 0, "sweets": 5}))
    sells = general.action("Sells")
    assert not sells.guard(full, arguments({"jar": 0, "sweets": 6}))
    sold = sells.effect(full, arguments({"jar": 0, "sweets": 5}))
    assert (sold.sold, sold.astray) == (5, False)


def test_what_is_only_observed_is_in_no_system() -> None:
    names = {a.name for a in subject(SHOP).system("shop", BOUNDS).actions}
    assert names == {"Fills", "SellOne"}
    assert "Sighs" not in {s.name for s in most_general("g", "", PART.events).steps}


def test_a_part_adds_fields_events_steps_and_memory() -> None:
    @dataclasses.dataclass(frozen=True)
    class Cash:
        till: Value = var(INT)
        counted: Value = var(INT)

    @event("target")
    def Cashes(s: Any, p: Any) -> Happening:
        """the till is filled"""
        return s.sold > s.till, update(s, till=s.sold)

    @step()
    def CashUp(design: Any, s: Any, p: Any) -> Choice:
        """the shop cashes up"""
        return s.counted < s.sold, [Cashes(), remember(counted=s.sold)]

    cash = Part(
        "cash", fields={Shelf: Cash}, events=(Cashes,), steps=(CashUp,), memory=frozenset({"counted"})
    )
    system = subject(SHOP).with_parts(cash).system("shop", BOUNDS)
    state = system.template
    assert (state.till, state.note) == (0, 0)
    for name, values in (FILL, SELL, ("CashUp", {})):
        state = system.action(name).effect(state, arguments(values))
    assert (state.till, state.counted, state.sold, state.astray) == (1, 1, 1, False)


def test_two_parts_cannot_add_the_same_field() -> None:
    @dataclasses.dataclass(frozen=True)
    class Again:
        sold: Value = var(INT)

    with pytest.raises(ValueError, match=r"the field Shelf\.sold is defined twice"):
        subject(SHOP).with_parts(Part("again", fields={Shelf: Again})).blank(BOUNDS)


def test_the_sentence_of_an_event_is_its_docstring_on_one_line() -> None:
    assert isinstance(Fills, Event)
    assert Fills.says == "somebody puts {sweets} sweets into jar {jar}"


def test_the_world_comes_to_rest_when_no_event_is_left_that_is_owed() -> None:
    """By whomever: an event of a world without a target is owed as a step of a design is."""

    @event("customer", jar=Index("jars"), sweets=between(1, 9), owed={"sweets": 1})
    def Buys(s: Shelf, p: Any) -> Happening:
        """a customer buys {sweets} sweets of jar {jar}"""
        left = s.jars[p.jar] - p.sweets
        return left >= 0, update(_with(s, p.jar, left), sold=s.sold + p.sweets)

    @event("nobody")
    def Night(s: Shelf, p: Any) -> Happening:
        """all the time there is goes by"""
        return True, update(s, shut=True)

    street = Part("street", events=(Fills, Buys, Night))
    world = Subject("street", "", lambda bounds: Shelf(), parts=(street,), bounds=BOUNDS, rest=Night)
    system = world.system("street", BOUNDS)
    night = system.action("Night")
    state = system.template
    assert night.guard(state, arguments({}))
    state = system.action("Fills").effect(state, arguments(FILL[1]))
    assert not night.guard(state, arguments({}))
    state = system.action("Buys").effect(state, arguments(FILL[1]))
    assert night.guard(state, arguments({}))
