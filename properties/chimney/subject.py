"""The TCP chimney as a subject: its parts, and the world that they share."""

from __future__ import annotations

from ...model.chimney import afterwards, general
from ...model.chimney.designs.reference import REFERENCE
from ...model.chimney.state import World, template, world_size
from ...model.chimney.world import EVENTS, initial
from ...model.logic import And, Not, Value, all_of
from ..subject import Part, Subject
from . import calls as calling
from . import chain, completion, guarantees, lemmas, receiving, resources, status, window

RULES = tuple(
    p
    for room in (status, calling, chain, window, completion, receiving, resources, guarantees)
    for p in room.PROPERTIES
)


def prefers(world: World) -> list[Value]:
    """First states that are easy to read: round numbers, few blocks."""
    conns = world.conns
    numbers = (And(c.isn == 1000 * (n + 1), c.irn == 5000 * (n + 1)) for n, c in enumerate(conns))
    windows = (And(c.capacity == 100, c.peer.wnd == 100) for c in conns)
    few = [all_of(Not(b.in_tree) for b in world.blocks[size:]) for size in (1, 2, 3, 4)]
    return [all_of(numbers), all_of(windows), *few]


CHIMNEY = Subject(
    "chimney",
    "the TCP chimney hand-off",
    template,
    initial,
    (Part("hand-off", events=(*EVENTS, afterwards.Quiet), properties=(*RULES, *lemmas.with_ready(RULES))),),
    world_size(),
    REFERENCE,
    general.GENERAL,
    over=lambda s: s.quiet,
    rest=afterwards.Quiet,
    prefers=prefers,
)
