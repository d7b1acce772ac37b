"""Replays of the figures that show calls in sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....model.chimney.calls import MiniportTerminateOffload
from ....model.chimney.handover import terminate_completed
from ....model.chimney.state import PHASE, template, world_size
from ....model.chimney.tree import ROOT
from ....model.kernel import arguments
from ....model.records import update


def calls(given: Mapping[str, Any]) -> dict[str, str]:
    """The calls of a sequence by the text, numbered from 1."""
    return {f"call {n}": call for n, call in enumerate(given["calls"], 1)}


def termination(given: Mapping[str, Any]) -> dict[str, str]:
    """The calls by the text, and the model's phase before, between and after the two of part 2."""
    bounds = world_size(buffers=1, blocks=1, connections=1, requests=1)
    terminate = MiniportTerminateOffload.action(bounds)
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
