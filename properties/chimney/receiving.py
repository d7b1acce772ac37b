"""Clauses on the receive side: RcvNxt, BufferedData, SACK-only data, delayed and late segments."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import Connection, World
from ...model.logic import And, If, Min, Not, Value, serial, serial_difference
from ..property import Case, Conjunct, Property, Source
from .cases import connections, handed_over

BUFFERED = "pages/handling-buffered-receive-data-during-a-terminate-offload-operation.md"
SEGMENTS = "pages/handling-segments-received-during-a-terminate-offload-operation.md"


def received(conn: Connection) -> Value:
    """True RCV.NXT as a position: data that arrived in order before termination, and the FIN."""
    return conn.peer.arrived + If(conn.peer.fin, 1, 0)


def acked_data(conn: Connection) -> Value:
    """The data that the peer was told had arrived, as a position (without its FIN)."""
    return Min(conn.peer.acked_to, conn.peer.arrived)


def _fresh(world: World, conn: Connection) -> Value:
    """Handed over, and the host has not yet touched it."""
    return And(handed_over(world, conn), Not(conn.host.resumed))


def _rcv_nxt(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        true = serial(conn.irn + conn.peer.acked_to)
        same = Conjunct(
            "RcvNxt is the first sequence number that was not acknowledged to the peer",
            conn.given.rcv_nxt == true,
            {"RcvNxt": conn.given.rcv_nxt, "after the last one acknowledged": true},
        )
        yield Case(f"connection {c}", And(_fresh(world, conn), Not(conn.peer.rst)), (same,))


def _kept(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        given, got = conn.given, conn.peer.app_got
        owed = acked_data(conn)
        kept = Conjunct(
            "BufferedData holds the data that is acknowledged and that the application has not got",
            And(given.buffered_from <= got, owed <= given.buffered_to),
            {
                "the application has": got,
                "acknowledged up to": owed,
                "BufferedData from": given.buffered_from,
                "BufferedData to": given.buffered_to,
            },
        )
        yield Case(f"connection {c}", And(_fresh(world, conn), got < owed), (kept,))


def _kept_if_any(world: World) -> Iterator[Case]:
    for case, conn in zip(_kept(world), world.conns, strict=True):
        some = conn.given.buffered_from < conn.given.buffered_to
        yield Case(case.where, And(case.premise, some), case.holds)


def _once(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        given = conn.given
        some = given.buffered_from < given.buffered_to
        new = Conjunct(
            "BufferedData starts where the application's data ends",
            given.buffered_from >= conn.peer.app_got,
            {"BufferedData from": given.buffered_from, "the application has": conn.peer.app_got},
        )
        yield Case(f"connection {c}", And(_fresh(world, conn), some), (new,))


def _up_to_rcv_nxt(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        given = conn.given
        some = given.buffered_from < given.buffered_to
        end = serial(conn.irn + given.buffered_to + If(conn.peer.fin, 1, 0))
        adjacent = Conjunct(
            "BufferedData ends at RcvNxt",
            end == given.rcv_nxt,
            {"BufferedData ends at": end, "RcvNxt": given.rcv_nxt},
        )
        yield Case(f"connection {c}", And(_fresh(world, conn), some), (adjacent,))


def _delayed_ack(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        told = Conjunct(
            "everything received in order is acknowledged to the peer",
            conn.peer.acked_to >= received(conn),
            {"acknowledged up to": conn.peer.acked_to, "received up to": received(conn)},
        )
        yield Case(f"connection {c}", And(_fresh(world, conn), Not(conn.peer.rst)), (told,))


def _late(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        begun = And(Not(world.live(conn)), Not(conn.host.resumed))
        ignored = (
            Conjunct(
                "no segment that came during termination is acknowledged",
                conn.peer.acked_to <= received(conn),
                {"acknowledged up to": conn.peer.acked_to, "received before termination": received(conn)},
            ),
            Conjunct(
                "no data that came during termination is given to the application",
                conn.peer.app_got <= conn.peer.arrived,
                {"the application has": conn.peer.app_got, "received before termination": conn.peer.arrived},
            ),
        )
        yield Case(f"connection {c}", And(begun, conn.late), ignored)


def _sack(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        given = conn.given
        over = serial_difference(given.rcv_nxt, serial(conn.irn + received(conn)))
        dropped = (
            Conjunct(
                "BufferedData holds no data that is only SACKed",
                given.buffered_to <= conn.peer.arrived,
                {"BufferedData to": given.buffered_to, "received in order up to": conn.peer.arrived},
            ),
            Conjunct("RcvNxt does not count it", over <= 0, {"RcvNxt beyond in-order data by": over}),
        )
        held = conn.peer.sacked_to > conn.peer.arrived
        yield Case(f"connection {c}", And(_fresh(world, conn), held), dropped)


PROPERTIES = (
    Property(
        "rcv.nxt",
        "clause",
        "RcvNxt is the next sequence number expected from the peer: what was acknowledged, and nothing more.",
        Source("ddi/ns-ndischimney-_tcp_offload_state_delegated.md", "RcvNxt"),
        _rcv_nxt,
    ),
    Property(
        "receive.kept",
        "clause",
        "Acknowledged data that is not delivered by the end is handed over as BufferedData.",
        Source(BUFFERED, "second paragraph"),
        _kept,
    ),
    Property(
        "receive.kept",
        "clause",
        "Read as a permission: a target need not hand buffered data over, but what it hands over is whole.",
        Source(BUFFERED, "second paragraph"),
        _kept_if_any,
        reading="optional",
    ),
    Property(
        "receive.once",
        "clause",
        "Data that the application already has is not handed over again.",
        Source(BUFFERED, "first paragraph"),
        _once,
    ),
    Property(
        "receive.up-to-rcv-nxt",
        "clause",
        "The buffered data is the most recent data received: it ends where RcvNxt stands.",
        Source("pages/handling-buffered-receive-data-during-and-after-an-offload-operation.md", "figure"),
        _up_to_rcv_nxt,
    ),
    Property(
        "ack.delayed-sent",
        "clause",
        "Before completing, the target sends the acknowledgements it was holding back.",
        Source(SEGMENTS, "second paragraph"),
        _delayed_ack,
    ),
    Property(
        "segments.not-processed",
        "clause",
        "A segment that arrives during termination is passed to the host unprocessed.",
        Source(SEGMENTS, "first paragraph"),
        _late,
    ),
    Property(
        "sack.dropped",
        "clause",
        "Data that was only selectively acknowledged is dropped, not handed over.",
        Source(SEGMENTS, "third paragraph"),
        _sack,
    ),
)
