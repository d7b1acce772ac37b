"""One cycle after the other: what the host offloads to a target that has handed connections back before.

Each cycle has a world of its own, which begins with what the host offloads in it. Connections that the host
did not terminate stay with the target, and are in the next world as they were in the last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ...model.chimney.shapes import SHAPES, Offload, offloaded
from ...model.chimney.state import NONE, PENDING, SUCCESS, UPLOAD_IN_PROGRESS, Connection, World
from ...model.logic import SEQUENCE_SPACE
from ...model.records import anew, update
from .move_kinds import Move
from .tree_shapes import TreePlan, plan

NEW_NUMBERS = 700_001
"""How far apart the sequence numbers are that a connection has in one cycle and in the next."""
REUSED = 1
"""The ``m`` of a move with which new connections have the handles of those before, and numbers that wrap."""
GOES_ON = 2
"""The ``m`` of one with which connections that came back are offloaded as they are, with all their data."""
MORE = 40
"""Bytes that reach the host meanwhile, and that the application has not read."""
NEAR_THE_END = Offload(SEQUENCE_SPACE - 30, SEQUENCE_SPACE - 20)


@dataclasses.dataclass(frozen=True)
class Cycle:
    """What is offloaded, and terminated, the *number*-th time.

    Of the connections those *absent* are the host's, because it kept them or the target refused them, and
    those *staying* were offloaded in an earlier cycle. Those *going_on* came back, and are offloaded so.
    Those *begun* are in the world as they are offloaded already. *reuses*: new ones have the handles of those
    before.
    """

    shape: str
    offloads: tuple[Offload, ...]
    number: int = 1
    absent: frozenset[int] = frozenset()
    staying: frozenset[int] = frozenset()
    going_on: frozenset[int] = frozenset()
    begun: frozenset[int] = frozenset()
    reuses: bool = False

    @property
    def plan(self) -> TreePlan:
        """The trees."""
        return plan(self.shape, len(self.offloads), self.absent, self.staying)

    def without(self, refused: frozenset[int]) -> Cycle:
        """The same where the target *refused* connections."""
        return dataclasses.replace(
            self, absent=self.absent | refused, going_on=frozenset(), begun=self.going_on - refused
        )

    def world(self, blank: World, before: World | None = None) -> World:
        """The world in which it begins, with the places of *blank*; *before*: how the last one ended.

        Connections that are absent are in it as some that stay, and on which nothing happens.
        """
        first = offloaded(blank, self.plan.tree, self.offloads)
        if before is None:
            return first
        conns = list(first.conns)
        for c in self.staying | self.begun:
            conns[c] = update(before.conns[c], block=first.conns[c].block)
        for c in self.going_on:
            conns[c] = taken_up_again(before.conns[c], first.conns[c])
        return update(first, conns=tuple(conns), calls=before.calls)

    def after(self, move: Move, world: World) -> Cycle:
        """The next one, when *world* is how this one ended and the host makes this :func:`.moves.again`."""
        conns = range(len(self.offloads))
        staying = frozenset(c for c in conns if c not in self.absent and world.live(world.conns[c]))
        absent = frozenset(c for c in conns if c < move.conn) - staying
        back = (c for c in conns if c not in self.absent | absent | staying and move.m == GOES_ON)
        going_on = frozenset(c for c in back if steady(world.conns[c]))
        number = self.number + 1
        return Cycle(
            shape_after(self.shape, move),
            tuple(
                given if c in going_on else _numbers(given, c, number, move.m)
                for c, given in enumerate(self.offloads)
            ),
            number,
            absent,
            staying,
            going_on,
            reuses=move.m == REUSED,
        )


def steady(conn: Connection) -> bool:
    """Whether the host may offload a connection as it came back: nothing is about to end, the numbers agree.

    The peer may have closed, if the host has its FIN, and this end, if not both FINs are acknowledged: any
    state from ESTABLISHED to LAST-ACK. Known limitation: no data of a disconnect is outstanding.
    Source: ddi/ns-ndischimney-_tcp_offload_state_delegated.md, State.
    """
    host, peer = conn.host, conn.peer
    closed = conn.disconnect == SUCCESS and not peer.fin
    closing = conn.disconnect == UPLOAD_IN_PROGRESS and peer.acked <= conn.total
    going = conn.disconnect == NONE or closed or (closing and not parting_left(conn))
    ends = host.aborted or peer.rst or peer.abandoned or not going
    return bool(host.resumed and not ends and peer.app_got + int(peer.fin) == host.rcv)


def parting_left(conn: Connection) -> bool:
    """Whether data that came with a disconnect is outstanding."""
    return bool(conn.parting.length and conn.peer.acked < conn.total)


def asked_again(conn: Connection) -> bool:
    """Whether the host has to ask for a disconnect anew: it came back, and the FIN was not sent."""
    return bool(conn.disconnect == UPLOAD_IN_PROGRESS and conn.peer.sent <= conn.total)


def taken_up_again(conn: Connection, fresh: Connection) -> Connection:
    """A connection that came back, as the host has it and offloads it again; *fresh* is a new one.

    Its outstanding sends begin at SND.UNA. The host holds received data that the application has not read. A
    FIN that was sent is outstanding still; for one that was not, the host asks anew.
    """
    host, peer = conn.host, conn.peer
    una, fin = peer.acked, int(peer.fin)
    arrived = peer.app_got if fin else host.rcv + max(0, min(MORE, host.edge - host.rcv))
    bufs = tuple(
        anew(buf, begin=max(buf.begin, una), end=buf.end, start=max(buf.begin, una), status=PENDING)
        if k < conn.posted and buf.end > una
        else buf
        for k, buf in enumerate(conn.bufs)
    )
    offered = max(peer.offered, 0 if fin else host.edge - conn.capacity)
    # a target that dropped data may have taken the window of a segment behind it
    window = {"offered": offered, "wnd_at": min(peer.wnd_at, arrived)}
    peer = update(peer, arrived=arrived, acked_to=arrived + fin, sacked_from=0, sacked_to=0, **window)
    # what the termination ended is the past's
    requests = tuple(anew(r) if r.status == UPLOAD_IN_PROGRESS else r for r in conn.requests)
    names = ("block", "given", "host", "freed", "late", "lent", "refused", "forwarded", "query")
    kept = {name: getattr(fresh, name) for name in names}
    told = max(fin, conn.ends_told)  # the host knows of a FIN that it has
    closing = {"closed_before": conn.disconnect == UPLOAD_IN_PROGRESS and not asked_again(conn)}
    if asked_again(conn):
        closing["disconnect"] = NONE
    if conn.disconnect == UPLOAD_IN_PROGRESS:
        closing["parting"] = fresh.parting
    return update(conn, bufs=bufs, requests=requests, peer=peer, ends_told=told, **closing, **kept)


def shape_after(shape: str, move: Move) -> str:
    """The name of the tree that is terminated after such a move: the same one, or one of the others."""
    names = tuple(SHAPES)
    return names[(move.n - 1) % len(names)] if move.n > 0 else shape


def shapes(shape: str, moves: Iterator[Move]) -> Iterator[str]:
    """The names of the trees of all cycles, when *moves* are those that begin one."""
    yield shape
    for move in moves:
        shape = shape_after(shape, move)
        yield shape


def _numbers(given: Offload, c: int, number: int, m: int) -> Offload:
    """Where a new connection in the place of number *c* stands: nowhere near the one before."""
    if m == REUSED:
        return dataclasses.replace(given, isn=NEAR_THE_END.isn - c, irn=NEAR_THE_END.irn - c)
    far = NEW_NUMBERS * number
    return dataclasses.replace(
        given, isn=(given.isn + far) % SEQUENCE_SPACE, irn=(given.irn + 2 * far) % SEQUENCE_SPACE
    )
