"""Seeded bugs: mistakes that somebody might make, each in the place of one choice of the reference."""

from __future__ import annotations

from collections.abc import Iterable

from ....design import Bug
from . import (
    acks_and_windows,
    chain_and_window,
    coming_back,
    completing,
    delivering,
    ending_calls,
    getting_stuck,
    handing_back,
    on_the_wire,
    received_data,
    telling,
    walking_the_tree,
)

TOPICS = (
    chain_and_window,
    walking_the_tree,
    ending_calls,
    handing_back,
    received_data,
    delivering,
    acks_and_windows,
    on_the_wire,
    completing,
    coming_back,
    telling,
    getting_stuck,
)
BUGS = tuple(found for topic in TOPICS for found in vars(topic).values() if isinstance(found, Bug))
"""Every seeded bug, in the order of the files."""


def breaking(properties: Iterable[str]) -> tuple[Bug, ...]:
    """The seeded bugs that break one of the *properties*, by name."""
    names = set(properties)
    return tuple(found for found in BUGS if found.breaks in names)
