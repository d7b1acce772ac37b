"""Changed designs: each is told from the reference by a property, is the same, or is named as a survivor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from house import ROOT

from chimneysweep.model.bounds import Bounds
from chimneysweep.properties.chimney.chimney import CHIMNEY

sys.path.insert(0, str(ROOT / "benchmarks"))
import changed_design
import design_mutants
import survivors

CHANGES = {change.name: change for change in changed_design.changes()}
PLANTED = {
    "TellEnd: Not(conn.peer.rst) -> conn.peer.rst": "event.end-told in 3",
    "acknowledged: own(p.conn, in_charge(design, s, conn), una=p.upto, nxt=Max(conn.own.nxt, p.upto)) -> "
    "own(p.conn, in_charge(design, s, conn), una=p.upto)": "snd.nxt in 10",
    "end_reached: conn.ends_told == 0 -> conn.ends_told <= 0": design_mutants.ALIKE,
    "RetransmitTimeout: conn.own.nxt -> conn.own.max": design_mutants.KEPT,
    "given_up: return deeds -> return deeds + 1": design_mutants.BROKEN,
    "TellReset: And(conn.peer.rst, conn.aborts_told == 0, design.tells_reset(s, conn)) -> "
    "And(conn.peer.rst, conn.aborts_told == 0)": design_mutants.SAME,
}
"""One that a search finds and one that a written run does, one that no state tells, one that keeps every
claim, and two that are no case."""


@pytest.fixture(scope="module")
def judge() -> design_mutants.DesignJudge:
    """In a world that is as small as can be."""
    return design_mutants.DesignJudge(CHIMNEY, [Bounds(buffers=1, blocks=1, connections=1, requests=1)])


@pytest.mark.parametrize("name", PLANTED)
def test_what_becomes_of_a_planted_change(judge: design_mutants.DesignJudge, name: str) -> None:
    assert judge.became(CHANGES[name]) == PLANTED[name]


def test_a_change_that_only_a_dropped_property_tells_survives(judge: design_mutants.DesignJudge) -> None:
    name = next(iter(PLANTED))
    without = CHIMNEY.find("event.end-told")
    (world,) = judge.worlds
    deaf = design_mutants.DesignJudge(CHIMNEY, [])
    deaf.worlds = [world.without(p.name for p in (without,))]
    assert deaf.became(CHANGES[name]) == design_mutants.KEPT


def test_a_journal_is_gone_on_with_and_the_page_names_what_survives(tmp_path: Path) -> None:
    class Once(design_mutants.DesignJudge):
        def __init__(self) -> None:
            self.asked: list[str] = []

        def became(self, change: changed_design.Change) -> str:
            self.asked.append(change.name)
            return ["chain.order in 3", design_mutants.KEPT, design_mutants.BROKEN, ""][len(self.asked) - 1]

    first, again, told = Once(), Once(), []
    scores = [design_mutants.score(4, told.append, tmp_path / "journal", judge) for judge in (first, again)]
    known = scores[0]
    assert known.became == scores[1].became
    assert (len(first.asked), len(again.asked)) == (4, 0)
    assert [len(some) for some in (known.found, known.survived, known.of(design_mutants.BROKEN))] == [1, 2, 1]
    page = design_mutants.page(known)
    assert all(change.before in page for change in known.survived)
    assert told[:2] == [f"survives: {change.name}" for change in known.survived]


def test_every_reason_is_of_a_change_that_there_is() -> None:
    for (name,), said in survivors.reasons("design_survivors.toml", "change").items():
        assert name in CHANGES
        assert said["kind"] in survivors.KINDS, name
        assert said["says"], name
