"""The world's state: the block tree, two TCP stacks, the wire between them and the peer.

Positions and sequence numbers are those of :mod:`..tcp.numbers`. *Pointers* to a NET_BUFFER_LIST
are ``conn * buffers + index``; NULL is -1.

Fields marked "rigid" never change after the initial state.
Sources: RFC 9293 section 3.3.1; ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md;
ddi/ns-ndischimney-_tcp_offload_state_delegated.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Self

from ..bounds import Bounds
from ..logic import SEQUENCE_SPACE, And, If, Not, Or, Value, any_of, pick_to_read, put
from ..records import BOOL, INT, between, enum, update, var
from ..tcp.numbers import NULL, SEQUENCE, WINDOW, place
from ..tcp.peer import Peer
from ..tcp.states import ESTABLISHED, state_name

PHASE = enum("OFFLOADED", "TERMINATING", "COMPLETED")
OFFLOADED, TERMINATING, COMPLETED = range(3)

LAYER = enum("neighbor", "path", "TCP")
NEIGHBOR, PATH, TCP = range(3)

KIND = enum("placeholder", "linker", "state")
PLACEHOLDER, LINKER, STATE = range(3)

BLOCK_STATUS = enum("unwritten", "NDIS_STATUS_SUCCESS", "NDIS_STATUS_FAILURE", "other")
UNWRITTEN, BLOCK_SUCCESS, BLOCK_FAILURE, BLOCK_OTHER = range(4)

REQUEST_STATUS = enum(
    "none",
    "pending",
    "NDIS_STATUS_SUCCESS",
    "NDIS_STATUS_UPLOAD_IN_PROGRESS",
    "NDIS_STATUS_REQUEST_ABORTED",
    "other",
    "NDIS_STATUS_INVALID_STATE",
)
NONE, PENDING, SUCCESS, UPLOAD_IN_PROGRESS, REQUEST_ABORTED, OTHER, INVALID_STATE = range(7)

NOT_RUNNING = -1
"""The TimeoutDelta of a timer that is not running."""

TCP_EVENT = enum(
    "TcpIndicateSendBacklogChange", "TcpIndicateDisconnect", "TcpIndicateRetrieve", "TcpIndicateAbort"
)
BACKLOG_CHANGE, DISCONNECT, RETRIEVE, ABORT = range(4)

DISCONNECT_KIND = enum("graceful", "abortive")
GRACEFUL, ABORTIVE = range(2)

QUERIED = enum(
    *("none", "Status", "State", "SndUna", "SndNxt", "SndMax", "SndWnd", "RcvNxt", "RcvWnd"),
    *("SendBacklogSize", "ReceiveBacklogSize"),
)
"""What a query may tell that is not so."""

STATE_CALLS = ("MiniportInvalidateOffload", "MiniportQueryOffload", "MiniportUpdateOffload")


def world_size(buffers: int = 8, blocks: int = 8, connections: int = 2, requests: int = 2) -> Bounds:
    """How much of the world a model holds: buffers and requests are those of each connection."""
    phrase = (
        "{buffers} buffers and {requests} receive requests a connection, {blocks} blocks, "
        "{connections} connections"
    )
    return Bounds(phrase, buffers=buffers, blocks=blocks, connections=connections, requests=requests)


def buffer_name(pointer: Any, bounds: Any, conn: int | None = None) -> str:
    """The buffer that a pointer points to; its connection is named unless it is *conn*."""
    if pointer == NULL:
        return "NULL"
    owner, index = divmod(pointer, bounds.buffers)
    if not 0 <= owner < bounds.connections:
        return f"{pointer} (no buffer)"
    return f"B{index}" if owner == conn else f"B{index} of connection {owner}"


def any_buffer(pointer: Any, bounds: Any, at: Any) -> str:
    """A pointer as it is shown in a place that is no connection's."""
    return buffer_name(pointer, bounds)


def own_buffer(pointer: Any, bounds: Any, at: tuple[int, ...]) -> str:
    """A pointer as it is shown in a place of connection ``at[0]``."""
    return buffer_name(pointer, bounds, at[0])


