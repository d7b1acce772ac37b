"""Every property there is, by name."""

from __future__ import annotations

from ...properties import calls, chain, completion, guarantees, lemmas, receiving, resources, status, window
from ..property import Property

ROOMS = (status, calls, chain, window, completion, receiving, resources, guarantees)

_RULES: tuple[Property, ...] = tuple(p for room in ROOMS for p in room.PROPERTIES)
PROPERTIES: tuple[Property, ...] = (*_RULES, *lemmas.with_ready(_RULES))


_BY_NAME = {p.name: p for p in PROPERTIES}


def find(name: str) -> Property:
    """The property called *name* (``id`` or ``id@reading``). Raises KeyError if there is none."""
    return _BY_NAME[name]


def of_kind(*kinds: str) -> tuple[Property, ...]:
    """The properties of the kinds given, in catalogue order."""
    return tuple(p for p in PROPERTIES if p.kind in kinds)
