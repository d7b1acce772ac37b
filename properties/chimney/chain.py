"""Clauses on NetBufferListChain: which sends it holds, in which order, from which byte on."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.state import BLOCK_SUCCESS, PENDING, World
from ...model.logic import And, If, Not, Or, Value
from ...model.tcp.numbers import NULL
from ..property import Case, Conjunct, Property, Source
from .cases import base, block_of, buffers, chained, connections, last_pending, outstanding, referenced

SEED = Source("seed.txt", "Remarks, outstanding send data")
PAGE = "pages/handling-outstanding-send-data-during-a-terminate-offload-operation.md"


def _non_null(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        block = block_of(world, conn)
        owed = And(world.handed_back(conn), block.status == BLOCK_SUCCESS, outstanding(conn))
        given = Conjunct(
            "NetBufferListChain is not NULL", block.chain != NULL, {"NetBufferListChain": block.chain}
        )
        yield Case(f"connection {c}, with sends outstanding", owed, (given,))


def _null(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        block = block_of(world, conn)
        nothing = And(world.handed_back(conn), Not(outstanding(conn)))
        null = Conjunct(
            "NetBufferListChain is NULL", block.chain == NULL, {"NetBufferListChain": block.chain}
        )
        yield Case(f"connection {c}, with nothing outstanding", nothing, (null,))


def _null_requests(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        block = block_of(world, conn)
        none_open = And(*(buf.status != PENDING for buf in conn.bufs))
        null = Conjunct(
            "NetBufferListChain is NULL", block.chain == NULL, {"NetBufferListChain": block.chain}
        )
        yield Case(f"connection {c}, every send completed", And(world.handed_back(conn), none_open), (null,))


def _pending_own(world: World, c: int, pointer: Value) -> Value:
    first = base(world, c)
    bufs = world.conns[c].bufs
    return Or(*(And(pointer == first + k, buf.status == PENDING) for k, buf in enumerate(bufs)))


def _content(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        head = block_of(world, conn).chain
        own = Conjunct(
            "NetBufferListChain points to an outstanding send of this connection",
            _pending_own(world, c, head),
            {"NetBufferListChain": head},
        )
        yield Case(f"connection {c}", chained(world, conn), (own,))
    for c, conn, _, buf, where in buffers(world):
        own = Conjunct(
            "its Next is NULL or an outstanding send of this connection",
            Or(buf.next == NULL, _pending_own(world, c, buf.next)),
            {"Next": buf.next},
        )
        yield Case(where, And(chained(world, conn), buf.status == PENDING), (own,))


def _order(world: World) -> Iterator[Case]:
    for c, conn, k, buf, where in buffers(world):
        here = base(world, c) + k
        later = Conjunct(
            "the send that follows it was posted later",
            Or(buf.next == NULL, buf.next > here),
            {"this one": here, "Next": buf.next},
        )
        yield Case(where, And(chained(world, conn), buf.status == PENDING), (later,))


def _coverage(world: World) -> Iterator[Case]:
    for c, conn, k, buf, where in buffers(world):
        there = Conjunct(
            "the chain leads to it",
            referenced(world, c, k),
            {"this one": base(world, c) + k, "NetBufferListChain": block_of(world, conn).chain},
        )
        yield Case(where, And(chained(world, conn), buf.status == PENDING), (there,))


def _ends(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        head = block_of(world, conn).chain
        last = last_pending(world, c)
        ends = (
            Conjunct(
                "SendDataHead is the chain's first send",
                conn.given.head == head,
                {"SendDataHead": conn.given.head, "NetBufferListChain": head},
            ),
            Conjunct(
                "SendDataTail is the last outstanding send",
                conn.given.tail == last,
                {"SendDataTail": conn.given.tail, "last outstanding": last},
            ),
        )
        yield Case(f"connection {c}", And(chained(world, conn), outstanding(conn)), ends)


def _ends_with_data(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        first: Value = NULL
        last: Value = NULL
        for k, buf in enumerate(conn.bufs):
            left = And(buf.status == PENDING, conn.peer.acked < buf.end)
            first = If(And(left, first == NULL), base(world, c) + k, first)
            last = If(left, base(world, c) + k, last)
        ends = (
            Conjunct(
                "SendDataHead is the first send with data left",
                conn.given.head == first,
                {"SendDataHead": conn.given.head, "first with data": first},
            ),
            Conjunct(
                "SendDataTail is the last send with data left",
                conn.given.tail == last,
                {"SendDataTail": conn.given.tail, "last with data": last},
            ),
        )
        yield Case(f"connection {c}", And(chained(world, conn), outstanding(conn)), ends)


def _advanced(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        due = buf.begin + acknowledged_part(buf, conn.peer.acked)
        exact = Conjunct(
            "its data starts at the first byte that is not acknowledged",
            buf.start == due,
            {"data starts at": buf.start, "first unacknowledged byte": due},
        )
        yield Case(where, And(chained(world, conn), buf.status == PENDING), (exact,))


def _single(world: World) -> Iterator[Case]:
    for c, conn, k, buf, where in buffers(world):
        target = block_of(world, conn).chain == base(world, c) + k
        pending = Conjunct("it was not completed before", buf.status == PENDING, {"status": buf.status})
        yield Case(where, And(chained(world, conn), Or(target, buf.returns >= 2)), (pending,))


PROPERTIES = (
    Property(
        "chain.non-null",
        "clause",
        "With send data outstanding, NetBufferListChain is not NULL.",
        SEED,
        _non_null,
    ),
    Property(
        "chain.null",
        "clause",
        "With no send data outstanding, NetBufferListChain is NULL.",
        Source("seed.txt", "Remarks, no outstanding send data"),
        _null,
    ),
    Property(
        "chain.null",
        "clause",
        "Read by requests: NetBufferListChain is NULL only where every send has been completed.",
        Source("ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md", "NetBufferListChain"),
        _null_requests,
        reading="requests",
    ),
    Property(
        "chain.content",
        "clause",
        "The chain holds sends of this connection that are still outstanding, and nothing else.",
        SEED,
        _content,
    ),
    Property(
        "chain.order",
        "clause",
        "The chain keeps the order in which the sends were passed to MiniportTcpOffloadSend.",
        Source(PAGE, "first item of the list"),
        _order,
    ),
    Property(
        "chain.coverage",
        "clause",
        "Every outstanding send is in the chain.",
        SEED,
        _coverage,
    ),
    Property(
        "chain.ends",
        "clause",
        "SendDataHead and SendDataTail point to the first and the last send with data in the chain.",
        Source(PAGE, "last item of the list"),
        _ends,
    ),
    Property(
        "chain.ends",
        "clause",
        "Read closely: SendDataHead and SendDataTail skip sends whose data is acknowledged in full.",
        Source("ddi/ns-ndischimney-_tcp_offload_state_delegated.md", "SendDataHead"),
        _ends_with_data,
        reading="with-data",
    ),
    Property(
        "chain.advanced",
        "clause",
        "The byte that SndUna names is the first byte of data in the chain.",
        Source("pages/mapping-snduna--sndnxt--and-sndmax-to-the-mdls.md", "the paragraph on SndUna"),
        _advanced,
    ),
    Property(
        "chain.not-completed",
        "clause",
        "A send is either completed or chained, not both.",
        Source(PAGE, "the two ways of handling the data"),
        _single,
    ),
)
