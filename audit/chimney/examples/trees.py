"""Replays of the figures on state trees: who links to whom, in which order, with which status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ....model.chimney.state import LAYER, LINKER, PLACEHOLDER, STATE, TCP, Block, World, template, world_size
from ....model.chimney.tree import walk, well_formed
from ....model.records import update
from ....model.tcp.numbers import NULL

Nodes = Mapping[str, Mapping[str, Any]]
LETTERS = {
    "NDIS_STATUS_SUCCESS": "S",
    "NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS": "P",
    "NDIS_STATUS_RESOURCES": "R",
    "NDIS_STATUS_FAILURE": "F",
}
LOST = {"resources": "NDIS_STATUS_RESOURCES", "failure": "NDIS_STATUS_FAILURE"}


def traversal(given: Mapping[str, Any]) -> dict[str, str]:
    """A tree: ``nodes`` by name, each with ``layer``, and ``next`` and ``dependent`` where it has them."""
    nodes: Nodes = given["nodes"]
    order = list(depth_first(nodes, given["root"]))
    world = as_world(nodes, order)
    ends = [name for name in order if "next" not in nodes[name] and "dependent" not in nodes[name]]
    computed = {
        "well formed": "yes" if well_formed(world) else "no",
        "blocks reached": str(sum(bool(r) for r in walk(world.blocks)[: len(order)])),
        "order": ", ".join(order),
        "turns back at": ", ".join(ends),
    }
    return computed | {f"below {name}": below for name, below in parents(nodes, given["root"]).items()}


def depth_first(nodes: Nodes, name: str) -> Iterator[str]:
    """The order of a walk that follows the dependent link first and the next link after it."""
    yield name
    for link in ("dependent", "next"):
        if link in nodes[name]:
            yield from depth_first(nodes, nodes[name][link])


def parents(nodes: Nodes, root: str, below: str = "nothing") -> dict[str, str]:
    """Which object each object depends on: what an offload target's own tree points to."""
    found = {root: below}
    if "dependent" in nodes[root]:
        found |= parents(nodes, nodes[root]["dependent"], root)
    if "next" in nodes[root]:
        found |= parents(nodes, nodes[root]["next"], below)
    return found


def as_world(nodes: Nodes, order: list[str]) -> World:
    """The tree as the model's blocks, in the order given; each TCP object gets a connection."""
    number = {name: b for b, name in enumerate(order)}
    carriers = [name for name in order if _layer(nodes[name]) == TCP and _kind(nodes[name]) == STATE]
    conns = {name: c for c, name in enumerate(carriers)}
    blocks = tuple(
        Block(
            in_tree=True,
            layer=_layer(nodes[name]),
            kind=_kind(nodes[name]),
            next=number.get(nodes[name].get("next", ""), NULL),
            dependent=number.get(nodes[name].get("dependent", ""), NULL),
            conn=conns.get(name, NULL),
        )
        for name in order
    )
    bounds = world_size(buffers=1, blocks=len(order), connections=len(carriers) or 1, requests=1)
    blank = template(bounds)
    linked = tuple(update(blank.conns[c], block=number[name]) for name, c in conns.items())
    return update(blank, blocks=blocks, conns=linked or blank.conns)


def _layer(node: Mapping[str, Any]) -> int:
    return LAYER.labels.index(node["layer"])


def _kind(node: Mapping[str, Any]) -> int:
    kinds = {"placeholder": PLACEHOLDER, "linker": LINKER, "new": STATE}
    return kinds[node.get("kind", "new")]


def statuses(given: Mapping[str, Any]) -> dict[str, str]:
    """The status of each block by the rule of the page on initiate statuses, and the order of attempts.

    A node's ``outcome``, if it has one, is why offloading it failed; ``stops`` is the
    node after whose failure nothing more is attempted.
    """
    nodes: Nodes = given["nodes"]
    tried: list[str] = []
    for name in depth_first(nodes, given["root"]):
        tried.append(name)
        if name == given.get("stops"):
            break
    done = {name for name in tried if "outcome" not in nodes[name]}
    computed = {"order of attempts": ", ".join(tried)}
    for name, node in nodes.items():
        status = _status(nodes, done, name) if name in done else LOST[node.get("outcome", "failure")]
        computed |= {f"status of {name}": status, f"letter of {name}": LETTERS[status]}
        computed[f"attempt at {name}"] = str(tried.index(name) + 1) if name in tried else "none"
    return computed


def _status(nodes: Nodes, done: set[str], name: str) -> str:
    behind = list(_siblings(nodes, nodes[name].get("dependent", "")))
    if all(dependent in done for dependent in behind):
        return "NDIS_STATUS_SUCCESS"
    return "NDIS_STATUS_OFFLOAD_PARTIAL_SUCCESS"


def _siblings(nodes: Nodes, name: str) -> Iterator[str]:
    while name:
        yield name
        name = nodes[name].get("next", "")


def kinds(given: Mapping[str, Any]) -> dict[str, str]:
    """What a block is by its context pointer and the value that this points to, and where it may stand.

    ``blocks``: by name, with ``context`` and ``value`` (``"NULL"`` or not) and ``layer``. A block
    alone on its layer is a tree that may be terminated, or it is not.
    """
    computed = {"layers from below": ", ".join(LAYER.labels)}
    for name, block in given["blocks"].items():
        context, value = block["context"] == "NULL", block.get("value") == "NULL"
        kind = "placeholder" if context else "new" if value else "linker"
        alone = as_world({name: {"layer": block["layer"], "kind": kind}}, [name])
        stands = "may be passed" if well_formed(alone) else "may not be passed"
        computed |= {f"{name}: kind": kind, f"{name}: alone": stands}
        state = as_world({name: {"layer": block["layer"]}}, [name])
        computed[f"{name}: with state"] = "may be passed" if well_formed(state) else "may not be passed"
    return computed
