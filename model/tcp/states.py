"""The states of a connection that was once established, as an interface numbers them.

Source: RFC 9293 section 3.3.2; ddi/ns-ndischimney-_tcp_offload_state_delegated.md (State).
"""

from __future__ import annotations

from typing import Any

from ..logic import And, If, Not, Or, Value

STATES = (
    "TcpConnectionClosed",
    "TcpConnectionListen",
    "TcpConnectionSynSent",
    "TcpConnectionSynRcvd",
    "TcpConnectionEstablished",
    "TcpConnectionFinWait1",
    "TcpConnectionFinWait2",
    "TcpConnectionCloseWait",
    "TcpConnectionClosing",
    "TcpConnectionLastAck",
    "TcpConnectionTimeWait",
)
"""The names in C, by number."""
CLOSED = 0
ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT = range(4, 11)


def connection_state(conn: Any, acked: Value, sent: Value, fin: Value) -> Value:
    """The state of a connection that has sent up to *sent*, of which the peer acknowledged up to *acked*.

    *fin*: whether the peer's FIN was taken.
    """
    peer = conn.peer
    done = If(fin, If(peer.fin_after, TIME_WAIT, CLOSED), FIN_WAIT_2)
    waits = If(fin, If(peer.fin_after, CLOSING, LAST_ACK), FIN_WAIT_1)
    before = If(fin, CLOSE_WAIT, ESTABLISHED)
    return If(peer.rst, CLOSED, If(acked > conn.total, done, If(sent > conn.total, waits, before)))


def may_be(conn: Any, told: Value, closing: Value, fin: Value) -> Value:
    """Whether *told* may be called the state of the connection.

    *closing*: its application has closed it. Where a FIN is asked for and not sent yet, the state before it
    or after it; where both FINs are acknowledged, closed or TIME-WAIT, since the time may be over.
    """
    peer = conn.peer
    true = connection_state(conn, peer.acked, peer.sent, fin)
    asked = And(closing, peer.sent <= conn.total, Not(peer.rst))
    return Or(
        told == true,
        And(asked, Or(told == If(fin, LAST_ACK, FIN_WAIT_1), And(fin, told == CLOSING))),
        And(true == CLOSED, Not(peer.rst), told == TIME_WAIT),
        And(true == TIME_WAIT, told == CLOSED),
        And(true == LAST_ACK, told == CLOSING),
    )


def state_name(number: Any, *_: Any) -> str:
    """A state as a person reads it; a target may write any number."""
    return STATES[number] if 0 <= number < len(STATES) else f"{number} (no state)"
