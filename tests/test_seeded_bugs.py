"""Every seeded bug has one name in up to three forms, and the manifest, the code and the patches agree."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from chimneysweep.model.design import spelt
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.targets.chimney.miniports import patches
from chimneysweep.targets.chimney.seeded_bugs import (
    MANIFEST,
    Form,
    SeededBug,
    one_name,
    python_targets,
    seeded_bugs,
)
from chimneysweep.targets.judging.misbehaviour import RULES


def manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))


DESIGNS = {bug.name: Form(bug.breaks, bug.steps) for bug in CHIMNEY.bugs.values()}


def disagreements(listed: Mapping[str, SeededBug]) -> list[str]:
    """Where the manifest says something else than designs, classes and patches do."""
    found = []
    for form, have in (("design", DESIGNS), ("python", python_targets()), ("c", patches())):
        named = {name for name, bug in listed.items() if getattr(bug, form)}
        found += [f"{form} of {name} is missing" for name in sorted(named - have.keys())]
        found += [f"{form} of {name} is not listed" for name in sorted(have.keys() - named)]
    known = {p.name for p in CHIMNEY.properties} | set(RULES)
    for name, bug in listed.items():
        if bug.design and bug.design != DESIGNS.get(name):
            found.append(f"the design of {name} is pinned to {bug.design}")
        forms = [form for form in (bug.design, bug.python, bug.c) if form]
        found += [f"{name} has no form"] if not forms else []
        found += [f"{name} breaks {f.breaks}, which is no property" for f in forms if f.breaks not in known]
        found += [f"{name} takes {f.steps} steps" for f in forms if f.steps < 1]
    return found


def test_the_manifest_agrees_with_designs_classes_and_patches() -> None:
    assert disagreements(seeded_bugs()) == []


def test_a_form_that_is_missing_not_listed_or_pinned_wrongly_is_caught() -> None:
    bugs = dict(seeded_bugs())
    del bugs["chain-of-eight"]
    bugs["nowhere"] = SeededBug("nowhere", "", c=Form("snd.una", 1))
    bugs["nothing"] = SeededBug("nothing", "")
    bugs["buffered-cut"] = SeededBug("buffered-cut", "", Form("snd.uno", 0))
    assert disagreements(bugs) == [
        "python of chain-of-eight is not listed",
        "c of nowhere is missing",
        "the design of buffered-cut is pinned to Form(breaks='snd.uno', steps=0)",
        "buffered-cut breaks snd.uno, which is no property",
        "buffered-cut takes 0 steps",
        "nothing has no form",
    ]


def test_a_name_is_in_lower_case_with_hyphens_and_says_something() -> None:
    for name, bug in seeded_bugs().items():
        assert name == bug.name == spelt(name).lower()
        assert bug.says.endswith(".")


def test_a_bug_is_described_in_one_place() -> None:
    elsewhere = DESIGNS.keys() | python_targets().keys()
    assert manifest()["says"].keys() == seeded_bugs().keys() - elsewhere
    assert seeded_bugs()["tail-forgotten"].says == CHIMNEY.bugs["tail-forgotten"].says


def test_names_of_earlier_days_lead_to_bugs_that_there_are() -> None:
    former = manifest()["formerly"]
    assert set(former.values()) <= seeded_bugs().keys()
    assert not former.keys() & seeded_bugs().keys()
    assert one_name("tail_forgotten") == "tail-forgotten"
    assert one_name("completes_twice") == "completed-twice"
    assert one_name("what_is_this") == "what-is-this"
