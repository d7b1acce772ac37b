"""The members of the delegated state besides windows and pointers: timers, congestion, round trips, counts.

They depend on what a target does by itself, so what is demanded is what has one right answer: a timer
that does not run, and a connection that had nothing to send. Known limitation: keepalive is switched
off on every connection of this world.
"""

from __future__ import annotations

from ...model.chimney.designs import ending
from ...model.chimney.state import NONE, NOT_RUNNING, Connection, Delegated, World
from ...model.logic import And, Not, Value, serial
from ...model.tcp.states import connection_state, may_be
from ..property import Holding, clause, collected, conjunct, lemma, same
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import fresh, handed_over
from .send_window import DELEGATED

OFFLOADED = Delegated()
"""What the host offloaded every connection with."""
KEPT = {
    "CWnd": "cwnd",
    "SsThresh": "ssthresh",
    "SRtt": "srtt",
    "RttVar": "rttvar",
    "TotalRT": "total_rt",
    "DupAckCount": "dup_ack_count",
    "SndWndProbeCount": "probe_round",
    "Retransmit.Count": "retransmit_count",
    "KeepAlive.ProbeCount": "keepalive_count",
}
"""Members that only a connection's own traffic changes."""


def in_flight(conn: Connection) -> Value:
    """Whether anything is sent and not acknowledged."""
    return conn.peer.acked < conn.peer.sent


def fin_taken(conn: Connection) -> Value:
    """Whether RcvNxt counts the peer's FIN."""
    return And(conn.peer.fin, conn.given.rcv_nxt == serial(conn.irn + conn.peer.arrived + 1))


def _idle(conn: Connection) -> Value:
    """No timer that TimeoutDelta stands for can run: neither retransmission, nor persist, nor FIN_WAIT_2."""
    return And(Not(in_flight(conn)), conn.peer.wnd > 0, conn.disconnect == NONE)


@clause("retransmit.idle", "pages/retransmit-timer.md", "Retransmit Timer", each=each_connection)
def retransmit_idle(world: World, conn: Connection) -> Holding:
    """A retransmit timer that is not running is handed over as -1; 0 would make it expire at once."""
    return And(fresh(world, conn), _idle(conn)), same(
        "TimeoutDelta says that the timer does not run",
        **{"Retransmit.TimeoutDelta": conn.given.retransmit_delta, "not running": NOT_RUNNING},
    )


@clause(
    "retransmit.running",
    "pages/retransmit-timer.md",
    "Retransmit Timer",
    each=each_connection,
    inferred="the page says what -1 means, and not that it is wrong while data is in flight (RFC 6298, 5.1)",
)
def retransmit_running(world: World, conn: Connection) -> Holding:
    """While data is in flight a timer runs, and its time is handed over."""
    may = And(fresh(world, conn), in_flight(conn), Not(conn.peer.rst))
    return may, conjunct(
        "TimeoutDelta is the time left",
        conn.given.retransmit_delta >= 0,
        **{
            "Retransmit.TimeoutDelta": conn.given.retransmit_delta,
            "SndMax - SndUna": conn.peer.sent - conn.peer.acked,
        },
    )


@clause("keepalive.idle", "pages/keepalive-timer.md", "Keepalive Timer", each=each_connection)
def keepalive_idle(world: World, conn: Connection) -> Holding:
    """A keepalive timer that is not running is handed over as -1."""
    return fresh(world, conn), same(
        "TimeoutDelta says that the timer does not run",
        **{"KeepAlive.TimeoutDelta": conn.given.keepalive_delta, "not running": NOT_RUNNING},
    )


@clause("delegated.state", DELEGATED, "State", each=each_connection)
def state(world: World, conn: Connection) -> Holding:
    """State is the connection's state in the words of RFC 9293.

    Where a FIN is asked for and not sent yet, the state before it or after it; where both FINs are
    acknowledged, closed or TIME-WAIT, since the time may be over. RcvNxt says whether the peer's FIN was
    taken: one that is not acknowledged may be dropped, and taken when it comes again.
    """
    handed, peer = conn.given.connection_state, conn.peer
    fin = fin_taken(conn)
    true = connection_state(conn, peer.acked, peer.sent, fin)
    may = may_be(conn, handed, world.closed(conn), fin)
    says = (
        "State is the connection's (0 closed, 4 established, 5 and 6 FIN-WAIT-1 and -2, 7 CLOSE-WAIT, "
        "8 CLOSING, 9 LAST-ACK, 10 TIME-WAIT)"
    )
    return handed_over(world, conn), conjunct(says, may, State=handed, **{"the connection's": true})


@clause(
    "delegated.as-offloaded",
    DELEGATED,
    "Remarks",
    each=each_connection,
    inferred="the target maintains the variables; that nothing but traffic changes these is our conclusion",
)
def as_offloaded(world: World, conn: Connection) -> Holding:
    """A connection that had nothing to send comes back with the values that it was offloaded with."""
    unused = And(conn.posted == 0, conn.disconnect == NONE, conn.peer.sent == 0)
    held = (
        same(
            f"{member} is as it was",
            **{member: getattr(conn.given, field), "offloaded": getattr(OFFLOADED, field)},
        )
        for member, field in KEPT.items()
    )
    return And(fresh(world, conn), unused), *held


@clause(
    "delegated.congestion-window",
    DELEGATED,
    "CWnd",
    each=each_connection,
    inferred="RFC 5681 (3.1) keeps both windows above zero, or nothing could be sent again",
)
def congestion_window(world: World, conn: Connection) -> Holding:
    """CWnd and SsThresh never shut."""
    held = (
        conjunct(f"{member} is not 0", value > 0, **{member: value})
        for member, value in (("CWnd", conn.given.cwnd), ("SsThresh", conn.given.ssthresh))
    )
    return And(fresh(world, conn), Not(conn.peer.rst)), *held


@lemma("members", each=each_connection)
def kept(w: World, conn: Connection) -> Value:
    """The reference changes no member that it need not change."""
    same_as_given = (getattr(conn.given, field) == getattr(OFFLOADED, field) for field in KEPT.values())
    return And(conn.given.keepalive_delta == NOT_RUNNING, *same_as_given)


MEMBERS = Part(
    "members",
    "timers, congestion, round trips and counts in the delegated state",
    needs=("window",),
    choices=(ending.retransmit_delta, ending.state_now),
    properties=collected(globals()),
)
