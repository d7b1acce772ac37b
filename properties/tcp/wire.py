"""The part of the peer and the wire: what arrives at either end of a connection.

A subject whose world has the connections of :mod:`..model.tcp.peer` can have this part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model.logic import If, Min, Or, Value
from ...model.tcp import peer
from ...model.tcp.numbers import NULL
from ..property import Conjunct, Holding, Place, collected, conjunct, guarantee, lemma
from ..subject import Part

STREAM = ("RFC 9293", "section 3.4 and 3.8: a reliable, in-order byte stream")
"""Who promised what a stream is."""
SKIPPED = "bytes skipped (or, below 0, repeated)"


def each_connection(s: Any) -> Iterator[Place]:
    """Every connection of a world, for lemmas on each."""
    return ((f"connection {c}", (conn,)) for c, conn in enumerate(s.conns))


def received(conn: Any) -> Value:
    """True RCV.NXT as a position: data that arrived in order before termination, and the FIN."""
    return conn.peer.arrived + If(conn.peer.fin, 1, 0)


def acked_data(conn: Any) -> Value:
    """The data that the peer was told had arrived, as a position (without its FIN)."""
    return Min(conn.peer.acked_to, conn.peer.arrived)


def sent_in_order(conn: Any) -> tuple[Conjunct, Conjunct]:
    """That the peer has of a connection what the application sent, in its place, and no more."""
    shift, fin_at = conn.peer.shift, conn.peer.fin_at
    return (
        conjunct("each byte the peer has is the byte sent at that position", shift == 0, **{SKIPPED: shift}),
        conjunct(
            "the peer sees the end of the stream where the data ends",
            Or(fin_at == NULL, fin_at == conn.total),
            FIN_at=fin_at,
            data_ends_at=conn.total,
        ),
    )


@guarantee("guarantee.receive-in-order", *STREAM, each=each_connection)
def receive_in_order(s: Any, conn: Any) -> Holding:
    """The application gets the bytes of the peer in order, none skipped, none repeated."""
    gap = conn.peer.app_gap
    says = "the application got each byte once and in order"
    return True, conjunct(says, gap == 0, **{SKIPPED: gap})


@lemma("peer-stream", each=each_connection)
def peer_stream(s: Any, conn: Any) -> Value:
    """No byte reached the peer at another byte's place."""
    return conn.peer.shift == 0


WIRE = Part("wire", "the peer and the wire", events=peer.EVENTS, properties=collected(globals()))
