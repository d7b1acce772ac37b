"""Properties as decorated functions: what is kept of them, and what is refused."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

import pytest

from chimneysweep.model.logic import And
from chimneysweep.properties.property import (
    Case,
    Holding,
    Place,
    at_most,
    case,
    clause,
    collected,
    conjunct,
    failures,
    guarantee,
    lemma,
    rule,
    same,
)


def state(*numbers: int) -> Any:
    return types.SimpleNamespace(numbers=numbers)


def each_number(s: Any) -> Iterator[Place]:
    return ((f"number {n}", (value,)) for n, value in enumerate(s.numbers))


@clause("numbers.small", "page.md", "heading", reading="strict", impossible_with=("a.b",), inferred="why")
def small(s: Any) -> Iterator[Case]:
    """Numbers are
    small.
    """
    for n, value in enumerate(s.numbers):
        yield case(f"number {n}", value > 0, conjunct("below 9", value < 9, the_number=value, **{"x-y": 1}))


@guarantee("guarantee.even", "nobody", each=each_number)
def even(s: Any, value: int) -> Holding:
    """Numbers are even."""
    return value > 0, conjunct("even", value % 2 == 0), conjunct("not 4", value != 4)


@rule("wire.count", "RFC 9293", "3.4", says="There is a number.")
def count(s: Any) -> Iterator[Case]:
    yield case("the numbers", True, conjunct("some", len(s.numbers) > 0))


@lemma("sum")
def total(s: Any) -> bool:
    """They add up to 10."""
    return sum(s.numbers) == 10


@lemma("positive", each=each_number)
def positive(s: Any, value: int) -> bool:
    """Each is positive."""
    return value > 0


def test_what_a_declaration_says_is_kept() -> None:
    assert (small.id, small.kind, small.says) == ("numbers.small", "clause", "Numbers are small.")
    assert (str(small.source), small.name) == ("page.md, heading", "numbers.small@strict")
    assert (small.impossible_with, small.inferred) == (("a.b",), "why")
    assert (even.kind, even.inferred, count.kind, count.says) == (
        "guarantee",
        "",
        "rule",
        "There is a number.",
    )
    assert (total.id, total.kind, total.says) == ("lemma.sum", "lemma", "They add up to 10.")
    assert total.source.page.endswith("test_properties_declared.py")


def test_cases_name_their_places_and_values() -> None:
    (broken,) = failures(small, state(3, 12, -1))
    assert (broken.where, broken.says, broken.values) == ("number 1", "below 9", {"the number": 12, "x-y": 1})
    assert failures(small, state(3, 8)) == []


def test_two_values_are_compared_and_shown() -> None:
    equal, less = same("equal", the_one=3, the_other=4), at_most("no more", it=4, **{"x's": 4})
    assert (equal.formula, equal.values) == (False, {"the one": 3, "the other": 4})
    assert (less.formula, less.values) == (True, {"it": 4, "x's": 4})
    assert same("equal", a=3, b=3).formula
    assert not at_most("no more", a=4, b=3).formula


def test_a_function_on_each_place_gives_its_premise_and_what_must_hold() -> None:
    assert [(f.where, f.says) for f in failures(even, state(3, 4, -5))] == [
        ("number 0", "even"),
        ("number 1", "not 4"),
    ]
    assert failures(even, state(2, -3)) == []


def test_a_lemma_is_one_formula_on_the_state_or_on_each_place() -> None:
    assert [f.where for f in failures(total, state(3, 4))] == ["the world"]
    assert [f.where for f in failures(positive, state(3, 0))] == ["number 1"]
    assert And(total.holds(state(4, 6)), positive.holds(state(4, 6)))


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"clause numbers\.mute says nothing: give its function a docstring"):

        @clause("numbers.mute", "page.md")
        def mute(s: Any) -> Iterator[Case]:
            yield case("nowhere", True)

    with pytest.raises(ValueError, match=r"lemma lemma\.mute says nothing"):
        lemma("mute")(lambda s: True)


def test_a_module_s_properties_are_collected_in_their_order_and_once() -> None:
    again = even
    namespace = {"x": 1, "small": small, "several": (total, count, "other"), "even": even, "again": again}
    assert collected(namespace) == (small, total, count, even)
    assert collected(globals()) == (small, even, count, total, positive)
