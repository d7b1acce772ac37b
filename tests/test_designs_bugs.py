"""The seeded bugs: each says what is wrong and names the property that catches it, and none is left out."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping

import pytest
from executable_only import EXECUTABLE_ONLY

from chimneysweep.model.chimney.designs import bugs
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.design import Bug, bug
from chimneysweep.properties.chimney.chimney import CHIMNEY

SEEDED = tuple(CHIMNEY.bugs.values())
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
"""Properties that no seeded bug names, and a design that breaks them (test_designs_refuted shows it)."""


OF_TARGETS = {"progress.retransmitted", *EXECUTABLE_ONLY}
"""What only executable targets break: no model loses anything, either."""


def no_sentence(text: str) -> str:
    """Why *text* is not one sentence; empty if it is."""
    if not text or not text[0].isupper() or not text.endswith("."):
        return "it starts with a capital and ends with a full stop"
    return "it is more than one sentence" if ". " in text or "\n" in text else ""


def unbroken(breaks: Mapping[str, str]) -> list[str]:
    """Clauses, guarantees and rules that nothing breaks: *breaks* maps a property to a design."""
    on_a_model = (p for p in CHIMNEY.of_kind("clause", "guarantee", "rule") if p.name not in OF_TARGETS)
    return [p.name for p in on_a_model if p.name not in breaks]


def test_every_file_of_bugs_is_read_and_every_name_is_given_once() -> None:
    files = {f"{bugs.__name__}.{module.name}" for module in pkgutil.iter_modules(bugs.__path__)}
    assert {topic.__name__ for topic in bugs.TOPICS} == files
    assert len(SEEDED) == len(bugs.BUGS) == 115


@pytest.mark.parametrize("found", SEEDED, ids=lambda found: found.name)
def test_a_bug_names_a_property_and_says_one_sentence(found: Bug) -> None:
    assert CHIMNEY.find(found.breaks).kind in ("clause", "guarantee", "rule")
    assert found.steps > 0
    assert no_sentence(found.says) == ""
    design = CHIMNEY.design(found.name)
    assert (design.name, design.says) == (found.name, found.says)
    assert (design.breaks, design.steps_to_it) == (found.breaks, found.steps)


@pytest.mark.parametrize("text", ["", "no capital.", "No stop", "One. Two.", "A line\nand another."])
def test_what_is_not_one_sentence_is_caught(text: str) -> None:
    assert no_sentence(text)


def test_a_bug_is_named_after_its_function_and_changes_what_there_is() -> None:
    @bug("snd.una", 3, "chain")
    def off_by_one(reference: object, *args: object) -> None:
        """Counts from
        one."""

    assert (off_by_one.name, off_by_one.says) == ("off-by-one", "Counts from one.")
    with pytest.raises(KeyError, match="no choice, step or reaction 'chian'"):
        bug("snd.una", 3, "chian")(lambda *args: None).of(CHIMNEY.the_reference)


@pytest.mark.parametrize("name", ["tail-forgotten", "tail_forgotten"])
def test_a_design_is_found_by_its_name_with_hyphens_or_underscores(name: str) -> None:
    assert CHIMNEY.design(name).name == "tail-forgotten"


def test_every_clause_and_guarantee_is_broken_by_a_design() -> None:
    breaks = {found.breaks: found.name for found in SEEDED}
    assert unbroken({**breaks, **BROKEN_BESIDES}) == []
    assert not breaks.keys() & BROKEN_BESIDES.keys()


def test_a_property_that_nothing_breaks_is_caught() -> None:
    breaks = {found.breaks: found.name for found in SEEDED if found.name != "tail-forgotten"}
    assert unbroken({**breaks, **BROKEN_BESIDES}) == ["chain.coverage"]
