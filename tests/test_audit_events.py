"""Events against states: a hole in the table is a finding, with a run where the world has room for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import harm_toys
import pytest
from audit_toys import ask
from house import ROOT
from specification import SPEC, needs_spec

from chimneysweep.audit import asking, prose
from chimneysweep.audit.asking import misreported
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney import event_table
from chimneysweep.audit.chimney.event_table import TableError
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.sentences import read_spec, runs
from chimneysweep.audit.finding import Computed, Consequence
from chimneysweep.audit.occurrences import Gap, Occurrences, Ruling, marked
from chimneysweep.audit.page import page
from chimneysweep.audit.questions import events
from chimneysweep.audit.vocabulary import Said
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.model.logic import And, Not

SAID = (Said("house rules", "Coats", "0" * 12),)
OPEN, CLOSING = (("open",),), (("closing",),)
LEFT = ("a coat is left",)
RULINGS = (
    Ruling(("a coat is handed in",), OPEN, "it is taken", "allowed", SAID),
    Ruling(("a coat is handed in",), CLOSING, "it is refused", "forbidden", SAID),
    Ruling(LEFT, OPEN, "it hangs", "allowed", SAID, "hangs"),
)
KEPT = Ruling(LEFT, CLOSING, "it is kept", "allowed", SAID)
HOLE = Gap(LEFT, CLOSING, "who keeps it is not said", "events.left")
TABLE = Occurrences(("a coat is handed in", *LEFT), (("open", "closing"),), RULINGS, (HOLE,))


def toy(table: Occurrences = TABLE, **comes_to: object) -> Audited:
    """The cloakroom with a table; *comes_to*: when what is not said comes about."""
    return dataclasses.replace(harm_toys.SOUND, occurrences=table, comes_to=comes_to)


def changed(*rulings: Ruling, gaps: tuple[Gap, ...] = (HOLE,)) -> Occurrences:
    """The table with more rulings, or other gaps."""
    return dataclasses.replace(TABLE, rulings=(*RULINGS, *rulings), gaps=gaps)


def test_a_whole_table_has_no_finding() -> None:
    answer = ask(events, toy(changed(KEPT, gaps=())))
    assert (answer.findings, answer.remarks, answer.examined) == ((), (), 4)
    assert len(answer.sound) == 4
    assert events.missing(harm_toys.SOUND)


def test_a_planted_hole_is_shown_with_its_row() -> None:
    (finding,) = ask(events, toy()).findings
    assert finding.id == "events.left"
    assert isinstance(finding.situation, Computed)
    assert [row[:2] for row in finding.situation.rows] == [
        ("a coat is left: open", "allowed"),
        ("a coat is left: closing", "unsaid"),
    ]


@pytest.mark.parametrize(
    ("ruling", "fate"),
    [
        (KEPT, "allowed"),
        (Ruling(LEFT, OPEN, "it falls", "allowed", SAID, "falls"), "contradictory"),
        (Ruling(LEFT, OPEN, "nobody leaves one", "forbidden", SAID), "contradictory"),
        (Ruling(LEFT, OPEN, "coats are not left", "impossible"), "impossible"),
        (Ruling(LEFT, OPEN, "it hangs well", "allowed", SAID, "hangs"), "allowed"),
    ],
)
def test_what_becomes_of_a_cell_is_computed_from_its_sentences(ruling: Ruling, fate: str) -> None:
    cells = changed(ruling).cells
    assert [c.fate for c in cells if ruling.covers(c.event, c.state)] == [fate]


def test_the_table_on_a_page_has_a_mark_for_everything_that_occurs() -> None:
    two = dataclasses.replace(TABLE, axes=(("open", "closing"), ("day", "night")))
    wide = dataclasses.replace(two, rulings=tuple(_by_day_too(r) for r in RULINGS), gaps=(_by_day_too(HOLE),))
    assert list(marked(wide)) == [
        ("event", "open", "closing", "day", "night"),
        ("a coat is handed in", "+", "-", "+", "+"),
        ("a coat is left", "+", "?", "+", "+"),
    ]
    closing = dataclasses.replace(wide, usual=("closing", "day"))
    assert list(marked(closing))[1:] == [
        ("a coat is handed in", "+", "-", "-", "-"),
        ("a coat is left", "+", "?", "?", "?"),
    ]
    audit = asking.audit(toy(), questions=("events",))
    assert "| a coat is left | `+` | `?` |" in page(audit)
    assert "Every event" not in page(dataclasses.replace(audit, occurrences=Occurrences()))


def _by_day_too(said: Any) -> Any:
    return dataclasses.replace(said, where=(*said.where, ("day", "night")))


def test_a_hole_for_which_somebody_else_answers_or_nobody_pays_is_a_remark() -> None:
    for name, says in (("", "and nobody pays"), ("vocabulary.coats", "reported as vocabulary.coats")):
        answer = ask(events, toy(changed(gaps=(dataclasses.replace(HOLE, finding=name),))))
        assert answer.findings == ()
        assert answer.remarks == (f"unsaid in 1 states, {says}: a coat is left: who keeps it is not said",)


def test_a_run_that_keeps_everything_leads_there() -> None:
    goal = {"events.left": lambda s: And(s.taken, Not(s.back))}
    alone = dataclasses.replace(toy(), comes_to=goal)
    beside = dataclasses.replace(toy(), auxiliary=(dataclasses.replace(harm_toys.SOUND, comes_to=goal),))
    for world, audited in enumerate((alone, beside)):
        answer = ask(events, audited)
        (finding,) = answer.findings
        assert isinstance(finding.situation, Trace)
        assert [step.action for step in finding.situation.steps] == ["HandIn"]
        assert finding.world == world
        assert list(misreported(audited, answer.findings)) == []


def test_what_no_run_leads_to_is_no_finding() -> None:
    audited = dataclasses.replace(toy(), comes_to={"events.left": lambda s: And(s.back, Not(s.taken))})
    answer = ask(events, audited)
    assert (answer.findings, answer.undecided) == ((), ())
    assert answer.sound[-1].rests_on == "no run of up to 8 steps comes there"
    assert ask(events, audited, effort=1e-9).undecided, "work that ran out decides nothing"


SENTENCE = '[[sentence]]\nevents = ["a"]\nsays = "so"\n'
GAP = '[[gap]]\nevents = ["a"]\nsays = "oh"\n'


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (GAP, ""),
        (SENTENCE + 'fate = "impossible"\n', ""),
        (SENTENCE + 'state = ["few"]\nfate = "impossible"\n' + GAP, ""),
        ("", "a, s: is unsaid, and nothing is written about it"),
        (SENTENCE, "so: cites no sentence"),
        (GAP.replace('["a"]', '["b"]'), "oh: there is no b"),
        (SENTENCE + 'fate = "impossible"\n' + GAP, "oh: nothing is missing there"),
        (
            SENTENCE + 'state = ["s"]\nfate = "impossible"\n' + GAP + 'finding = "events.a"\n',
            "a, s: is reported as a hole, and is impossible",
        ),
    ],
)
def test_a_table_that_is_wrong_is_told_where(tmp_path: Path, table: str, says: str) -> None:
    file = tmp_path / "table.toml"
    head = 'events = ["a"]\n[axes]\nstate = ["s", "t"]\n[groups]\nfew = ["t"]\n'
    file.write_text(head + table, encoding="utf-8")
    if not says:
        assert {cell.event for cell in event_table.load(file).cells} == {"a"}
        return
    with pytest.raises(TableError, match=says):
        event_table.load(file)


# The specification itself.


def test_every_hole_is_written_about_and_has_a_run_where_it_bears_on_bytes_or_a_hang() -> None:
    holes = {cell.gap.finding for cell in AUDITED.occurrences.cells if cell.gap} - {""}
    mine = {name for name in holes if name.startswith("events.")}
    written = prose.load(ROOT / "audit" / "chimney" / "findings")
    assert mine == {name for name in written if name.startswith("events.")}
    assert holes <= written.keys()
    runs_to = {name for part in (AUDITED, *AUDITED.auxiliary) for name in part.comes_to}
    assert {name for name in mine if written[name].consequence <= Consequence.STUCK} <= runs_to <= mine


@needs_spec
def test_what_rulings_cite_is_there_and_what_they_say_is_ours() -> None:
    sentences = read_spec(SPEC)
    there = {(s.page, s.heading, s.fingerprint) for s in sentences}
    table = AUDITED.occurrences
    cited = [(p.page, p.heading, p.fingerprint) for ruling in table.rulings for p in ruling.places]
    assert [place for place in cited if place not in there] == []
    theirs = {run for s in sentences for run in runs(s.text)}
    assert [said.says for said in (*table.rulings, *table.gaps) if theirs & set(runs(said.says))] == []
