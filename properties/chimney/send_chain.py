"""The part of NetBufferListChain: which sends it holds, in which order, from which byte on."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.designs import ending
from ...model.chimney.state import BLOCK_FAILURE, BLOCK_SUCCESS, PENDING, Block, Buffer, Connection, World
from ...model.logic import And, If, Implies, Not, Or, Value
from ...model.tcp.numbers import NULL
from ..property import Case, Conjunct, Holding, case, clause, collected, conjunct, lemma, same
from ..situation import Situation
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import (
    at,
    back,
    base,
    block_of,
    buffers,
    chained,
    completed,
    connections,
    each_block,
    each_buffer,
    each_number,
    handed,
    last_pending,
    outstanding,
    referenced,
)

SEED = ("seed.txt", "Remarks, outstanding send data")
NOTHING = ("seed.txt", "Remarks, no outstanding send data")
MEMBER = ("ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md", "NetBufferListChain")
DELEGATED = "ddi/ns-ndischimney-_tcp_offload_state_delegated.md"
MAPPING = "pages/mapping-snduna--sndnxt--and-sndmax-to-the-mdls.md"
STATUS = "pages/returning-the-completion-status-of-a-terminate-offload-operation.md"
PAGE = "pages/handling-outstanding-send-data-during-a-terminate-offload-operation.md"


def _no_chain(chain: Value, says: str = "NetBufferListChain is NULL") -> Conjunct:
    return conjunct(says, chain == NULL, NetBufferListChain=chain)


@clause("chain.non-null", *SEED, each=at(each_connection, ", with sends outstanding"))
def non_null(world: World, conn: Connection) -> Holding:
    """With send data outstanding, NetBufferListChain is not NULL."""
    block = block_of(world, conn)
    owed = And(world.handed_back(conn), block.status == BLOCK_SUCCESS, outstanding(conn))
    return owed, conjunct(
        "NetBufferListChain is not NULL", block.chain != NULL, NetBufferListChain=block.chain
    )


@clause("chain.null", *NOTHING, each=at(each_connection, ", with nothing outstanding"))
def null(world: World, conn: Connection) -> Holding:
    """With no send data outstanding, NetBufferListChain is NULL."""
    nothing = And(world.handed_back(conn), Not(outstanding(conn)))
    return nothing, _no_chain(block_of(world, conn).chain)


@clause("chain.null", *MEMBER, reading="requests", each=at(each_connection, ", every send completed"))
def null_by_requests(world: World, conn: Connection) -> Holding:
    """Read by requests: NetBufferListChain is NULL only where every send has been completed."""
    none_open = And(*(buf.status != PENDING for buf in conn.bufs))
    return And(world.handed_back(conn), none_open), _no_chain(block_of(world, conn).chain)


def _pending_own(world: World, c: int, pointer: Value) -> Value:
    first = base(world, c)
    bufs = world.conns[c].bufs
    return Or(*(And(pointer == first + k, buf.status == PENDING) for k, buf in enumerate(bufs)))


@clause("chain.content", *SEED)
def content(world: World) -> Iterator[Case]:
    """The chain holds sends of this connection that are still outstanding, and nothing else."""
    for c, conn in connections(world):
        head = block_of(world, conn).chain
        own = conjunct(
            "NetBufferListChain points to an outstanding send of this connection",
            _pending_own(world, c, head),
            NetBufferListChain=head,
        )
        yield case(f"connection {c}", chained(world, conn), own)
    for c, conn, _, buf, where in buffers(world):
        own = conjunct(
            "its Next is NULL or an outstanding send of this connection",
            Or(buf.next == NULL, _pending_own(world, c, buf.next)),
            Next=buf.next,
        )
        yield case(where, And(chained(world, conn), buf.status == PENDING), own)


@clause("chain.order", PAGE, "first item of the list")
def order(world: World) -> Iterator[Case]:
    """The chain keeps the order in which the sends were passed to MiniportTcpOffloadSend."""
    for c, conn, k, buf, where in buffers(world):
        here = base(world, c) + k
        later = conjunct(
            "the send that follows it was posted later",
            Or(buf.next == NULL, buf.next > here),
            this_one=here,
            Next=buf.next,
        )
        yield case(where, And(chained(world, conn), buf.status == PENDING), later)


@clause("chain.coverage", *SEED)
def coverage(world: World) -> Iterator[Case]:
    """Every outstanding send is in the chain."""
    for c, conn, k, buf, where in buffers(world):
        there = conjunct(
            "the chain leads to it",
            referenced(world, c, k),
            this_one=base(world, c) + k,
            NetBufferListChain=block_of(world, conn).chain,
        )
        yield case(where, And(chained(world, conn), buf.status == PENDING), there)


@clause("chain.ends", PAGE, "last item of the list")
def ends(world: World) -> Iterator[Case]:
    """SendDataHead and SendDataTail point to the first and the last send with data in the chain."""
    for c, conn in connections(world):
        chain, last = block_of(world, conn).chain, last_pending(world, c)
        head = same(
            "SendDataHead is the chain's first send", SendDataHead=conn.given.head, NetBufferListChain=chain
        )
        tail = same(
            "SendDataTail is the last outstanding send", SendDataTail=conn.given.tail, last_outstanding=last
        )
        yield case(f"connection {c}", And(chained(world, conn), outstanding(conn)), head, tail)


@clause("chain.ends", DELEGATED, "SendDataHead", reading="with-data")
def ends_with_data(world: World) -> Iterator[Case]:
    """Read closely: SendDataHead and SendDataTail skip sends whose data is acknowledged in full."""
    for c, conn in connections(world):
        first: Value = NULL
        last: Value = NULL
        for k, buf in enumerate(conn.bufs):
            left = And(buf.status == PENDING, conn.peer.acked < buf.end)
            first = If(And(left, first == NULL), base(world, c) + k, first)
            last = If(left, base(world, c) + k, last)
        head = same(
            "SendDataHead is the first send with data left",
            SendDataHead=conn.given.head,
            first_with_data=first,
        )
        tail = same(
            "SendDataTail is the last send with data left", SendDataTail=conn.given.tail, last_with_data=last
        )
        yield case(f"connection {c}", And(chained(world, conn), outstanding(conn)), head, tail)


@clause("chain.advanced", MAPPING, "the paragraph on SndUna", each=each_buffer)
def advanced(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """The byte that SndUna names is the first byte of data in the chain."""
    due = buf.begin + acknowledged_part(buf, conn.peer.acked)
    return And(chained(world, conn), buf.status == PENDING), same(
        "its data starts at the first byte that is not acknowledged",
        data_starts_at=buf.start,
        first_unacknowledged_byte=due,
    )


@clause("chain.not-completed", PAGE, "the two ways of handling the data")
def not_completed(world: World) -> Iterator[Case]:
    """A send is either completed or chained, not both."""
    for c, conn, k, buf, where in buffers(world):
        target = block_of(world, conn).chain == base(world, c) + k
        pending = conjunct("it was not completed before", buf.status == PENDING, status=buf.status)
        yield case(where, And(chained(world, conn), Or(target, buf.returns >= 2)), pending)


@clause("chain.only-on-connections", *SEED, each=each_block)
def only_on_connections(world: World, block: Block) -> Holding:
    """NetBufferListChain stands on the block of the connection whose data it is, and on no other."""
    other = And(completed(world), block.in_tree, block.conn == NULL)
    return other, _no_chain(block.chain)


@clause("chain.none-when-lost", STATUS, "step 4", each=each_connection)
def none_when_lost(world: World, conn: Connection) -> Holding:
    """A connection whose state is lost has its sends aborted; it passes no chain."""
    block = block_of(world, conn)
    failed = And(world.handed_back(conn), block.status == BLOCK_FAILURE)
    empty = _no_chain(block.chain, "no send data is passed for a lost connection")
    return failed, empty


@lemma("lost-sends", each=each_connection)
def lost_sends(w: World, conn: Connection) -> Value:
    """A lost connection's sends are aborted by the time the tree is filled."""
    gone = And(w.filled, w.lost(conn))
    return Implies(gone, conn.own.first == conn.posted)


