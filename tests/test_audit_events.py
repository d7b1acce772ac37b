"""Events against states: a hole in the table is a finding, with a run where the world has room for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import harm_toys
import pytest
from audit_toys import ask
from house import ROOT
from specification import SPEC, needs_spec

from chimneysweep.audit import prose
from chimneysweep.audit.asking import broken_by_the_design, misreported
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney import event_table
from chimneysweep.audit.chimney.event_table import TableError
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.sentences import read_spec, runs
from chimneysweep.audit.finding import Computed
from chimneysweep.audit.occurrences import Cell, Occurrences
from chimneysweep.audit.questions import events
from chimneysweep.audit.vocabulary import Said
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.model.chimney.state import PENDING, Connection, Request, World
from chimneysweep.model.logic import And, Not
from chimneysweep.properties.chimney.cases import each_request
from chimneysweep.properties.property import Holding, clause, conjunct
from chimneysweep.properties.subject import Part

SAID = (Said("house rules", "Coats", "0" * 12, ""),)
CELLS = (
    Cell("a coat is handed in", "open", "allowed", "it is taken", SAID),
    Cell("a coat is handed in", "closing", "forbidden", "it is refused", SAID),
    Cell("a coat is left", "open", "allowed", "it hangs", SAID),
)
HOLE = Cell("a coat is left", "closing", "unsaid", "who keeps it is not said", (), "events.left")
TABLE = Occurrences(("a coat is handed in", "a coat is left"), ("open", "closing"), (*CELLS, HOLE))


def toy(table: Occurrences = TABLE, **comes_to: object) -> Audited:
    """The cloakroom with a table; *comes_to*: when what is not said comes about."""
    return dataclasses.replace(harm_toys.SOUND, occurrences=table, comes_to=comes_to)


def test_a_whole_table_has_no_finding() -> None:
    answer = ask(events, toy(dataclasses.replace(TABLE, cells=CELLS)))
    assert answer.findings == ()
    assert len(answer.sound) == 3
    assert answer.remarks == (
        "nothing is said of this event, and nobody seems to pay: a coat is left: closing",
    )
    assert events.missing(harm_toys.SOUND)


def test_a_planted_hole_is_shown_with_its_row() -> None:
    (finding,) = ask(events, toy()).findings
    assert finding.id == "events.left"
    assert isinstance(finding.situation, Computed)
    assert [row[1] for row in finding.situation.rows] == ["allowed", "unsaid"]


def test_a_run_that_keeps_everything_leads_there() -> None:
    audited = dataclasses.replace(toy(), comes_to={"events.left": lambda s: And(s.taken, Not(s.back))})
    answer = ask(events, audited)
    (finding,) = answer.findings
    assert isinstance(finding.situation, Trace)
    assert [step.action for step in finding.situation.steps] == ["HandIn"]
    assert list(misreported(audited, answer.findings)) == []


def test_what_no_run_leads_to_is_no_finding() -> None:
    audited = dataclasses.replace(toy(), comes_to={"events.left": lambda s: And(s.back, Not(s.taken))})
    answer = ask(events, audited)
    assert (answer.findings, answer.undecided) == ((), ())
    assert answer.sound[-1].rests_on == "no run of up to 8 steps comes there"
    assert ask(events, audited, effort=1e-9).undecided, "work that ran out decides nothing"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ('event = "b"\nstate = "s"\nfate = "unsaid"\nsays = ""', "there is no such row or column"),
        ('event = "a"\nstate = "s"\nfate = "allowed"\nsays = ""', "what is allowed cites no sentence"),
        ('event = "a"\nstate = "s"\nfate = "unsaid"\nsays = ""', ""),
    ],
)
def test_a_cell_that_is_wrong_is_named(tmp_path: Path, cell: str, says: str) -> None:
    table = tmp_path / "table.toml"
    table.write_text(f'events = ["a"]\nstates = ["s"]\n[[cell]]\n{cell}\n', encoding="utf-8")
    if not says:
        assert event_table.load(table).cells
        table.write_text(table.read_text("utf-8") + f"[[cell]]\n{cell}\n", encoding="utf-8")
        says = "a cell is given twice"
    with pytest.raises(TableError, match=says):
        event_table.load(table)


# The specification itself.


def test_every_hole_is_written_about_and_nothing_else() -> None:
    holes = {cell.finding for cell in AUDITED.occurrences.cells if cell.finding}
    written = prose.load(ROOT / "audit" / "chimney" / "findings")
    assert holes == {name for name in written if name.startswith("events.")}
    assert set(AUDITED.comes_to) <= holes


@needs_spec
def test_what_cells_cite_is_there_and_what_they_say_is_ours() -> None:
    sentences = read_spec(SPEC)
    there = {(s.page, s.heading, s.fingerprint) for s in sentences}
    cells = AUDITED.occurrences.cells
    cited = [(p.page, p.heading, p.fingerprint) for cell in cells for p in cell.places]
    assert [place for place in cited if place not in there] == []
    theirs = {run for s in sentences for run in runs(s.text)}
    assert [cell.says for cell in cells if theirs & set(runs(cell.says))] == []


@clause("receive-complete.at-end", "a proposed wording", each=each_request)
def at_end(world: World, conn: Connection, request: Request) -> Holding:
    """Once the end of the stream was told, no receive request stays outstanding."""
    told = And(world.quiet, world.live(conn), conn.ends_told > 0)
    return told, conjunct("it is completed", request.status != PENDING, status=request.status)


@pytest.mark.slow
def test_the_proposed_wording_closes_its_hole_and_the_reference_keeps_it() -> None:
    part = Part("proposed", properties=(at_end,))
    worded = dataclasses.replace(AUDITED, subject=AUDITED.subject.with_parts(part))
    assert events.comes(AUDITED, "events.receives-at-fin", 1.0).trace is not None
    closed = events.comes(worded, "events.receives-at-fin", 1.0)
    assert (closed.trace, closed.bound.reason, closed.bound.depth) == (None, "", events.DEPTH)
    assert list(broken_by_the_design(worded, [at_end.name])) == []
