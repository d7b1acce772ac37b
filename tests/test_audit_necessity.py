"""Necessity: what falls without each clause, and which clauses nothing depends on."""

from __future__ import annotations

import harm_toys as toys
import pytest
from audit_toys import ask

from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.finding import Answer, Computed
from chimneysweep.audit.harm import PROOF, SEARCH, Harmful
from chimneysweep.audit.matrix import Cell, Matrix
from chimneysweep.audit.questions import necessity, sufficiency


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    return {spec.title: ask(necessity, spec) for spec in (toys.SOUND, toys.REDUNDANT, toys.UNGUARDED)}


def test_a_clause_that_another_implies_is_redundant(answers: dict[str, Answer]) -> None:
    assert [f.id for f in answers["redundant"].findings] == ["necessity.redundant"]
    finding = answers["redundant"].findings[0]
    assert finding.clauses == ("no receipt for a soiled coat",)
    assert isinstance(finding.situation, Computed)
    assert "proved" in finding.situation.rows[0][2]


def test_a_clause_that_nobody_needs_is_unguarded(answers: dict[str, Answer]) -> None:
    assert [f.id for f in answers["unguarded"].findings] == ["necessity.unguarded"]
    finding = answers["unguarded"].findings[0]
    assert finding.clauses == ("no receipt is signed",)
    assert isinstance(finding.situation, Computed)
    assert "broken in 1 steps" in finding.situation.rows[0][2]


def test_where_each_clause_is_needed_nothing_is_found(answers: dict[str, Answer]) -> None:
    assert not answers["sound"].findings
    assert {(s.what, s.rests_on) for s in answers["sound"].sound} == {
        ("no coat is soiled", "needed: without it g.spotless falls in 3 steps"),
        ("only what was handed in comes back", "needed: without it g.real falls in 1 steps"),
    }


@pytest.mark.parametrize("name", ["redundant", "unguarded"])
def test_a_needless_clause_is_no_hole(name: str) -> None:
    spec = {"redundant": toys.REDUNDANT, "unguarded": toys.UNGUARDED}[name]
    assert not ask(sufficiency, spec).findings


def test_work_that_ran_out_decides_nothing() -> None:
    answer = ask(necessity, toys.REDUNDANT, effort=1e-9)
    assert answer.undecided
    assert not answer.findings


def test_with_a_hole_no_clause_is_blamed() -> None:
    answer = ask(necessity, toys.OPEN_HOLE)
    assert not answer.findings
    assert answer.remarks == ("g.spotless: falls with every clause kept, so none is to blame",)


@pytest.mark.parametrize(
    ("clause", "guarantee", "steps"),
    [
        ("rcv.nxt", "guarantee.receive-kept", 3),
        ("chain.advanced", "guarantee.send-kept", 4),
        ("status.success-true", "guarantee.no-silent-loss", 4),
        ("resources.after-complete", "guarantee.not-used-after-free", 4),
    ],
)
def test_what_falls_without_a_clause(clause: str, guarantee: str, steps: int) -> None:
    harmful = Harmful(AUDITED)
    harm = harmful.search((guarantee,), steps, SEARCH, drop=clause)
    assert harm.trace is not None
    assert len(harm.trace.steps) == steps
    assert harmful.search((guarantee,), steps, SEARCH).trace is None


def test_a_clause_that_follows_from_another_is_proved_to() -> None:
    harmful = Harmful(AUDITED, rules=False)
    assert harmful.proved(("snd.specified",), PROOF, drop="snd.specified") == ("snd.specified",)
    assert harmful.proved(("snd.wnd",), PROOF, drop="snd.wnd") == ()


# The matrix as data.

CELLS = {("a", "x"): Cell(3, 2), ("a", "y"): Cell(None, 5), ("b", "y"): Cell(4, 0, shortest=False)}
TABLE = Matrix("steps", ("a", "b", "c"), ("x", "y"), CELLS)


def test_a_matrix_tells_what_was_not_searched_from_what_does_not_break() -> None:
    assert TABLE.table() == (("", "x", "y"), ("a", "3", "."), ("b", "?", "4*"), ("c", "?", "?"))
    assert TABLE.broken("a") == ("x",)
    assert TABLE.idle_rows() == (), "c was not searched, so nothing is known of it"
    whole = Matrix("steps", ("a", "c"), ("y",), {("a", "y"): Cell(None, 5), ("c", "y"): Cell(1, 0)})
    assert whole.idle_rows() == ("a",)
    assert whole.idle_columns() == ()
