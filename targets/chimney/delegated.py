"""TCP_OFFLOAD_STATE_DELEGATED and, of TCP_OFFLOAD_STATE_CONST, what was agreed on, as Python has them.

Sources: ddi/ns-ndischimney-_tcp_offload_state_delegated.md, -_tcp_offload_state_const.md.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .interface import NetBufferList

WINDOWS = ("snd_una", "snd_nxt", "snd_max", "snd_wnd", "rcv_nxt", "rcv_wnd")
"""The numbers of a delegated structure that every target has to write."""
MEMBERS = (
    "cwnd",
    "ssthresh",
    "srtt",
    "rttvar",
    "total_rt",
    "dup_ack_count",
    "probe_round",
    "retransmit_count",
    "retransmit_delta",
    "keepalive_count",
    "keepalive_delta",
)
"""Its other numbers: they depend on a connection's traffic, or stay as they were offloaded."""
ALL_MEMBERS = (*MEMBERS, "connection_state", "snd_wl1")
"""Those, State and SendWL1."""
STAMPS = ("ts_recent", "ts_recent_age", "ts_time")
"""Its numbers that only a connection with timestamps has a use for."""
NUMBERS = (*WINDOWS, *ALL_MEMBERS, *STAMPS, "max_snd_wnd")
"""All its numbers, in the order in which they pass to a target and back."""
WIDEST = 2**30
"""No window is more, bytes (RFC 7323, section 2.3)."""


class TcpState(enum.IntEnum):
    """TCP_OFFLOAD_CONNECTION_STATE: the states that a connection can be in once it was established."""

    CLOSED = 0
    ESTABLISHED = 4
    FIN_WAIT_1 = 5
    FIN_WAIT_2 = 6
    CLOSE_WAIT = 7
    CLOSING = 8
    LAST_ACK = 9
    TIME_WAIT = 10


@dataclasses.dataclass(frozen=True)
class TcpConstState:
    """The scale factors that both ends of a connection agreed on (RFC 7323, section 2), shifts from 0 to 14.

    Only the header of a segment has scaled windows, and the hardware reads and writes it. Every window that a
    target is given, and everyone that it gives, is in bytes. ``timestamps`` and ``sack`` are flags: whether
    segments have the options.
    """

    snd_wind_scale: int
    rcv_wind_scale: int
    timestamps: bool = False
    sack: bool = True


@dataclasses.dataclass(frozen=True)
class TcpCachedState:
    """What an update tells of TCP_OFFLOAD_STATE_CACHED: InitialRcvWnd, bytes, which is new."""

    rcv_wnd: int


def wind_scale(widest: int, least: int) -> int:
    """The factor by which a window of *widest* bytes fits a header's 16 bits, *least* or more."""
    return min(14, max(least, (widest >> 16).bit_length()))


@dataclasses.dataclass
class TcpDelegatedState:
    """TCP_OFFLOAD_STATE_DELEGATED. None: not written yet.

    At MiniportInitiateOffload the host has filled it in; in the tree of
    MiniportTerminateOffload the target does. ``buffered_data`` (BufferedData) is the
    first NET_BUFFER_LIST of a linked list with received data, or None.

    From ``cwnd`` on are the members that depend on a connection's traffic (bytes, ticks; ``srtt`` is
    eightfold, ``rttvar`` fourfold; a ``..._delta`` is a TimeoutDelta, -1 for a timer that is not running;
    ``probe_round`` is SndWndProbeCount; ``connection_state`` is State, a :class:`TcpState`;
    ``snd_wl1`` is SendWL1). A target
    that leaves one of them None is not judged by it. A query alone tells ``send_backlog`` and
    ``receive_backlog`` (SendBacklogSize and ReceiveBacklogSize, bytes; 2^32 - 1 where a target keeps none).
    ``ts_time`` is TsTime, the timestamp of now, ``ts_recent`` TsRecent, the peer's that is echoed next,
    ``ts_recent_age`` TsRecentAge, how long that was received before (ticks). ``max_snd_wnd`` is MaxSndWnd,
    the largest window that the peer ever advertised (bytes).
    """

    snd_una: int | None = None
    snd_nxt: int | None = None
    snd_max: int | None = None
    snd_wnd: int | None = None
    rcv_nxt: int | None = None
    rcv_wnd: int | None = None
    send_data_head: NetBufferList | None = None
    send_data_tail: NetBufferList | None = None
    buffered_data: NetBufferList | None = None
    cwnd: int | None = None
    ssthresh: int | None = None
    srtt: int | None = None
    rttvar: int | None = None
    total_rt: int | None = None
    dup_ack_count: int | None = None
    probe_round: int | None = None
    retransmit_count: int | None = None
    retransmit_delta: int | None = None
    keepalive_count: int | None = None
    keepalive_delta: int | None = None
    connection_state: int | None = None
    snd_wl1: int | None = None
    send_backlog: int | None = None
    receive_backlog: int | None = None
    ts_recent: int | None = None
    ts_recent_age: int | None = None
    ts_time: int | None = None
    max_snd_wnd: int | None = None


def widest_window(state: TcpDelegatedState, offered: int, advertised: int) -> str:
    """What is wrong with MaxSndWnd; "" if nothing is, if it is not written, or if SndWnd is not.

    The peer had *offered* so much at the offload, and *advertised* that last. It is that of RFC 813, of
    which a sender waits for half (RFC 9293, 3.8.6.2.1): 0 lets it send at once.
    """
    most, now = state.max_snd_wnd, min(state.snd_wnd or 0, advertised)  # a wrong SndWnd is told by itself
    if most is None or state.snd_wnd is None or max(now, min(1, offered)) <= most <= WIDEST:
        return ""
    return f"MaxSndWnd is {most}; SndWnd is {now}, was {offered} at the offload, and is never more than 2^30"
