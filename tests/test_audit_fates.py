"""What became of each sentence: what a fate names is there, is used, and is shown by a test or a bug."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import ROOT
from toy_catalogue import RECORD, toy, toy_clause, without

from chimneysweep.audit.chimney.catalogue import render
from chimneysweep.audit.chimney.clause_records import (
    CatalogueError,
    Group,
    clauses,
    load,
)
from chimneysweep.audit.chimney.fates import (
    HOST,
    StageCheck,
    load_checks,
    load_reasons,
    unknown_fates,
    unused,
)
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.judging.misbehaviour import RULES


@pytest.fixture(scope="module")
def groups() -> tuple[Group, ...]:
    return load()


@pytest.fixture(scope="module")
def checks() -> dict[str, StageCheck]:
    return load_checks()


def test_every_check_and_every_reason_is_used_and_the_reasons_are_few(groups: tuple[Group, ...]) -> None:
    assert unused(groups) == []
    assert len(load_reasons()) <= 8
    used = next(c for c in clauses(groups).values() if c.what == "stage.failed-without-context")
    assert unused(without(groups, used.id)) == ["stage.failed-without-context"]


def test_every_check_stands_in_its_file_is_a_rule_and_is_shown(checks: dict[str, StageCheck]) -> None:
    rules = {*RULES, *(prop.id for prop in CHIMNEY.properties)}
    assert [line for name, check in checks.items() for line in amiss(name, check, rules)] == []


def amiss(name: str, check: StageCheck, rules: set[str]) -> Iterator[str]:
    """What of a check is not there: its words, its rule, the test or the seeded bug that shows it."""
    if check.words not in (ROOT / check.file).read_text(encoding="utf-8"):
        yield f"{name}: {check.words!r} does not stand in {check.file}"
    if name.startswith(HOST):
        return
    if check.told not in rules:
        yield f"{name}: {check.told} is no rule"
    file, _, test = check.shown.partition("::")
    bug = seeded_bugs().get(file)
    if test and f"\ndef {test}(" not in (ROOT / file).read_text(encoding="utf-8"):
        yield f"{name}: there is no {check.shown}"
    if not test and not (
        bug and check.told in [form.breaks for form in (bug.design, bug.python, bug.c) if form]
    ):
        yield f"{name}: no seeded bug {file} is told as {check.told}"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"words": "no such words"}, "does not stand in"),
        ({"told": "target.rude"}, "is no rule"),
        ({"shown": "tests/test_conform_misbehaviour.py::test_nothing"}, "there is no"),
        ({"shown": "tail-forgotten"}, "no seeded bug tail-forgotten is told as"),
    ],
)
def test_a_check_that_is_not_there_is_noticed(changes: dict[str, str], says: str) -> None:
    name = "stage.returns"
    wrong = dataclasses.replace(load_checks()[name], **changes)
    (line,) = amiss(name, wrong, {wrong.told} - {"target.rude"})
    assert says in line


@pytest.mark.parametrize(
    ("fate", "what", "found"),
    [
        ("checked", "stage.nothing", "which is no check"),
        ("checked", "host.whole-trees", "which is no check"),
        ("assumed", "stage.returns", "which is no event, no lemma and nothing that the host keeps"),
        ("assumed", "Transmit", "which is no event, no lemma and nothing that the host keeps"),
        ("not-modelled", "too hard", "which is no reason"),
        ("covered", "snd.una, snd.un", "which is no property and no other record"),
    ],
)
def test_a_fate_that_names_what_is_not_there_is_found(fate: str, what: str, found: str) -> None:
    (line,) = unknown_fates([toy_clause(fate=fate, what=what)])
    assert line.endswith(found)


@pytest.mark.parametrize("what", ["lemma.tree", "StateCall", "host.whole-trees", "StateCall, lemma.tree"])
def test_what_the_host_keeps_is_an_event_a_lemma_or_how_it_is_played(what: str) -> None:
    assert unknown_fates([toy_clause(fate="assumed", what=what)]) == []


def test_what_is_at_stake_says_what_it_takes(tmp_path: Path) -> None:
    left = RECORD.replace('formalised = "complete.answered"', 'not-modelled = "clock"\nbears = "hang"')
    with pytest.raises(CatalogueError, match="needs is missing"):
        toy(tmp_path, left)
    with pytest.raises(CatalogueError, match="may bear on bytes, hang, memory"):
        toy(tmp_path, left.replace('"hang"', '"beauty"\nneeds = "Paint."'))
    (group,) = toy(tmp_path, left + 'needs = "Time."\n')
    assert "| `toy.answer` | hang | Time. |" in render([group], {})
