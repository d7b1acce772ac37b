"""Rulers: whatever the positions, every boundary can be told apart and stands where its label says."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chimneysweep.counterexamples.ruler import Mark, Ruler, Span


def plain(begin: int, end: int) -> str:
    return "."


def parts(spans: list[Span], marks: list[Mark], width: int) -> tuple[list[int], list[str]]:
    """The columns of the bar's ticks, and the lines below the bar."""
    lines = Ruler(spans, marks, plain).draw(width)
    bar = next(k for k, line in enumerate(lines) if re.fullmatch(r"[|.]+", line))
    return [k for k, char in enumerate(lines[bar]) if char == "|"], lines[bar + 1 :]


def test_a_window_reads_like_this() -> None:
    spans = [Span(0, 10, "B0"), Span(10, 25, "B1")]
    marks = [Mark(4, "una"), Mark(10, "nxt"), Mark(10, "max"), Mark(25, "end")]
    assert Ruler(spans, marks, lambda b, e: "=" if e <= 4 else "~" if e <= 10 else ".").draw(60) == [
        "            B0 [0,10)                B1 [10,25)",
        "|===============|~~~~~~~~~~~~~~~|.................|",
        "0               una=4           nxt=max=10        end=25",
    ]


@given(
    st.lists(st.integers(-(2**40), 2**70), min_size=1, max_size=12, unique=True),
    st.integers(60, 120),
)
def test_every_position_has_a_column_of_its_own_and_its_label_below_it(points: list[int], width: int) -> None:
    marks = [Mark(p, f"m{k}") for k, p in enumerate(points)]
    ticks, below = parts([], marks, width)
    assert len(ticks) == len(points)
    for column, (point, name) in zip(ticks, sorted((p, f"m{k}") for k, p in enumerate(points)), strict=True):
        label = f"{name}={point}"
        rows = [k for k, line in enumerate(below) if line[column:].split(" ")[0] == label]
        assert len(rows) == 1, label
        assert all(line[column] == "|" for line in below[: rows[0]]), "a label hangs on a stalk"


@given(
    st.lists(st.integers(0, 2**66), min_size=2, max_size=10, unique=True),
    st.integers(50, 120),
)
def test_no_line_is_wider_than_asked(points: list[int], width: int) -> None:
    ordered = sorted(points)
    spans = [Span(a, b, f"B{k}") for k, (a, b) in enumerate(itertools.pairwise(ordered))]
    assert max(map(len, Ruler(spans, [], plain).draw(width))) <= width


def test_one_byte_beside_four_gigabytes_is_drawn_smaller_but_drawn() -> None:
    ticks, below = parts([Span(0, 1, "B0"), Span(1, 2**32, "B1")], [], 60)
    assert 1 < ticks[1] - ticks[0] < ticks[2] - ticks[1]
    assert "4294967296" in below[0]


def test_names_stand_above_their_span() -> None:
    lines = Ruler([Span(0, 100, "B0"), Span(100, 200, "B1")], [], plain).draw(60)
    ticks = [k for k, char in enumerate(lines[1]) if char == "|"]
    assert ticks[0] < lines[0].index("B0 [0,100)") < ticks[1] < lines[0].index("B1 [100,200)") < ticks[2]


def test_markers_at_one_position_share_a_label() -> None:
    _, below = parts([Span(0, 9, "B0")], [Mark(3, "nxt"), Mark(3, "una"), Mark(3, "nxt")], 60)
    assert "nxt=una=3" in below[0]


@pytest.mark.parametrize("width", [5, 20, 30])
def test_without_room_the_same_facts_come_as_a_list(width: int) -> None:
    spans = [Span(10 * k, 10 * k + 10, f"B{k}") for k in range(20)]
    lines = Ruler(spans, [Mark(42, "una")], plain).draw(width)
    assert "B19 [190,200)" in lines
    assert "una = 42" in lines


def test_nothing_gives_no_lines() -> None:
    assert Ruler([], [], plain).draw(80) == []
