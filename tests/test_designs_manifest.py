"""The manifest and the seeded designs tell the same story: names, properties, and one action that differs."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chimneysweep.model.chimney.designs.reference import REFERENCE
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.design import Design
from chimneysweep.model.designs import bugs, catalogue
from chimneysweep.model.designs.catalogue import entries
from chimneysweep.model.kernel import Action
from chimneysweep.properties.chimney.subject import CHIMNEY

FOLDER = Path(str(bugs.__file__)).parent
FILES = {path.stem: path for path in FOLDER.glob("*.py") if path.stem != "__init__"}
SEEDED = [entry for entry in entries() if entry.breaks]
SMALL = world_size(2, 2, 2, 1)

BROKEN_BESIDES = {
    "calls.invalidate": "state-calls-forgotten",
    "calls.update": "state-calls-forgotten",
    "calls.send@literal": "reference",
    "chain.ends@with-data": "tail-is-head",
    "chain.null@requests": "list-anchor-chained",
    "send-complete.aborted@receives": "reset-without-abort",
    "send-complete.bytes@sent": "reference",
    "send-complete.in-order@before-disconnect": "reference",
    "snd.max@last": "reference",
    "snd.specified@literal": "reference",
    "status.every-block@linked-list": "siblings-forgotten",
}
"""Properties that no manifest entry names, and a design that breaks them (test_designs_refuted shows it)."""


def unmatched(files: Iterable[str], names: Iterable[str]) -> list[str]:
    """Files without an entry of the manifest, and entries without a file."""
    have, listed = set(files), {name.replace("-", "_") for name in names}
    return sorted([f"no entry for {f}" for f in have - listed] + [f"no file for {f}" for f in listed - have])


def no_sentence(text: str) -> str:
    """Why *text* is not one sentence; empty if it is."""
    if not text or not text[0].isupper() or not text.endswith("."):
        return "it starts with a capital and ends with a full stop"
    return "it is more than one sentence" if ". " in text or "\n" in text else ""


def differing(design: Design, reference: Design = REFERENCE) -> list[str]:
    """The actions in which a design is not the reference, by name."""
    ours, theirs = design.actions(SMALL), reference.actions(SMALL)
    assert [_declared(a) for a in ours] == [_declared(a) for a in theirs]
    return [a.name for a, b in zip(ours, theirs, strict=True) if _code(a) != _code(b)]


def _declared(action: Action) -> Any:
    return (action.name, action.actor, action.parameters, action.says, action.owed)


def _code(action: Action) -> Any:
    return tuple(getattr(f, "__code__", f) for f in (action.guard, action.effect))


def unbroken(breaks: Mapping[str, str]) -> list[str]:
    """Clauses and guarantees that nothing breaks: *breaks* maps a property to a design."""
    return [p.name for p in CHIMNEY.of_kind("clause", "guarantee") if p.name not in breaks]


def test_every_file_is_in_the_manifest_and_every_entry_has_a_file() -> None:
    assert unmatched(FILES, [entry.name for entry in SEEDED]) == []
    assert [entry.name for entry in entries()] == list(catalogue.names())


def test_a_file_or_an_entry_too_many_is_caught() -> None:
    assert unmatched(["a_b", "c"], ["a-b", "d"]) == ["no entry for c", "no file for d"]


@pytest.mark.parametrize("stem", sorted(FILES))
def test_a_file_holds_one_design_of_its_name_and_says_what_was_careless(stem: str) -> None:
    module = importlib.import_module(f"{bugs.__name__}.{stem}")
    assert stem.replace("_", "-") == module.DESIGN.name
    tree = ast.parse(FILES[stem].read_text(encoding="utf-8"))
    assert no_sentence(ast.get_docstring(tree) or "") == ""
    assert ast.get_docstring(tree) != module.DESIGN.says
    assert len(FILES[stem].read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("entry", SEEDED, ids=lambda entry: entry.name)
def test_an_entry_names_a_property_and_its_design_says_one_sentence(entry: catalogue.Entry) -> None:
    assert CHIMNEY.find(entry.breaks).kind in ("clause", "guarantee")
    assert entry.steps > 0
    assert no_sentence(entry.says) == ""


@pytest.mark.parametrize("entry", SEEDED, ids=lambda entry: entry.name)
def test_a_seeded_design_differs_from_the_reference_in_one_action(entry: catalogue.Entry) -> None:
    assert len(differing(catalogue.design(entry.name))) == 1


def test_two_actions_that_differ_are_two() -> None:
    once = REFERENCE.replacing("x", "Free", "X.", guard=lambda s, p: False)
    twice = once.replacing("x", "Drain", "X.", effect=lambda s, p: s)
    assert (differing(REFERENCE), differing(once), differing(twice)) == ([], ["Free"], ["Drain", "Free"])


@pytest.mark.parametrize("text", ["", "no capital.", "No stop", "One. Two.", "A line\nand another."])
def test_what_is_not_one_sentence_is_caught(text: str) -> None:
    assert no_sentence(text)


def test_every_clause_and_guarantee_is_broken_by_a_design() -> None:
    breaks = {entry.breaks: entry.name for entry in SEEDED}
    assert unbroken({**breaks, **BROKEN_BESIDES}) == []
    assert not breaks.keys() & BROKEN_BESIDES.keys()


def test_a_property_that_nothing_breaks_is_caught() -> None:
    breaks = {entry.breaks: entry.name for entry in SEEDED if entry.name != "tail-forgotten"}
    assert unbroken({**breaks, **BROKEN_BESIDES}) == ["chain.coverage"]
