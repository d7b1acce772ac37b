"""Random trees, first states, junk states, parameters and runs, all in the Python semantics."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import PLACEHOLDER, STATE, TCP, Block, World, template
from chimneysweep.model.kernel import Action, System, arguments
from chimneysweep.model.logic import SEQUENCE_SPACE
from chimneysweep.model.records import INT, Sort, rebuild, update, values, variables
from chimneysweep.model.tcp.numbers import MAX_WINDOW, NULL

SELDOM = {
    "RstArrives": 1,
    "HardwareFails": 1,
    "Quiet": 2,
    "FinArrives": 3,
    "MiniportTerminateOffload": 3,
    "MiniportTcpOffloadDisconnect": 5,
}
CHATTER = ("StateCall", "Forward", "Event", "Status", "ReceiveReturn")
"""How often a run tries an action: seldom what ends things, and less often what only makes noise."""

NUMBERS = (0, 5, 2**31, SEQUENCE_SPACE - 3, SEQUENCE_SPACE - 1)
EDGES = (2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**32 + 1, MAX_WINDOW, 2**40)


def random_value(sort: Sort, rng: Random) -> int | bool:
    """A value of *sort*: mostly small, at times next to a power of two that matters."""
    if sort.kind == "bool":
        return rng.random() < 0.5
    low = -3 if sort.low is None else sort.low
    high = low + 9 if sort.high is None else min(sort.high, low + 9)
    if rng.random() < 0.15:
        edge = rng.choice(EDGES) * (-1 if sort.low is None and rng.random() < 0.3 else 1)
        return edge if sort.contains(edge) else rng.choice((low, high))
    return rng.randint(low, high)


def junk(bounds: Bounds, rng: Random) -> World:
    """A state in which each variable is in its sort, and nothing else is promised."""
    shape = template(bounds)
    world: World = rebuild(shape, [random_value(v.sort, rng) for v in variables(shape)])
    return world


def mutated(world: World, rng: Random, changes: int = 1, *, wild: bool = False) -> World:
    """*world* with some variables given other values of their sorts; *wild*: ints of any kind."""
    flat, names = values(world), variables(world)
    for _ in range(changes):
        k = rng.randrange(len(flat))
        flat[k] = random_value(INT if wild and names[k].sort.kind != "bool" else names[k].sort, rng)
    result: World = rebuild(world, flat)
    return result


def random_tree(bounds: Bounds, rng: Random) -> tuple[Block, ...]:
    """A well-formed tree, built from the root by hanging each block under an earlier one."""
    size = rng.randint(1, bounds.blocks)
    blocks = [Block(in_tree=True, layer=rng.randint(0, TCP))]
    while len(blocks) < size:
        b = len(blocks)
        free = [(a, "next") for a in range(b) if blocks[a].next == NULL]
        free += [(a, "dependent") for a in range(b) if blocks[a].dependent == NULL and blocks[a].layer < TCP]
        a, link = rng.choice(free)
        blocks[a] = update(blocks[a], **{link: b})
        layer = blocks[a].layer + (1 if link == "dependent" else 0)
        blocks.append(Block(in_tree=True, layer=layer))
    blocks += [Block()] * (bounds.blocks - size)
    return tuple(
        update(
            block, kind=rng.randint(PLACEHOLDER, STATE), next_back=block.next, dependent_back=block.dependent
        )
        for block in blocks
    )


def first_state(bounds: Bounds, rng: Random) -> World:
    """An initial state: a random tree with the connections on its TCP blocks, random numbers and windows."""
    blocks = list(random_tree(bounds, rng))
    leaves = [b for b, block in enumerate(blocks) if block.in_tree and block.layer == TCP]
    chosen = rng.sample(leaves, min(len(leaves), rng.randint(0, bounds.connections)))
    carried = dict(zip(rng.sample(range(bounds.connections), len(chosen)), chosen, strict=True))
    owner = {b: c for c, b in carried.items()}
    for b, block in enumerate(blocks):
        if b in owner:
            blocks[b] = update(block, kind=STATE, conn=owner[b])
        elif block.layer == TCP:
            blocks[b] = update(block, kind=PLACEHOLDER)
    world = template(bounds)
    conns = []
    for c, conn in enumerate(world.conns):
        wnd = rng.choice((0, 3, 8, MAX_WINDOW))
        near = [rng.choice((0, 5, 2**31, SEQUENCE_SPACE - 3, SEQUENCE_SPACE - 1)) for _ in range(2)]
        peer = update(conn.peer, wnd=wnd)
        new = update(
            conn, block=carried.get(c, NULL), isn=near[0], irn=near[1], capacity=rng.choice((0, 4, 99))
        )
        conns.append(update(new, peer=peer))
    return update(world, blocks=tuple(blocks), conns=tuple(conns))


def _weight(name: str) -> int:
    return SELDOM.get(name, 5 if any(word in name for word in CHATTER) else 20)


def random_parameters(action: Action, rng: Random, hints: Sequence[int] = ()) -> dict[str, int | bool]:
    """One instance of *action*; its other parameters are from their sorts, or among the *hints*."""
    chosen: dict[str, int | bool] = dict(rng.choice(list(action.instances())))
    for parameter in action.parameters:
        if parameter.name not in chosen:
            hint = rng.choice(hints) if hints and rng.random() < 0.6 else NULL
            guess = random_value(parameter.sort, rng)
            chosen[parameter.name] = hint if parameter.sort.contains(hint) else guess
    return chosen


@dataclasses.dataclass(frozen=True)
class Moment:
    """A state of a run, and the step that leads out of it (None at the end)."""

    state: World
    action: str | None
    parameters: dict[str, int | bool]


def run(system: System, bounds: Bounds, rng: Random, steps: int) -> Iterator[Moment]:
    """A random run of *system*; it ends early when nothing that is tried is possible."""
    state: Any = first_state(bounds, rng)
    for _ in range(steps):
        found = _possible(system.actions, state, rng)
        if found is None:
            break
        action, chosen = found
        yield Moment(state, action.name, chosen)
        state = action.effect(state, arguments(chosen))
    yield Moment(state, None, {})


def _possible(
    actions: Sequence[Action], state: World, rng: Random
) -> tuple[Action, dict[str, int | bool]] | None:
    weights = [_weight(action.name) for action in actions]
    hints = [x for c in state.conns for x in values((c.total, c.peer, c.own)) if x is not True and 0 < x < 99]
    for action in rng.choices(actions, weights, k=400):
        for _ in range(4):
            chosen = random_parameters(action, rng, hints)
            if action.guard(state, arguments(chosen)):
                return action, chosen
    return None
