"""Proposed wordings are tried: added as clauses they close their holes, and forbid nothing else."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path
from typing import Any

import pytest
from audit_toys import ask
from house import ROOT
from lawful_targets import LAWFUL

import chimneysweep
from chimneysweep.audit import evidence, prose
from chimneysweep.audit.asking import broken_by_the_design
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney import wordings
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.wordings import WORDINGS, worded
from chimneysweep.audit.harm import SEARCH, Harmful
from chimneysweep.audit.questions import ambiguity, consistency, events
from chimneysweep.model.tcp.numbers import NULL
from chimneysweep.properties.property import Holding, clause, conjunct
from chimneysweep.properties.tcp.wire import each_connection

FOLDER = ROOT / "audit" / "chimney" / "findings"
WRITTEN, KNOWN = prose.load(FOLDER), evidence.load(FOLDER)
CLOSES = "it closes this, and forbids nothing that is asked for elsewhere."
CHANGES = (
    "it closes this; a target that leaves it open until the termination, "
    "as our reference design does, has to be changed."
)
TRIED = ("sufficiency", "necessity", "ambiguity", "consistency", "events", "vacuity")
READINGS = [name for name in WORDINGS if name.startswith("ambiguity.")]
HOLES = [name for name in WORDINGS if not name.startswith("ambiguity.")]
BESIDE = [name for name in HOLES if events.world_of(AUDITED, name) > 0]
ENDS = {
    "asked": lambda s: s.completed,
    "upload": lambda s: s.answered,
    "ends": lambda s: s.quiet,
}


def found(audited: Audited, name: str) -> set[str]:
    """What the question of finding *name* finds, asked for it alone."""
    module: Any = importlib.import_module(f"chimneysweep.audit.questions.{name.partition('.')[0]}")
    answer = ask(module, audited, only=frozenset({name}))
    assert not answer.undecided
    return {f.id for f in answer.findings}


def test_every_finding_that_can_be_tried_says_what_came_of_it() -> None:
    for name, written in WRITTEN.items():
        if name.partition(".")[0] in TRIED:
            assert written.tried, name
            assert (written.tried in (CLOSES, CHANGES)) == (name in WORDINGS), name
    assert WORDINGS.keys() <= WRITTEN.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", HOLES)
def test_a_wording_closes_its_hole(name: str) -> None:
    assert name in KNOWN, "it is found without the wording"
    assert found(worded(AUDITED, name), name) == set()


@pytest.mark.parametrize("name", BESIDE)
def test_what_is_worded_can_still_end(name: str) -> None:
    world = worded(AUDITED, name).worlds[events.world_of(AUDITED, name)]
    ends = Harmful(world).comes_to(ENDS[world.subject.name], 8, SEARCH)
    assert ends.trace is not None


def test_a_reading_that_is_proposed_is_one_of_the_two() -> None:
    pairs = {f"ambiguity.{pair.reading.name}": pair for pair in ambiguity.pairs(AUDITED)}
    for name in READINGS:
        (proposed,) = WORDINGS[name]
        assert proposed.name in (pairs[name].reading.name, pairs[name].default.name)


def file_of(tmp_path: Path, *names: str) -> Path:
    """A file with the proposed clauses of these names, as a user would add them."""
    file = tmp_path / "wordings.py"
    made = f"PROPERTIES = [p for n in WORDINGS for p in worded(AUDITED, n).tried if p.name in {names}]\n"
    imports = ("material import AUDITED", "wordings import WORDINGS, worded")
    file.write_text(
        "".join(f"from chimneysweep.audit.chimney.{i}\n" for i in imports) + made, encoding="utf-8"
    )
    return file


MADE = {
    p.name: name for name in WORDINGS for p in worded(AUDITED, name).tried if p.name.startswith("proposed")
}
KEPT = tuple(prop for prop, name in MADE.items() if WRITTEN[name].tried == CLOSES)


@pytest.mark.slow
@pytest.mark.parametrize("prop", MADE)
def test_the_reference_keeps_a_wording_unless_it_is_said_that_it_does_not(prop: str, tmp_path: Path) -> None:
    bounds = {"buffers": 2, "blocks": 2, "connections": 1, "requests": 1}
    given = {"properties": [prop], "clauses": [file_of(tmp_path, *MADE)], "bounds": bounds, "workers": 0}
    result = chimneysweep.check(**given)  # type: ignore[arg-type]
    assert result.verdicts == {prop: "proved" if prop in KEPT else "violated"}


@clause("proposed.no-chain", "a wording that forbids too much", each=each_connection)
def no_chain(world: Any, conn: Any) -> Holding:
    """Nothing is ever chained."""
    return True, conjunct("there is no chain", conn.given.head == NULL, head=conn.given.head)


def test_a_wording_that_forbids_too_much_or_closes_nothing_is_told() -> None:
    too_much = dataclasses.replace(AUDITED, tried=(no_chain,), ref=None)
    assert len(list(broken_by_the_design(too_much, ["proposed.no-chain"]))) == 1
    beside_the_point = dataclasses.replace(AUDITED, tried=(wordings.disconnect_at_abort,), ref=None)
    assert found(beside_the_point, "events.receives-at-abort") == {"events.receives-at-abort"}


@pytest.mark.slow
def test_no_wording_clashes_with_another_clause() -> None:
    proposed = tuple(p for name in WORDINGS for p in worded(AUDITED, name).tried if p.name in MADE)
    before, after = (
        {f.id for f in ask(consistency, audited).findings}
        for audited in (AUDITED, dataclasses.replace(AUDITED, tried=proposed, ref=None))
    )
    assert after <= before


@pytest.mark.slow
def test_without_the_sentences_that_are_mended_the_rest_goes_together() -> None:
    def default(audited: Audited) -> Audited:
        parts = tuple(
            dataclasses.replace(part, properties=tuple(p for p in part.properties if not p.reading), bugs=())
            for part in audited.subject.parts
        )
        subject = dataclasses.replace(audited.subject, parts=parts)
        return dataclasses.replace(audited, subject=subject, parts=(), ref=None)

    clean = dataclasses.replace(default(AUDITED), auxiliary=tuple(map(default, AUDITED.auxiliary)))
    answer = ask(consistency, clean)
    assert not answer.undecided
    assert [f.id for f in answer.findings] == []


@pytest.mark.slow
@pytest.mark.parametrize("target", LAWFUL, ids=lambda target: str(target.__name__))
def test_a_lawful_target_keeps_what_forbids_nothing(target: Any, tmp_path: Path) -> None:
    path = f"{ROOT / 'tests' / 'lawful_targets.py'}:{target.__name__}"
    report = chimneysweep.conform(path, runs=20, seed=5, clauses=[file_of(tmp_path, *KEPT)])
    assert report.broken == ()