def timer(ticks: Any, *_: Any) -> str:
    """The TimeoutDelta of a timer."""
    return "-1 (not running)" if ticks == NOT_RUNNING else f"{ticks} ticks"


def block_name(index: Any, *_: Any) -> str:
    """The block that an index means."""
    return "NULL" if index == NULL else f"block {index}"


@dataclasses.dataclass(frozen=True)
class Block:
    """One NDIS_MINIPORT_OFFLOAD_BLOCK_LIST of the tree passed to MiniportTerminateOffload."""

    in_tree: Value = var(BOOL)  # rigid
    layer: Value = var(LAYER)  # rigid
    kind: Value = var(KIND)  # rigid
    next: Value = var(INT, NULL, shown=block_name)  # rigid: NextBlock
    dependent: Value = var(INT, NULL, shown=block_name)  # rigid: DependentBlockList
    conn: Value = var(INT, NULL)  # rigid: the connection whose delegated structure follows
    lost: Value = var(BOOL, says="hardware lost the state object of block {0}")
    status: Value = var(BLOCK_STATUS, says="Status of block {0}")
    chain: Value = var(INT, NULL, "NetBufferListChain of block {0}", any_buffer)
    # As handed back:
    next_back: Value = var(INT, NULL, "NextBlock of block {0}", block_name)
    dependent_back: Value = var(INT, NULL, "DependentBlockList of block {0}", block_name)


@dataclasses.dataclass(frozen=True)
class Buffer:
    """One NET_BUFFER_LIST posted through MiniportTcpOffloadSend."""

    begin: Value = var(INT, says="send buffer B{1} of connection {0}: first position")
    end: Value = var(INT, says="send buffer B{1} of connection {0}: position after the last byte")
    # NdisAdvanceNetBufferDataStart moves it:
    start: Value = var(INT, says="send buffer B{1} of connection {0}: its data starts at position")
    status: Value = var(REQUEST_STATUS, says="send buffer B{1} of connection {0}")
    # TcpOffloadBytesTransferred:
    bytes: Value = var(INT, says="send buffer B{1} of connection {0}: bytes reported as transferred")
    # In the chain handed over:
    next: Value = var(INT, NULL, "send buffer B{1} of connection {0}: Next", own_buffer)
    returns: Value = var(between(0), says="send buffer B{1} of connection {0}: times given back to the host")
    # The position that the resuming host gives to its first byte:
    host_at: Value = var(
        INT, NULL, "send buffer B{1} of connection {0}: place in the host's queue, position", place
    )


@dataclasses.dataclass(frozen=True)
class Request:
    """One receive request posted through MiniportTcpOffloadReceive."""

    size: Value = var(INT, says="receive request {1} of connection {0}: size")
    status: Value = var(REQUEST_STATUS, says="receive request {1} of connection {0}")
    bytes: Value = var(INT, says="receive request {1} of connection {0}: bytes filled")
    # NdisAdvanceNetBufferDataStart moves it:
    advanced: Value = var(INT, says="receive request {1} of connection {0}: its data start moved by (bytes)")
    no_push: Value = var(BOOL, says="receive request {1} of connection {0} waits until it is full")


@dataclasses.dataclass(frozen=True)
class Query:
    """MiniportQueryOffload of a connection: the last one, and the first thing that it told and is not so."""

    asked: Value = var(BOOL, says="a query of connection {0} is outstanding")
    status: Value = var(BLOCK_STATUS, says="Status of the queried block of connection {0}")
    wrong: Value = var(QUERIED, says="not true in the queried state of connection {0}")
    told: Value = var(INT, says="told by the query of connection {0}, and not true")
    true: Value = var(INT, says="what would have been true in the query of connection {0}")


@dataclasses.dataclass(frozen=True)
class Parting:
    """The data that came with a graceful disconnect: the last of the stream, in front of the FIN."""

    length: Value = var(INT, says="data in the disconnect of connection {0} (bytes)")
    # TcpOffloadBytesTransferred:
    bytes: Value = var(INT, says="bytes reported as transferred for the disconnect of connection {0}")
    # NdisAdvanceNetBufferDataStart moves it:
    advanced: Value = var(INT, says="data start of the disconnect of connection {0} moved by (bytes)")


