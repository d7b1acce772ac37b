"""The TCP chimney as a subject: its parts, and the world that they share."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ...model.chimney import afterwards, only_seen
from ...model.chimney.designs import charge, ending
from ...model.chimney.designs.bugs import BUGS, breaking
from ...model.chimney.handover import terminate_completed
from ...model.chimney.state import TERMINATING, World, template, world_size
from ...model.chimney.tree import ROOT
from ...model.chimney.world import EVENTS, initial
from ...model.design import Design
from ...model.logic import And, Not, Value, all_of
from ..property import Case, Property, Source, case
from ..subject import Part, Subject
from ..tcp.offered_window import OFFERED_WINDOW
from ..tcp.sent_segments import SENT_SEGMENTS
from ..tcp.wire import WIRE
from .block_tree import TREE
from .delegated_members import MEMBERS
from .deliveries import DELIVERY
from .events_told import TELLING
from .fin_and_rst import CLOSING
from .indications import INDICATIONS
from .outstanding_calls import CALLS
from .ownership import RESOURCES
from .progress import PROGRESS
from .queries import QUERIES
from .receives import RECEIVES
from .resumption import RESUMING
from .runs import ENOUGH, first_world
from .send_chain import CHAIN
from .send_window import WINDOW
from .sends import SENDS
from .termination import TERMINATION

WATCHING = Part(
    "watching", "what is seen of executable targets and is no event of a model", events=only_seen.EVENTS
)
PARTS = (
    TREE,
    TERMINATION,
    CALLS,
    INDICATIONS,
    CHAIN,
    WINDOW,
    MEMBERS,
    SENDS,
    RECEIVES,
    DELIVERY,
    CLOSING,
    QUERIES,
    TELLING,
    RESOURCES,
    RESUMING,
    PROGRESS,
    WIRE,
    OFFERED_WINDOW,
    SENT_SEGMENTS,
    WATCHING,
)
"""A seeded bug belongs to the part whose property it breaks."""


def prefers(world: World) -> list[Value]:
    """First states that are easy to read: round numbers, few blocks."""
    conns = world.conns
    numbers = (And(c.isn == 1000 * (n + 1), c.irn == 5000 * (n + 1)) for n, c in enumerate(conns))
    windows = (And(c.capacity == 100, c.peer.wnd == 100) for c in conns)
    few = [all_of(Not(b.in_tree) for b in world.blocks[size:]) for size in (1, 2, 3, 4)]
    return [all_of(numbers), all_of(windows), *few]


def ready(prop: Property) -> Property:
    """The lemma that *prop* holds already when the tree is filled, should it be handed back now.

    The weakest precondition of NdisMTerminateOffloadComplete: most clauses speak of
    the moment after that call, and this carries them over the step before it.
    """

    def cases(world: World) -> Iterator[Case]:
        waiting = And(world.phase == TERMINATING, world.filled)
        for there in prop.cases(terminate_completed(world, ROOT)):
            yield case(there.where, And(waiting, there.premise), *there.holds)

    says = f"Once the tree is filled: {prop.says}"
    return Property(f"lemma.ready.{prop.name}", "lemma", says, Source("properties/chimney/chimney.py"), cases)


CHIMNEY = Subject(
    "chimney",
    "the TCP chimney hand-off",
    template,
    initial,
    tuple(dataclasses.replace(part, bugs=breaking(p.name for p in part.properties)) for part in PARTS),
    world_size(),
    Design(
        "reference",
        "Waits for indications, drains calls, chains unacknowledged sends in order, reports the true window.",
    ),
    over=lambda s: s.quiescent,
    rest=afterwards.Quiet,
    prefers=prefers,
    enough=ENOUGH,
    first=first_world,
    ready=ready,
    order=(*EVENTS, afterwards.Quiet, *charge.STEPS, *ending.STEPS, *BUGS),
)
