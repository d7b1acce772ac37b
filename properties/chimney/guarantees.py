"""What the user of a connection is owed, whatever the text says."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import BLOCK_SUCCESS, NONE, PENDING, STATE_CALLS, SUCCESS, World
from ...model.logic import And, Not, Or
from ...model.tcp.numbers import NULL
from ..property import Case, Conjunct, Property, Source
from .cases import block_of, buffers, connections
from .receiving import acked_data

DESIGN = Source("RFC 9293", "section 3.4 and 3.8: a reliable, in-order byte stream")
OWNERSHIP = Source("every page that passes a NET_BUFFER_LIST", "ownership")


def _send_in_order(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        peer = conn.peer
        right = (
            Conjunct(
                "each byte the peer has is the byte sent at that position",
                peer.shift == 0,
                {"bytes skipped (or, below 0, repeated)": peer.shift},
            ),
            Conjunct(
                "the peer sees the end of the stream where the data ends",
                Or(peer.fin_at == NULL, peer.fin_at == conn.total),
                {"FIN at": peer.fin_at, "data ends at": conn.total},
            ),
            Conjunct("the host's queue holds only this connection's data", Not(conn.host.foreign)),
        )
        yield Case(f"connection {c}, not reset by the peer", Not(peer.rst), right)


def _send_kept(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        there = Conjunct(
            "the peer has all of it",
            buf.end <= conn.peer.got,
            {"ends at": buf.end, "the peer has": conn.peer.got},
        )
        yield Case(f"{where}, completed as SUCCESS", buf.status == SUCCESS, (there,))
    for c, conn in connections(world):
        seen = Conjunct(
            "the peer has seen the end of the stream",
            conn.peer.fin_at == conn.total,
            {"FIN at": conn.peer.fin_at, "data ends at": conn.total},
        )
        yield Case(f"connection {c}, disconnect completed as SUCCESS", conn.disconnect == SUCCESS, (seen,))
    for _, conn, _, buf, where in buffers(world):
        queued = Or(buf.end <= conn.peer.got, And(buf.host_at == buf.start, buf.begin <= buf.start))
        resumed = And(conn.host.resumed, Not(conn.host.aborted), Not(conn.peer.rst), buf.status != NONE)
        held = Conjunct(
            "what the peer does not have yet, the host will send at its place",
            queued,
            {
                "data starts at": buf.start,
                "ends at": buf.end,
                "in the host's queue at": buf.host_at,
                "the peer has": conn.peer.got,
            },
        )
        yield Case(f"{where}, after the host resumed", resumed, (held,))
    for c, conn in connections(world):
        resumed = And(conn.host.resumed, Not(conn.host.aborted), Not(conn.peer.rst))
        reach = Conjunct(
            "the host sends again from no later than what the peer has",
            conn.host.una <= conn.peer.got,
            {"host's SND.UNA": conn.host.una, "the peer has": conn.peer.got},
        )
        yield Case(f"connection {c}, after the host resumed", resumed, (reach,))


def _receive_in_order(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        right = Conjunct(
            "the application got each byte once and in order",
            conn.peer.app_gap == 0,
            {"bytes skipped (or, below 0, repeated)": conn.peer.app_gap},
        )
        yield Case(f"connection {c}", True, (right,))


def _receive_kept(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        resumed = And(conn.host.resumed, Not(conn.host.aborted), Not(conn.peer.rst))
        kept = (
            Conjunct(
                "the application has all data that was acknowledged to the peer",
                acked_data(conn) <= conn.peer.app_got,
                {"acknowledged up to": acked_data(conn), "the application has": conn.peer.app_got},
            ),
            Conjunct(
                "the host does not wait for what the peer will not send again",
                conn.peer.acked_to <= conn.host.rcv,
                {"acknowledged up to": conn.peer.acked_to, "host's RCV.NXT": conn.host.rcv},
            ),
        )
        yield Case(f"connection {c}", resumed, kept)


def _returned_once(world: World) -> Iterator[Case]:
    for _, conn, _, buf, where in buffers(world):
        once = Conjunct("it is given back at most once", buf.returns <= 1, {"times given back": buf.returns})
        yield Case(where, buf.status != NONE, (once,))
        over = And(world.quiet, world.handed_back(conn), buf.status != NONE)
        back = Conjunct("it is given back", buf.returns >= 1, {"times given back": buf.returns})
        yield Case(f"{where}, when all is quiet", over, (back,))
    for call, outstanding in zip(STATE_CALLS, world.calls, strict=True):
        done = Conjunct("it is completed", Not(outstanding), {"outstanding": outstanding})
        yield Case(f"{call}, when all is quiet", world.quiet, (done,))
    for c, conn in connections(world):
        over = And(world.quiet, world.handed_back(conn))
        calls = (
            Conjunct("its disconnect is completed", conn.disconnect != PENDING, {"status": conn.disconnect}),
            Conjunct("its forward request is completed", Not(conn.forward), {"outstanding": conn.forward}),
        )
        yield Case(f"connection {c}, when all is quiet", over, calls)
        for k, request in enumerate(conn.requests):
            back = Conjunct("it is given back", request.status != PENDING, {"status": request.status})
            yield Case(f"connection {c}, receive request {k}, when all is quiet", over, (back,))


def _completed_once(world: World) -> Iterator[Case]:
    counted = {"completions": world.completions}
    yield Case(
        "the terminate request",
        True,
        (Conjunct("it is completed at most once", world.completions <= 1, counted),),
    )
    yield Case(
        "the terminate request, when all is quiet",
        world.quiet,
        (Conjunct("it is completed", world.completions >= 1, counted),),
    )


def _not_used_after_free(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        whole = (
            Conjunct("the host holds no indicated buffer of it", Not(conn.lent), {"lent": conn.lent}),
            Conjunct(
                "the host is not reading its BufferedData",
                Not(conn.host.reading),
                {"reading": conn.host.reading},
            ),
        )
        yield Case(f"connection {c}, freed", conn.freed, whole)


def _no_silent_loss(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        gone = And(conn.host.resumed, world.lost(conn))
        told = Conjunct(
            "the host knows that the state is lost",
            conn.host.aborted,
            {"Status is SUCCESS": block_of(world, conn).status == BLOCK_SUCCESS},
        )
        yield Case(f"connection {c}, lost by the hardware", gone, (told,))


PROPERTIES = (
    Property(
        "guarantee.send-in-order",
        "guarantee",
        "The peer gets the bytes of the application in order, none skipped, none repeated.",
        DESIGN,
        _send_in_order,
    ),
    Property(
        "guarantee.send-kept",
        "guarantee",
        "Every byte the application sent, and its end of stream, is with the peer or with who will send it.",
        DESIGN,
        _send_kept,
    ),
    Property(
        "guarantee.receive-in-order",
        "guarantee",
        "The application gets the bytes of the peer in order, none skipped, none repeated.",
        DESIGN,
        _receive_in_order,
    ),
    Property(
        "guarantee.receive-kept",
        "guarantee",
        "Every byte that was acknowledged to the peer reaches the application.",
        DESIGN,
        _receive_kept,
    ),
    Property(
        "guarantee.returned-once",
        "guarantee",
        "Every buffer, request and call that the host made comes back, and no buffer twice.",
        OWNERSHIP,
        _returned_once,
    ),
    Property(
        "guarantee.completed-once",
        "guarantee",
        "Every terminate request is completed exactly once.",
        Source("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks"),
        _completed_once,
    ),
    Property(
        "guarantee.not-used-after-free",
        "guarantee",
        "Nothing is freed while the host may still read it.",
        Source("ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md", "Remarks"),
        _not_used_after_free,
    ),
    Property(
        "guarantee.no-silent-loss",
        "guarantee",
        "A connection whose state is lost is never resumed as if nothing had happened.",
        Source("seed.txt", "Remarks, NDIS_STATUS_FAILURE"),
        _no_silent_loss,
    ),
)
