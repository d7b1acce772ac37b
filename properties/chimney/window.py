"""Clauses on the send window handed over: SndUna, SndNxt, SndMax, SndWnd."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import World
from ...model.logic import And, If, serial
from ..property import Case, Conjunct, Property, Source
from .cases import chained, connections, handed_over

SEED = Source("seed.txt", "Remarks, SndUna, SndNxt and SndMax")
DELEGATED = "ddi/ns-ndischimney-_tcp_offload_state_delegated.md"


def _una(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        true = serial(conn.isn + conn.peer.acked)
        same = Conjunct(
            "SndUna is the first sequence number that is not acknowledged",
            conn.given.snd_una == true,
            {"SndUna": conn.given.snd_una, "first unacknowledged": true},
        )
        yield Case(f"connection {c}", handed_over(world, conn), (same,))


def _max(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        true = serial(conn.isn + conn.peer.sent)
        same = Conjunct(
            "SndMax is the sequence number after the last one sent",
            conn.given.snd_max == true,
            {"SndMax": conn.given.snd_max, "after the last one sent": true},
        )
        yield Case(f"connection {c}", handed_over(world, conn), (same,))


def _max_last(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        last = serial(conn.isn + If(conn.peer.sent > 0, conn.peer.sent - 1, 0))
        same = Conjunct(
            "SndMax is the last sequence number sent",
            conn.given.snd_max == last,
            {"SndMax": conn.given.snd_max, "last one sent": last},
        )
        yield Case(f"connection {c}", handed_over(world, conn), (same,))


def _nxt(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        ahead = serial(conn.given.snd_nxt - (conn.isn + conn.peer.acked))
        flight = conn.peer.sent - conn.peer.acked
        within = Conjunct(
            "SndNxt lies between SndUna and SndMax, both included",
            ahead <= flight,
            {"SndNxt": conn.given.snd_nxt, "SndNxt - SndUna": ahead, "SndMax - SndUna": flight},
        )
        yield Case(f"connection {c}", handed_over(world, conn), (within,))


def _specified(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        filled = Conjunct(
            "the three variables are written", conn.given.written, {"written": conn.given.written}
        )
        yield Case(f"connection {c}", chained(world, conn), (filled,))


def _specified_literal(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        given = conn.given
        named = (("SndUna", given.snd_una), ("SndNxt", given.snd_nxt), ("SndMax", given.snd_max))
        nonzero = tuple(Conjunct(f"{name} is not 0", value != 0, {name: value}) for name, value in named)
        yield Case(f"connection {c}", And(chained(world, conn), handed_over(world, conn)), nonzero)


def _wnd(world: World) -> Iterator[Case]:
    for c, conn in connections(world):
        same = Conjunct(
            "SndWnd is the window that the peer advertised last",
            conn.given.snd_wnd == conn.peer.wnd,
            {"SndWnd": conn.given.snd_wnd, "advertised": conn.peer.wnd},
        )
        yield Case(f"connection {c}", handed_over(world, conn), (same,))


PROPERTIES = (
    Property(
        "snd.una",
        "clause",
        "SndUna is the sequence number of the first byte that is not acknowledged.",
        Source(DELEGATED, "SndUna"),
        _una,
    ),
    Property(
        "snd.max",
        "clause",
        "SndMax is the highest sequence number that has been sent (RFC 9293's SND.MAX: the one after it).",
        Source(DELEGATED, "SndMax"),
        _max,
    ),
    Property(
        "snd.max",
        "clause",
        "Read literally, SndMax is the last sequence number that was sent, not the one after it.",
        Source(DELEGATED, "SndMax"),
        _max_last,
        reading="last",
    ),
    Property(
        "snd.nxt",
        "clause",
        "SndNxt is the next sequence number to send: not before SndUna, not behind SndMax.",
        Source(DELEGATED, "SndNxt"),
        _nxt,
    ),
    Property(
        "snd.wnd",
        "clause",
        "SndWnd is the send window in bytes.",
        Source(DELEGATED, "SndWnd"),
        _wnd,
    ),
    Property(
        "snd.specified",
        "clause",
        "With send data handed over, SndUna, SndNxt and SndMax are specified.",
        SEED,
        _specified,
    ),
    Property(
        "snd.specified",
        "clause",
        "Read literally, a value that is NULL may not be given: none of the three is ever 0.",
        SEED,
        _specified_literal,
        reading="literal",
        impossible_with=("snd.una",),
    ),
)
