"""The designs by name. Seeded bugs are one file each in :mod:`.bugs`; the manifest pins their verdicts."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import tomllib
from importlib import resources

from .design import Design
from .reference import REFERENCE


@dataclasses.dataclass(frozen=True)
class Entry:
    """A line of the manifest: the property that a design breaks ("" for none), and in how many steps."""

    name: str
    says: str
    breaks: str
    steps: int


@functools.cache
def _manifest() -> dict[str, dict[str, str | int]]:
    text = resources.files(__package__).joinpath("manifest.toml").read_text("utf-8")
    return tomllib.loads(text)


def names() -> tuple[str, ...]:
    """Every design, the reference first."""
    return (REFERENCE.name, *_manifest())


def design(name: str) -> Design:
    """The design called *name*. Raises KeyError if there is none."""
    if name == REFERENCE.name:
        return REFERENCE
    if name not in _manifest():
        raise KeyError(name)
    module = importlib.import_module(f".bugs.{name.replace('-', '_')}", __package__)
    found = module.DESIGN
    assert isinstance(found, Design)
    return found


def entries() -> tuple[Entry, ...]:
    """The designs with the verdicts that are expected of them."""
    listed = [Entry(REFERENCE.name, REFERENCE.says, "", 0)]
    for name, line in _manifest().items():
        listed.append(Entry(name, design(name).says, str(line["breaks"]), int(line["steps"])))
    return tuple(listed)
