"""What a careful target would remember, computed from what can be seen of a run.

The memory of an executable target cannot be seen, the most general target has none, and no
property reads it. This fills ``own`` as a target has it that does everything right, so that
traces of all of them can be drawn alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..design import Deed, Design, reaction, remember
from ..logic import And, If, Max, Value
from ..records import update
from . import answers, only_seen
from .state import PENDING, Connection, Own, World


@reaction(answers.Transmit)
def transmitted(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """SND.NXT, as the wire shows it."""
    return [remember("conns", p.conn, "own", nxt=p.upto)]


@reaction(only_seen.RetransmitTimeout)
def gone_back(design: Any, s: World, p: Any) -> Sequence[Deed]:
    """SND.NXT goes back to SND.UNA."""
    return [remember("conns", p.conn, "own", nxt=s.conns[p.conn].peer.acked)]


CAREFUL = Design(
    "careful",
    "Remembers what can only be told from the order of what happened.",
    reactions=(transmitted, gone_back),
    memory=frozenset({"conns.own.nxt"}),
)


def as_careful(world: World, before: World | None = None) -> World:
    """*world* with every connection's ``own`` as a careful target would have it.

    Connections that *before*, a world that was made so, has too are left alone. ``own.nxt`` is kept,
    but for an acknowledgement that overtakes it.
    """
    if before is not None and world.conns is before.conns:
        return world
    known = before.conns if before is not None else (None,) * len(world.conns)
    conns = (c if c is old else update(c, own=_own(c)) for c, old in zip(world.conns, known, strict=True))
    return update(world, conns=tuple(conns))


def remembering(world: World) -> World:
    """The world of a target that remembers nothing, as a careful one that never goes back would have it."""
    sent = tuple(update(c, own=update(c.own, nxt=c.peer.sent)) for c in world.conns)
    return as_careful(update(world, conns=sent))


def _own(conn: Connection) -> Own:
    peer = conn.peer
    first: Value = conn.posted
    for k in range(len(conn.bufs) - 1, -1, -1):
        first = If(And(k < conn.posted, conn.bufs[k].status == PENDING), k, first)
    return update(
        conn.own,
        una=peer.acked,
        nxt=Max(conn.own.nxt, peer.acked),
        max=peer.sent,
        first=first,
        rcv_nxt=peer.arrived,
        consumed=peer.app_got,
        sack_from=peer.sacked_from,
        sack_to=peer.sacked_to,
    )