@dataclasses.dataclass(frozen=True)
class Own:
    """What the target keeps in its own memory for a connection: invisible at the interface. Positions."""

    una: Value = var(INT, says="SND.UNA of connection {0}")
    nxt: Value = var(INT, says="SND.NXT of connection {0}")
    max: Value = var(INT, says="SND.MAX of connection {0}")
    first: Value = var(INT, says="oldest send of connection {0} not completed, number")
    rcv_nxt: Value = var(INT, says="RCV.NXT of connection {0}")  # without the peer's FIN
    consumed: Value = var(INT, says="received data of connection {0} passed on up to position")
    # Empty where from == to:
    sack_from: Value = var(INT, says="data of connection {0} held out of order begins at position")
    sack_to: Value = var(INT, says="data of connection {0} held out of order ends before position")


@dataclasses.dataclass(frozen=True)
class Delegated:
    """The TCP_OFFLOAD_STATE_DELEGATED that follows a connection's block, as handed back."""

    written: Value = var(BOOL, says="delegated state of connection {0} is written")
    snd_una: Value = var(SEQUENCE, says="delegated SndUna of connection {0} (sequence number)")
    snd_nxt: Value = var(SEQUENCE, says="delegated SndNxt of connection {0} (sequence number)")
    snd_max: Value = var(SEQUENCE, says="delegated SndMax of connection {0} (sequence number)")
    snd_wnd: Value = var(INT, says="delegated SndWnd of connection {0} (bytes)")
    rcv_nxt: Value = var(SEQUENCE, says="delegated RcvNxt of connection {0} (sequence number)")
    rcv_wnd: Value = var(INT, says="delegated RcvWnd of connection {0} (bytes)")
    head: Value = var(INT, NULL, "SendDataHead of connection {0}", own_buffer)
    tail: Value = var(INT, NULL, "SendDataTail of connection {0}", own_buffer)
    # What the host offloaded is the default, and stays unless a connection's traffic changes it:
    cwnd: Value = var(INT, 14_600, says="delegated CWnd of connection {0} (bytes)")
    ssthresh: Value = var(INT, SEQUENCE_SPACE - 1, says="delegated SsThresh of connection {0} (bytes)")
    srtt: Value = var(INT, 800, says="delegated SRtt of connection {0} (ticks, eightfold)")
    rttvar: Value = var(INT, 200, says="delegated RttVar of connection {0} (ticks, fourfold)")
    total_rt: Value = var(INT, says="delegated TotalRT of connection {0} (ticks)")
    dup_ack_count: Value = var(INT, says="delegated DupAckCount of connection {0}")
    probe_round: Value = var(INT, says="delegated SndWndProbeCount of connection {0}")
    retransmit_count: Value = var(INT, says="Retransmit.Count of connection {0}")
    retransmit_delta: Value = var(INT, NOT_RUNNING, "Retransmit.TimeoutDelta of connection {0}", timer)
    keepalive_count: Value = var(INT, says="KeepAlive.ProbeCount of connection {0}")
    keepalive_delta: Value = var(INT, NOT_RUNNING, "KeepAlive.TimeoutDelta of connection {0}", timer)
    connection_state: Value = var(INT, ESTABLISHED, "delegated State of connection {0}", state_name)
    snd_wl1: Value = var(INT, NULL, "delegated SendWL1 of connection {0} (sequence number)", place)
    # BufferedData is NULL where from == to:
    buffered_from: Value = var(INT, says="BufferedData of connection {0} begins at position")
    buffered_to: Value = var(INT, says="BufferedData of connection {0} ends before position")


