"""The mutation matrix: which property catches which seeded design, computed."""

from __future__ import annotations

import dataclasses

import pytest

from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.jobs import answer
from chimneysweep.audit.matrix import Caught, Matrix
from chimneysweep.audit.mutation import Tried, attempts, columns, matrix, passed, tried
from chimneysweep.model.records import values

HERE = dataclasses.replace(AUDITED, ref=None)
SOME = ("success-when-sent", "tcp-event-not-awaited", "writes-afterwards", "buffered-dropped")
LISTED = {design.name: design for design in AUDITED.subject.every_design if design.breaks}


@pytest.fixture(scope="module")
def some() -> Matrix:
    return answer(HERE, tried(HERE, SOME))


def test_each_design_is_caught_by_its_property_in_the_pinned_steps(some: Matrix) -> None:
    assert set(some.rows) == set(SOME)
    for name in SOME:
        cell = some.cell(name, LISTED[name].breaks)
        assert (cell.steps, cell.shortest) == (LISTED[name].steps_to_it, True)


def test_what_else_catches_a_design_is_seen(some: Matrix) -> None:
    assert "guarantee.send-kept" in some.broken("success-when-sent")
    assert "guarantee.receive-kept" in some.broken("buffered-dropped")


def test_a_property_that_catches_nothing_is_named(some: Matrix) -> None:
    assert "chain.order" in some.idle_columns()
    assert "send-complete.success-acked" not in some.idle_columns()


def test_no_run_catches_the_reference() -> None:
    system, _, first, script = HERE.scripted()[0]
    runs = [Tried.of(values(f), (*steps, *HERE.ending)) for _, _, f, steps in HERE.scripted()]
    assert attempts(HERE, ("reference",), runs) == {"reference": {}}
    reached = passed(system, first, (*script, *HERE.ending))
    assert max(world.phase for world in reached) == 2, "the hand-off ends"


def test_a_design_that_its_property_does_not_catch_is_told() -> None:
    bug = AUDITED.subject.bugs["success-when-sent"]
    wrong = dataclasses.replace(bug, breaks="chain.order", steps=3)
    parts = (
        dataclasses.replace(part, bugs=tuple(wrong if b is bug else b for b in part.bugs))
        for part in AUDITED.subject.parts
    )
    changed = dataclasses.replace(HERE, subject=dataclasses.replace(AUDITED.subject, parts=tuple(parts)))
    with pytest.raises(RuntimeError, match="success-when-sent is not caught by chain"):
        answer(changed, tried(changed, ("success-when-sent",)))


@pytest.mark.slow
def test_every_clause_and_every_guarantee_catches_a_design() -> None:
    whole = answer(AUDITED, matrix(AUDITED))
    ours = [
        row for row in whole.rows if LISTED[row].breaks in whole.columns
    ]  # others break rules of the wire
    assert len(ours) > len(whole.rows) - len(ours)
    assert all(whole.broken(row) for row in ours)
    assert whole.idle_columns() == ()
    assert set(whole.columns) == set(columns(AUDITED))


def test_a_matrix_tells_what_was_not_searched_from_what_does_not_break() -> None:
    cells = {("a", "x"): Caught(3, 2), ("a", "y"): Caught(None, 5), ("b", "y"): Caught(4, 0, shortest=False)}
    table = Matrix("steps", ("a", "b"), ("x", "y"), cells)
    assert [table.cell("a", c).show() for c in ("x", "y")] == ["3", "."]
    assert [table.cell("b", c).show() for c in ("x", "y")] == ["?", "4*"]
    assert table.broken("a") == ("x",)
    assert table.idle_columns() == (), "b was not searched for x, and y breaks in it"