@lemma("start", each=each_buffer)
def start(w: World, conn: Connection, k: int, buf: Buffer) -> Value:
    """A send's data starts at its first byte, or after what is acknowledged."""
    pending = buf.status == PENDING
    out = Or(conn.block == NULL, Not(w.filled))
    due = buf.start == buf.begin + acknowledged_part(buf, conn.peer.acked)
    return And(
        Implies(And(pending, out), And(buf.start == buf.begin, buf.next == NULL)),
        Implies(And(pending, Not(out)), due),
    )


@lemma("linked", each=lambda w: ((where, (c, conn, k, buf)) for c, conn, k, buf, where in buffers(w)))
def linked(w: World, c: int, conn: Connection, k: int, buf: Buffer) -> Value:
    """In the filled tree a send that is pending leads to the one that was posted next."""
    here = And(w.filled, conn.block != NULL, buf.status == PENDING)
    return Implies(here, buf.next == If(k + 1 < conn.posted, base(w, c) + k + 1, NULL))


@lemma("headed", each=each_number)
def headed(w: World, c: int, conn: Connection) -> Value:
    """In the filled tree a connection's chain begins with the oldest send that is not completed."""
    head = If(conn.own.first < conn.posted, base(w, c) + conn.own.first, NULL)
    return Implies(And(w.filled, conn.block != NULL), block_of(w, conn).chain == head)


def _partial(number: int) -> Situation:
    def holds(conn: Connection) -> Value:
        if number >= len(conn.bufs):
            return False
        buf = conn.bufs[number]
        return And(buf.status == PENDING, buf.begin < conn.peer.acked, conn.peer.acked < buf.end)

    return back(f"buffer {number} is acknowledged in part", holds)


CHAIN = Part(
    "chain",
    "NetBufferListChain: the sends that are handed over",
    needs=("sending", "tree"),
    choices=(ending.chain, ending.block_of, ending.carries_chain),
    properties=collected(globals()),
    situations=(
        _partial(0),
        _partial(1),
        back("a chain of which nothing is sent", lambda c: And(handed(c), c.peer.sent == c.peer.acked)),
        back("a chain that is sent in whole", lambda c: And(handed(c), c.peer.sent == c.total)),
        back(
            "the peer has data that it has not acknowledged",
            lambda c: And(handed(c), c.peer.acked < c.peer.got),
        ),
    ),
)
