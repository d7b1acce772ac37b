"""The mutation matrix: which property catches which seeded design, computed."""

from __future__ import annotations

import dataclasses

import pytest

from chimneysweep.audit import mutation
from chimneysweep.audit.matrix import Matrix
from chimneysweep.audit.mutation import ENDING, Run, Trial, attempt, columns, matrix, passed
from chimneysweep.model.records import values
from chimneysweep.properties.chimney.runs import ENOUGH
from chimneysweep.properties.chimney.subject import CHIMNEY
from chimneysweep.properties.subject import Part

SOME = ("success-when-sent", "tcp-event-not-awaited", "writes-afterwards", "buffered-dropped")


@pytest.fixture(scope="module")
def some() -> Matrix:
    return matrix(names=SOME, budget=0.0)


def test_each_design_is_caught_by_its_property_in_the_pinned_steps(some: Matrix) -> None:
    assert some.rows == SOME
    for bug in map(CHIMNEY.bugs.__getitem__, SOME):
        cell = some.cell(bug.name, bug.breaks)
        assert (cell.steps, cell.shortest) == (bug.steps, True)


def test_what_else_catches_a_design_is_seen(some: Matrix) -> None:
    assert "guarantee.send-kept" in some.broken("success-when-sent")
    assert "guarantee.receive-kept" in some.broken("buffered-dropped")


def test_a_property_that_catches_nothing_is_named(some: Matrix) -> None:
    assert "chain.order" in some.idle_columns()
    assert "send-complete.success-acked" not in some.idle_columns()


def test_no_run_catches_the_reference() -> None:
    system = CHIMNEY.system(CHIMNEY.design("reference"), ENOUGH)
    first = tuple(values(CHIMNEY.first(system.template)))
    runs = tuple(Run(first, (*script, *ENDING)) for script in CHIMNEY.runs)
    assert attempt(Trial("reference", runs)).steps == {}
    reached = [world.phase for world in passed(system, CHIMNEY.first(system.template), runs[0].script)]
    assert max(reached) == 2, "the runs reach the end of the hand-off"


def test_a_design_that_its_property_does_not_catch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = dataclasses.replace(CHIMNEY.bugs["success-when-sent"], breaks="chain.order")
    parts = (dataclasses.replace(part, bugs=()) for part in CHIMNEY.parts)
    subject = dataclasses.replace(CHIMNEY, parts=(*parts, Part("wrong", bugs=(wrong,))))
    monkeypatch.setattr(mutation, "CHIMNEY", subject)
    with pytest.raises(RuntimeError, match="success-when-sent is not caught by chain"):
        matrix(names=("success-when-sent",))


@pytest.mark.slow
def test_every_clause_and_every_guarantee_catches_a_design() -> None:
    whole = matrix(budget=600.0)
    assert whole.idle_rows() == ()
    assert whole.idle_columns() == ()
    assert set(whole.columns) == set(columns())