@dataclasses.dataclass(frozen=True)
class Host:
    """The host stack's view of a connection after the hand-off: positions, from the numbers it was given."""

    resumed: Value = var(BOOL, says="the host has taken connection {0} up again")
    aborted: Value = var(BOOL, says="the host has given connection {0} up")  # and told the application
    una: Value = var(INT, says="the host's SND.UNA of connection {0}")
    nxt: Value = var(INT, says="the host's SND.NXT of connection {0}")
    end: Value = var(INT, says="the host's queue of connection {0} ends before position")
    rcv: Value = var(INT, says="the host's RCV.NXT of connection {0}")
    edge: Value = var(INT, says="the host's receive window of connection {0} ends at position")
    refused: Value = var(INT, says="data of connection {0} that the host has no room for (bytes)")
    foreign: Value = var(BOOL, says="the host's queue of connection {0} holds a buffer that is not its own")
    reading: Value = var(BOOL, says="the host holds BufferedData of connection {0}")  # not yet returned


@dataclasses.dataclass(frozen=True)
class Connection:
    """One offloaded TCP connection."""

    # rigid; NULL if it is not being terminated:
    block: Value = var(INT, NULL, "block of connection {0}", block_name)
    isn: Value = var(SEQUENCE)  # rigid: sequence number of position 0, sending
    irn: Value = var(SEQUENCE)  # rigid: the same, receiving
    capacity: Value = var(WINDOW, says="receive buffer of connection {0} (bytes)")
    posted: Value = var(INT, says="sends posted on connection {0}")
    total: Value = var(INT, says="bytes posted on connection {0}")
    bufs: tuple[Buffer, ...] = ()
    disconnect: Value = var(REQUEST_STATUS, says="graceful disconnect of connection {0}")
    parting: Parting = Parting()
    closed_before: Value = var(BOOL, says="the FIN of connection {0} was sent before it was offloaded again")
    abort: Value = var(REQUEST_STATUS, says="abortive disconnect of connection {0}")
    forward: Value = var(BOOL, says="a forward request is outstanding on connection {0}")
    forwarded: Value = var(REQUEST_STATUS, says="the last forward request of connection {0}")
    query: Query = Query()
    requested: Value = var(INT, says="receive requests posted on connection {0}")
    requests: tuple[Request, ...] = ()
    event: Value = var(BOOL, says="a call to NdisTcpOffloadEventHandler is outstanding on connection {0}")
    ends_told: Value = var(between(0), says="times that the end of the stream of connection {0} was told")
    aborts_told: Value = var(between(0), says="times that a reset of connection {0} was told")
    retrieves_told: Value = var(between(0), says="times that the host was asked to take back connection {0}")
    uploaded_over: Value = var(
        BOOL, says="a send of connection {0} came back as uploaded, not terminated, when it was over"
    )
    indication: Value = var(
        BOOL, says="a call to NdisTcpOffloadReceiveHandler is outstanding on connection {0}"
    )
    indicated_from: Value = var(INT, says="indicated data of connection {0} begins at position")
    indicated_to: Value = var(INT, says="indicated data of connection {0} ends before position")
    posted_before: Value = var(
        INT, says="receive requests of connection {0} that were posted before its last indication"
    )
    refused: Value = var(
        BOOL, says="the application of connection {0} refused data, and has posted no receive request since"
    )
    lent: Value = var(BOOL, says="the host holds receive buffers of the target for connection {0}")
    freed: Value = var(BOOL, says="the target has freed connection {0}")
    late: Value = var(BOOL, says="a segment came during termination and went to the host on connection {0}")
    own: Own = Own()
    given: Delegated = Delegated()
    peer: Peer = Peer()
    host: Host = Host()

    @property
    def room_posted(self) -> Value:
        """Bytes that the receive requests have room for that are outstanding."""
        return sum(If(request.status == PENDING, request.size, 0) for request in self.requests)

    @property
    def room_given(self) -> Value:
        """The same, with those that went back for the hand-off: what lay in them goes back beside them.

        So do those that go back as the connection is lost or aborted: no window is offered any more.
        """
        kept = (PENDING, UPLOAD_IN_PROGRESS, REQUEST_ABORTED)
        return sum(If(Or(*(r.status == one for one in kept)), r.size, 0) for r in self.requests)


