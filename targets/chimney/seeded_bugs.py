"""The seeded bugs that come along: one name each, as a design, as a target in Python, as a miniport in C."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...model.chimney.designs.bugs import BUGS
from ...model.design import spelt
from .interface import Target
from .python import (
    seeded_answer_targets,
    seeded_cycle_targets,
    seeded_option_targets,
    seeded_targets,
    seeded_wire_targets,
)

MODULES = (
    seeded_targets,
    seeded_wire_targets,
    seeded_cycle_targets,
    seeded_answer_targets,
    seeded_option_targets,
)
MANIFEST = Path(__file__).with_suffix(".toml")


class Form(NamedTuple):
    """One form of a bug: the property that catches it, and the steps of a minimal trace."""

    breaks: str
    steps: int


@dataclasses.dataclass(frozen=True)
class SeededBug:
    """A bug in its forms; None for one that it does not have. ``at_once``: only two processors show it."""

    name: str
    says: str
    design: Form | None = None
    python: Form | None = None
    c: Form | None = None
    at_once: bool = False


@functools.cache
def _manifest() -> dict[str, Any]:
    return tomllib.loads(MANIFEST.read_text(encoding="utf-8"))


@functools.cache
def seeded_bugs() -> Mapping[str, SeededBug]:
    """Every seeded bug by name, in the order of the manifest."""
    of_designs = {found.name: found.says for found in BUGS}
    classes = {
        name: (inspect.getdoc(target) or "").split("\n")[0] for name, target in python_targets().items()
    }
    says = {**_manifest()["says"], **classes, **of_designs}
    return {
        name: SeededBug(
            name,
            says[name],
            **{form: Form(*pinned) for form, pinned in forms.items()},
            at_once=name in _manifest()["processors"]["names"],
        )
        for name, forms in _manifest()["bugs"].items()
    }


def python_targets() -> dict[str, type[Target]]:
    """The classes of the bugs that have a form in Python: TailForgotten is tail-forgotten."""
    return {
        _hyphens(found.__name__): found
        for module in MODULES
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Target) and found.__module__ == module.__name__
    }


def _hyphens(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).removeprefix("-")


def one_name(name: str) -> str:
    """The one name of a seeded bug: *name* may have underscores, or be that of earlier days."""
    known = spelt(name)
    return str(_manifest()["formerly"].get(known, known))
