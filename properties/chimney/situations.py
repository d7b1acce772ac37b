"""Situations worth seeing: corners of the world that drivers get wrong.

They demand nothing. The engines look for shortest runs to them, and every target is
played through them. Only what can be seen from outside is spoken of, so that the same
predicate is asked of a state of the model and of a run of a target.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from ...model.chimney.state import (
    COMPLETED,
    NEIGHBOR,
    OFFLOADED,
    PATH,
    PENDING,
    PLACEHOLDER,
    REQUEST_ABORTED,
    STATE_CALLS,
    SUCCESS,
    TCP,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
    Connection,
    World,
)
from ...model.logic import SEQUENCE_SPACE, And, Not, Value, any_of, pick, serial
from ...model.tcp.numbers import NULL
from .cases import block_of, handed_over


@dataclasses.dataclass(frozen=True)
class Situation:
    """A state, or with ``action`` (a name of the model) a state and what happens in it.

    ``holds`` is asked of the state, and of the action's parameters (None without one).
    """

    name: str
    holds: Callable[[World, Any], Value]
    action: str = ""


def _back(name: str, holds: Callable[[Connection], Value]) -> Situation:
    """Something about a connection that was handed over and that the host has not touched yet."""

    def somewhere(world: World, p: Any) -> Value:
        return any_of(
            And(handed_over(world, conn), Not(conn.host.resumed), holds(conn)) for conn in world.conns
        )

    return Situation(name, somewhere)


def _asked(name: str, holds: Callable[[World, Connection], Value]) -> Situation:
    """Something about a connection in the tree at the moment that MiniportTerminateOffload is called."""

    def somewhere(world: World, p: Any) -> Value:
        return any_of(And(conn.block != NULL, holds(world, conn)) for conn in world.conns)

    return Situation(name, somewhere, "MiniportTerminateOffload")


def _step(name: str, action: str, holds: Callable[[World, Connection, Any], Value]) -> Situation:
    """An action on a connection, in a state of its world."""
    return Situation(name, lambda world, p: holds(world, pick(world.conns, p.conn), p), action)


def _una(conn: Connection) -> Value:
    return serial(conn.isn + conn.peer.acked)


def _max(conn: Connection) -> Value:
    return serial(conn.isn + conn.peer.sent)


def _chained(conn: Connection) -> Value:
    return conn.given.head != NULL


def _buffered(conn: Connection) -> Value:
    return conn.given.buffered_from < conn.given.buffered_to


def _straddles(start: Value, end: Value, limit: int) -> Value:
    return And(start < limit, limit <= end)


_HALF = SEQUENCE_SPACE // 2

_NUMBERS = (
    _back("unacknowledged data runs across 2^32", lambda c: _max(c) < _una(c)),
    _back("unacknowledged data runs across 2^31", lambda c: _straddles(_una(c), _max(c), _HALF)),
    _back(
        "buffered data runs across 2^32",
        lambda c: And(
            _buffered(c), serial(c.irn + c.given.buffered_to) < serial(c.irn + c.given.buffered_from)
        ),
    ),
    _back("SndUna is 0, with a chain", lambda c: And(c.given.snd_una == 0, _chained(c))),
    _back("SndNxt is 0, SndUna is not", lambda c: And(c.given.snd_nxt == 0, c.given.snd_una != 0)),
    _back("SndMax is 0, SndUna is not", lambda c: And(c.given.snd_max == 0, c.given.snd_una != 0)),
    _back("RcvNxt is 0, with buffered data", lambda c: And(c.given.rcv_nxt == 0, _buffered(c))),
)


def _partial(number: int) -> Situation:
    def holds(conn: Connection) -> Value:
        buf = conn.bufs[number]
        return And(buf.status == PENDING, buf.begin < conn.peer.acked, conn.peer.acked < buf.end)

    return _back(
        f"buffer {number} is acknowledged in part", lambda c: holds(c) if number < len(c.bufs) else False
    )


_SENDING = (
    _partial(0),
    _partial(1),
    _back("a chain of which nothing is sent", lambda c: And(_chained(c), c.peer.sent == c.peer.acked)),
    _back("a chain that is sent in whole", lambda c: And(_chained(c), c.peer.sent == c.total)),
    _back(
        "the peer has data that it has not acknowledged",
        lambda c: And(_chained(c), c.peer.acked < c.peer.got),
    ),
    _back("the window is shut, with data to send", lambda c: And(c.peer.wnd == 0, c.peer.sent < c.total)),
    _back("the window was withdrawn", lambda c: c.peer.acked + c.peer.wnd < c.peer.sent),
    _back(
        "going back, nothing sent again",
        lambda c: And(c.given.snd_nxt == _una(c), c.peer.acked < c.peer.sent),
    ),
    _back(
        "going back, some sent again",
        lambda c: And(c.given.snd_nxt != _una(c), c.given.snd_nxt != c.given.snd_max),
    ),
    _step(
        "one acknowledgement for two buffers",
        "AckArrives",
        lambda s, c, p: (
            And(s.live(c), c.peer.acked < c.bufs[0].end, p.upto >= c.bufs[1].end, c.posted > 1)
            if len(c.bufs) > 1
            else False
        ),
    ),
    _step(
        "an acknowledgement overtakes a retransmission",
        "AckArrives",
        lambda s, c, p: And(s.live(c), c.peer.acked < c.own.nxt, c.own.nxt < p.upto),
    ),
    _step(
        "an acknowledgement that changes the window only",
        "AckArrives",
        lambda s, c, p: And(s.live(c), p.upto == c.peer.acked, p.window != c.peer.wnd, c.peer.sent > p.upto),
    ),
)

_FIN = (
    _back(
        "the FIN is sent, data before it is not acknowledged",
        lambda c: And(c.peer.sent > c.total, c.peer.acked < c.total),
    ),
    _back(
        "all data is acknowledged, the FIN is not",
        lambda c: And(c.peer.sent > c.total, c.peer.acked == c.total, c.total > 0),
    ),
    _back(
        "data and FIN wait to be sent",
        lambda c: And(c.disconnect == UPLOAD_IN_PROGRESS, c.peer.sent < c.total),
    ),
    _back("the disconnect was completed before", lambda c: c.disconnect == SUCCESS),
    _back("the peer's FIN came, with buffered data", lambda c: And(c.peer.fin, _buffered(c))),
    _back(
        "the peer's FIN came, and all its data was taken",
        lambda c: And(c.peer.fin, c.peer.app_got > 0, Not(_buffered(c))),
    ),
    _back("both sides have closed", lambda c: And(c.peer.fin, c.peer.sent > c.total)),
)

_RECEIVING = (
    _back(
        "buffered data, of which the application took the start",
        lambda c: And(_buffered(c), c.peer.app_got > 0),
    ),
    _asked("data is held out of order", lambda s, c: c.peer.sacked_to > c.peer.arrived),
    _asked(
        "an acknowledgement is held back", lambda s, c: And(c.peer.acked_to < c.peer.arrived, Not(c.peer.rst))
    ),
    _asked("the host still holds indicated buffers", lambda s, c: c.lent),
    _step("a receive request of 0 bytes", "MiniportTcpOffloadReceive", lambda s, c, p: p.size == 0),
    _step("the application takes nothing", "ReturnReceiveIndication", lambda s, c, p: p.bytes == 0),
    _step(
        "the application takes a part",
        "ReturnReceiveIndication",
        lambda s, c, p: And(p.bytes > 0, p.bytes < c.indicated_to - c.indicated_from),
    ),
    _step(
        "a request is posted for data that was refused",
        "MiniportTcpOffloadReceive",
        lambda s, c, p: And(c.peer.app_got < c.peer.arrived, p.size > 0, Not(c.indication)),
    ),
)


def _while_called(call: int) -> Situation:
    return Situation(
        f"termination while {STATE_CALLS[call]} is outstanding",
        lambda s, p: s.calls[call],
        "MiniportTerminateOffload",
    )


_OUTSTANDING = (
    *(_while_called(call) for call in range(len(STATE_CALLS))),
    _asked(
        "termination while a receive request is outstanding",
        lambda s, c: any_of(r.status == PENDING for r in c.requests),
    ),
    _asked("termination while a disconnect is outstanding", lambda s, c: c.disconnect == PENDING),
    _asked("termination while a forward request is outstanding", lambda s, c: c.forward),
    _asked("termination during a TCP event", lambda s, c: c.event),
    _asked("termination during a receive indication", lambda s, c: c.indication),
    Situation(
        "termination during a status indication", lambda s, p: s.status_indication, "MiniportTerminateOffload"
    ),
    Situation(
        "termination during an offload event", lambda s, p: s.event_indication, "MiniportTerminateOffload"
    ),
)

_DURING = (
    *(
        _step(f"{what} during termination", action, lambda s, c, p: s.ending(c))
        for what, action in (
            ("data", "DataArrives"),
            ("a FIN", "FinArrives"),
            ("an RST", "RstArrives"),
        )
    ),
    _step(
        "a new acknowledgement during termination",
        "AckArrives",
        lambda s, c, p: And(s.ending(c), p.upto > c.peer.acked),
    ),
    *(
        _step(
            f"{what} on a connection that stays, during the termination of another",
            action,
            lambda s, c, p: And(s.phase == TERMINATING, c.block == NULL),
        )
        for what, action in (
            ("data", "DataArrives"),
            ("a send", "MiniportTcpOffloadSend"),
            ("an RST", "RstArrives"),
        )
    ),
    *(
        _step(
            f"{what} on a connection that stays, after the termination of another",
            action,
            lambda s, c, p: And(s.phase == COMPLETED, c.block == NULL),
        )
        for what, action in (
            ("data", "DataArrives"),
            ("an acknowledgement", "AckArrives"),
            ("a disconnect", "MiniportTcpOffloadDisconnect"),
        )
    ),
    _back("the connection was reset before", lambda c: c.peer.rst),
)


def _loses(name: str, layer: int) -> Situation:
    return Situation(
        f"the hardware loses {name}",
        lambda s, p: And(s.phase == OFFLOADED, pick(s.blocks, p.block).layer == layer),
        "HardwareFails",
    )


def _lost_with(what: str, holds: Callable[[Connection], Value]) -> Situation:
    def somewhere(world: World, p: Any) -> Value:
        return any_of(
            And(world.phase == COMPLETED, conn.block != NULL, block_of(world, conn).lost, holds(conn))
            for conn in world.conns
        )

    return Situation(f"a lost connection had {what}", somewhere)


_HARDWARE = (
    _loses("a neighbor", NEIGHBOR),
    _loses("a path", PATH),
    _loses("a connection", TCP),
    Situation("the hardware fails during termination", lambda s, p: s.phase == TERMINATING, "HardwareFails"),
    _lost_with("sends outstanding", lambda c: any_of(b.status == REQUEST_ABORTED for b in c.bufs)),
    _lost_with(
        "a receive request outstanding", lambda c: any_of(r.status == REQUEST_ABORTED for r in c.requests)
    ),
    _lost_with("a disconnect outstanding", lambda c: c.disconnect == REQUEST_ABORTED),
    Situation(
        "one of two connections is lost",
        lambda s, p: And(
            s.phase == COMPLETED,
            any_of(s.lost(c) for c in s.conns),
            any_of(And(c.block != NULL, Not(s.lost(c))) for c in s.conns),
        ),
    ),
)

_TREE = (
    Situation(
        "two connections in the tree, both with a chain",
        lambda s, p: any_of(
            And(handed_over(s, a), handed_over(s, b), _chained(a), _chained(b))
            for n, a in enumerate(s.conns)
            for b in s.conns[n + 1 :]
        ),
    ),
    Situation(
        "a placeholder is completed",
        lambda s, p: any_of(And(s.phase == COMPLETED, b.in_tree, b.kind == PLACEHOLDER) for b in s.blocks),
    ),
    Situation(
        "no connection in the tree",
        lambda s, p: And(s.phase == COMPLETED, *(c.block == NULL for c in s.conns)),
    ),
)

SITUATIONS: tuple[Situation, ...] = (
    *_NUMBERS,
    *_SENDING,
    *_FIN,
    *_RECEIVING,
    *_OUTSTANDING,
    *_DURING,
    *_HARDWARE,
    *_TREE,
)
"""The corners, by topic."""