@dataclasses.dataclass(frozen=True)
class World:
    """The whole state. One terminate request is made in a run; ``root`` is block 0."""

    phase: Value = var(PHASE, says="the terminate request")
    completions: Value = var(between(0), says="calls of NdisMTerminateOffloadComplete")
    root_back: Value = var(INT, NULL, "block list passed to NdisMTerminateOffloadComplete", block_name)
    stale_write: Value = var(BOOL, says="a block was written after it was handed back")
    drained: Value = var(BOOL)  # the target's own: outstanding calls are dealt with
    filled: Value = var(BOOL)  # the target's own: the tree is written
    quiescent: Value = var(BOOL, says="everything has come to rest")  # everybody had all the time there is
    calls: tuple[Value, ...] = var(
        BOOL, (), lambda k: f"a call to {STATE_CALLS[k]} is outstanding"
    )  # on neighbor or path objects
    answered: tuple[Value, ...] = var(
        BLOCK_STATUS, (), lambda k: f"Status with which {STATE_CALLS[k]} came back"
    )
    status_indication: Value = var(BOOL, says="a call to NdisMIndicateStatusEx is outstanding")
    event_indication: Value = var(BOOL, says="a call to NdisMOffloadEventIndicate is outstanding")
    blocks: tuple[Block, ...] = ()
    conns: tuple[Connection, ...] = ()
    astray: Value = var(BOOL, says="the target's design took a step that no target can take")

    def live(self, conn: Connection) -> Value:
        """Whether the target is in charge of the connection."""
        return Or(self.phase == OFFLOADED, conn.block == NULL)

    def ending(self, conn: Connection) -> Value:
        """Whether the connection is being terminated."""
        return And(self.phase == TERMINATING, conn.block != NULL)

    def closed(self, conn: Connection) -> Value:
        """Whether the application has closed its side of the connection."""
        return conn.disconnect != NONE

    def handed_back(self, conn: Connection) -> Value:
        """Whether the connection has been handed back to the host."""
        return And(self.phase == COMPLETED, conn.block != NULL)

    def lost(self, conn: Connection) -> Value:
        """Whether the hardware lost the connection's state object."""
        return And(conn.block != NULL, pick_to_read(self.blocks, conn.block).lost)

    def above_lost(self) -> Value:
        """Whether the hardware lost the state object of a neighbor or path."""
        return any_of(And(block.layer != TCP, block.lost) for block in self.blocks)

    def reachable(self, conn: Connection) -> Value:
        """Whether a segment of the peer can arrive on this machine at all before the host resumes."""
        return And(Or(self.live(conn), self.ending(conn)), Not(conn.peer.rst))

    def with_conn(self, c: Value, conn: Connection) -> Self:
        """The world with connection *c* replaced."""
        return update(self, conns=put(self.conns, c, conn))

    def without_repeats(self, before: World) -> Self:
        """This world, as if no event had been told since *before* that had been told by then."""
        pairs = zip(before.conns, self.conns, strict=True)
        return update(self, conns=tuple(old if new is old else _as_told(old, new) for old, new in pairs))

    def change(self, c: int, **changes: Any) -> Self:
        """The world with some fields of connection *c* replaced."""
        return self.with_conn(c, update(self.conns[c], **changes))


TOLD = ("ends_told", "aborts_told", "retrieves_told")


def _as_told(old: Connection, new: Connection) -> Connection:
    if new.event is old.event:
        return new
    counts = {name: (getattr(old, name), getattr(new, name)) for name in TOLD}
    known = {name: If(was > 0, was, now) for name, (was, now) in counts.items()}
    return update(new, event=old.event, **known)


def pointer(bounds: Bounds, conn: int, index: Value) -> Value:
    """The pointer to a connection's NET_BUFFER_LIST number *index*."""
    return conn * bounds.buffers + index


def template(bounds: Bounds) -> World:
    """A state of the given size in which nothing has happened."""
    conn = Connection(bufs=(Buffer(),) * bounds.buffers, requests=(Request(),) * bounds.requests)
    return World(
        calls=(False,) * len(STATE_CALLS),
        answered=(UNWRITTEN,) * len(STATE_CALLS),
        blocks=(Block(),) * bounds.blocks,
        conns=(conn,) * bounds.connections,
    )
