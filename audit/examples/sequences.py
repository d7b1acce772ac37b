"""Replays of the figures that show calls in sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model import host
from ...model.interface import terminate_completed
from ...model.kernel import arguments
from ...model.records import update
from ...model.state import PHASE, Bounds, template
from ...model.tree import ROOT


def calls(given: Mapping[str, Any]) -> dict[str, str]:
    """The calls of a sequence by the text, numbered from 1."""
    return {f"call {n}": call for n, call in enumerate(given["calls"], 1)}


def termination(given: Mapping[str, Any]) -> dict[str, str]:
    """The calls by the text, and the model's phase before, between and after the two of part 2."""
    bounds = Bounds(buffers=1, blocks=1, connections=1, requests=1)
    terminate = {a.name: a for a in host.actions(bounds)}["MiniportTerminateOffload"]
    blank = template(bounds)
    tree = (update(blank.blocks[0], in_tree=True),)
    before = update(blank, blocks=tree)
    during = terminate.effect(before, arguments({}))
    after = terminate_completed(during, ROOT)
    phases = [PHASE.labels[world.phase] for world in (before, during, after)]
    again = any(terminate.guard(world, arguments({})) for world in (during, after))
    return calls(given) | {
        "phases": ", ".join(phases),
        "terminated again": "yes" if again else "no",
        "block list handed back": "the one that was passed" if after.root_back == ROOT else "another",
    }
