"""The built-in targets, in Python and in C: references, and ones with a bug; by the name a user types."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from .interface import Target
from .miniports import REFERENCE, materialise
from .python.reference_target import Reference
from .seeded_bugs import one_name, python_targets, seeded_bugs


class BuiltIn(NamedTuple):
    """A built-in target: its name, one sentence, and the property it breaks first (none: it is right).

    ``target`` is its class; None for a miniport in C.
    """

    name: str
    says: str
    breaks: tuple[str, ...]
    target: type[Target] | None


SEEDED, MINIPORTS = "seeded/", "miniports/"
"""How the names of the targets with a bug begin, and those of the targets in C."""


def entries() -> tuple[BuiltIn, ...]:
    """Every built-in target in Python, the reference first."""
    right = (Reference.__doc__ or "").strip().split("\n")[0]
    classes = python_targets()
    wrong = (
        BuiltIn(f"{SEEDED}{bug.name}", bug.says, (bug.python.breaks,), classes[bug.name])
        for bug in seeded_bugs().values()
        if bug.python
    )
    return (BuiltIn("reference", right, (), Reference), *wrong)


def miniports() -> tuple[BuiltIn, ...]:
    """Every built-in target in C, the reference first."""
    right = "A compliant miniport in C, to be read: targets/chimney/miniports/reference."
    wrong = (
        BuiltIn(f"{MINIPORTS}{bug.name}", bug.says, (bug.c.breaks,), None)
        for bug in seeded_bugs().values()
        if bug.c
    )
    return (BuiltIn(f"{MINIPORTS}reference", right, (), None), *wrong)


def sources(name: str, folder: Path) -> Path:
    """The folder with the sources of a built-in target in C; patched ones are written into *folder*."""
    bug = name.removeprefix(MINIPORTS)
    return REFERENCE if bug == "reference" else materialise(bug, folder)


def canonical(spec: str) -> str:
    """*spec* with the one name of the bug, if it is a target that comes along: ``seeded/tail-forgotten``."""
    kind = next((kind for kind in (SEEDED, MINIPORTS) if spec.startswith(kind)), "")
    name = one_name(spec.removeprefix(kind))
    return f"{kind}{name}" if kind and name in seeded_bugs() else spec


BUILT_IN: dict[str, BuiltIn] = {entry.name: entry for entry in entries()}
