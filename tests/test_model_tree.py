"""The state tree: which shapes there are, and that following both links reaches every block."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from math import comb
from random import Random
from typing import Any

import pytest
import z3
from random_runs import first_state, random_tree

from chimneysweep.model.chimney import tree
from chimneysweep.model.chimney.state import (
    LINKER,
    PLACEHOLDER,
    STATE,
    TCP,
    Block,
    World,
    template,
    world_size,
)
from chimneysweep.model.records import rebuild, update, variables
from chimneysweep.model.tcp.numbers import NULL

SHAPES = {1: 3, 2: 5, 3: 12, 4: 39}
"""How many shapes of each size are well formed, the layer of the root being free."""


def shape(links: tuple[tuple[int, int, int], ...]) -> World:
    """A world whose blocks are placeholders, all in the tree, with (layer, next, dependent) each."""
    world = template(world_size(buffers=1, blocks=len(links), connections=1, requests=1))
    return update(world, blocks=tuple(Block(True, layer, 0, n, d) for layer, n, d in links))


def shapes(size: int) -> Iterator[World]:
    """Every world of *size* blocks with links that lead anywhere forward."""
    choices = []
    for b in range(size):
        targets = (NULL, *range(b + 1, size))
        choices.append(itertools.product(range(TCP + 1), targets, targets))
    return (shape(links) for links in itertools.product(*choices))


@cache
def counted(layer: int, size: int) -> int:
    """The same number by recursion: a root, what hangs below its two links, and who gets which number."""
    if size == 0:
        return 1
    if layer > TCP:
        return 0
    rest = size - 1
    return sum(comb(rest, k) * counted(layer, k) * counted(layer + 1, rest - k) for k in range(rest + 1))


@pytest.mark.parametrize("size", SHAPES)
def test_the_number_of_shapes(size: int) -> None:
    found = sum(1 for world in shapes(size) if tree.well_formed(world) is True)
    assert found == SHAPES[size] == sum(counted(layer, size) for layer in range(TCP + 1))


def test_no_link_leads_back_or_out() -> None:
    anywhere = range(-2, 4)
    for links in itertools.product(itertools.product(range(TCP + 1), anywhere, anywhere), repeat=2):
        if tree.well_formed(shape(links)):
            (_, *first), (_, *second) = links
            assert set(first) <= {NULL, 1}
            assert set(second) == {NULL}


def symbolic(blocks: int, connections: int = 2) -> World:
    bounds = world_size(buffers=1, blocks=blocks, connections=connections, requests=1)
    names = variables(template(bounds))
    world: World = rebuild(
        template(bounds), [z3.Bool(v.name) if v.sort.kind == "bool" else z3.Int(v.name) for v in names]
    )
    return world


def missed(world: World, walk: Callable[[Any], list[Any]]) -> z3.ModelRef | None:
    """A well-formed tree on which *walk* does not reach what is in the tree; None if there is none."""
    solver = z3.Solver()
    pairs = list(zip(walk(world.blocks), world.blocks, strict=True))
    wrong = [z3.Not(block.in_tree) if here is True else here != block.in_tree for here, block in pairs]
    solver.add(tree.well_formed(world), z3.Or(wrong))
    answer = solver.check()
    assert answer != z3.unknown
    return solver.model() if answer == z3.sat else None


def test_following_both_links_reaches_exactly_the_tree() -> None:
    assert missed(symbolic(8), tree.walk) is None


@pytest.mark.parametrize("walk", [tree.walk_dependents, tree.walk_siblings])
def test_following_one_link_does_not(walk: Callable[[Any], list[Any]]) -> None:
    """The counter-check of the proof above; the tree found is then walked in Python."""
    world = symbolic(3)
    model = missed(world, walk)
    assert model is not None
    flat = [model.eval(_term(v.name, v.sort.kind), model_completion=True) for v in variables(world)]
    found = rebuild(world, [x.as_long() if z3.is_int_value(x) else z3.is_true(x) for x in flat])
    inside = [block.in_tree for block in found.blocks]
    assert tree.well_formed(found)
    assert tree.walk(found.blocks) == inside
    assert walk(found.blocks) != inside


def _term(name: str, kind: str) -> Any:
    return z3.Bool(name) if kind == "bool" else z3.Int(name)


@pytest.mark.parametrize("size", range(1, 9))
def test_trees_of_every_size_exist(size: int) -> None:
    solver = z3.Solver()
    world = symbolic(8)
    solver.add(tree.well_formed(world), *(b.in_tree == (k < size) for k, b in enumerate(world.blocks)))
    assert solver.check() == z3.sat


def test_random_first_states_are_well_formed() -> None:
    rng = Random(5)
    bounds = world_size(buffers=1, blocks=6, connections=2, requests=1)
    worlds = [first_state(bounds, rng) for _ in range(300)]
    assert all(tree.well_formed(world) for world in worlds)
    assert all(tree.walk(w.blocks) == [block.in_tree for block in w.blocks] for w in worlds)
    assert {sum(conn.block != NULL for conn in w.conns) for w in worlds} == {0, 1, 2}


@pytest.mark.parametrize(
    "damage",
    [
        {"next": 0},
        {"next": 99},
        {"dependent": 99},
        {"in_tree": False},
        {"conn": 1},
    ],
    ids=str,
)
def test_a_damaged_tree_is_not_well_formed(damage: dict[str, Any]) -> None:
    rng = Random(6)
    bounds = world_size(buffers=1, blocks=4, connections=1, requests=1)
    for _ in range(50):
        world = update(template(bounds), blocks=random_tree(bounds, rng))
        broken = update(world, blocks=(update(world.blocks[0], **damage), *world.blocks[1:]))
        assert not tree.well_formed(broken)


def test_two_links_to_one_block_are_refused() -> None:
    chain = ((0, 1, NULL), (0, 2, NULL), (0, NULL, NULL))
    assert tree.well_formed(shape(chain))
    assert not tree.well_formed(shape(((0, 1, NULL), (0, 2, NULL), (0, 2, NULL))))
    assert not tree.well_formed(shape(((0, 1, 1), *chain[1:])))
    assert not tree.well_formed(shape(((0, 2, NULL), (0, 2, NULL), (0, NULL, NULL))))


def carrying(**damage: Any) -> World:
    """Neighbor, path and two TCP blocks, the first with a connection; then *damage* is done to it."""
    bounds = world_size(buffers=1, blocks=5, connections=1, requests=1)
    blocks = [
        Block(True, 0, LINKER, NULL, 1),
        Block(True, 1, STATE, NULL, 2),
        Block(True, 2, STATE, 3, NULL, conn=0),
        Block(True, 2, PLACEHOLDER),
        Block(),
    ]
    world = template(bounds)
    conn = update(world.conns[0], block=damage.pop("carrier", 2))
    for name, changes in damage.items():
        b = int(name.removeprefix("block"))
        blocks[b] = update(blocks[b], **changes)
    return update(world, blocks=tuple(blocks), conns=(conn,))


@pytest.mark.parametrize(
    "damage",
    [
        {"carrier": NULL},
        {"carrier": 1},
        {"carrier": 3},
        {"block2": {"conn": NULL}},
        {"block2": {"kind": LINKER}},
        {"block2": {"kind": PLACEHOLDER}},
        {"block3": {"kind": LINKER}},
        {"block3": {"kind": STATE}},
        {"block3": {"kind": STATE, "conn": 0}},
        {"block1": {"conn": 0}},
        {"block4": {"conn": 0}},
        {"block4": {"in_tree": True}},
        {"block3": {"in_tree": False, "kind": PLACEHOLDER}},
        {"block2": {"next": 4}, "block3": {"in_tree": False}, "block4": {"in_tree": True, "layer": 2}},
    ],
    ids=str,
)
def test_connections_stand_on_tcp_blocks_of_the_tree_one_each(damage: dict[str, Any]) -> None:
    assert tree.well_formed(carrying()) is True
    assert tree.well_formed(carrying(**damage)) is False
