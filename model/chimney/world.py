"""The whole world of a hand-off: its events, its first states, and the system of a design in it."""

from __future__ import annotations

from typing import Any

from ..event import Event
from ..logic import And, Value, all_of
from ..records import domain, equal, update
from ..tcp import peer
from . import afterwards, answers, calls, handover, only_seen, querying
from .state import World
from .tree import fresh, well_formed

EVENTS: tuple[Event, ...] = (
    *calls.REQUESTS,
    *afterwards.EVENTS,
    *peer.EVENTS,
    calls.HardwareFails,
    *answers.EVENTS,
    *handover.EVENTS,
    answers.Free,
    *only_seen.EVENTS,
    peer.SendReset,
    *querying.EVENTS,
)
"""The vocabulary, in the order in which systems have it."""


def initial(world: World, blank: World) -> Value:
    """The connections are just offloaded with empty windows; nothing is outstanding.

    Free: the tree that will be passed, the initial sequence numbers, the windows.
    """
    still = update(world, blocks=blank.blocks, conns=tuple(_as_offloaded(world, blank)))
    return And(
        domain(world), well_formed(world), all_of(fresh(block) for block in world.blocks), equal(still, blank)
    )


def _as_offloaded(world: World, blank: World) -> Any:
    rigid = ("block", "isn", "irn", "capacity")
    for conn, old in zip(world.conns, blank.conns, strict=True):
        same = update(conn, **{name: getattr(old, name) for name in rigid})
        yield update(same, peer=update(same.peer, wnd=old.peer.wnd))
