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
from ..logic import And, Not, Or, Value, pick, put
from ..records import BOOL, INT, between, enum, update, var
from ..tcp.numbers import NULL, SEQUENCE, WINDOW
from ..tcp.peer import Peer

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
)
NONE, PENDING, SUCCESS, UPLOAD_IN_PROGRESS, REQUEST_ABORTED, OTHER = range(6)

STATE_CALLS = ("MiniportInvalidateOffload", "MiniportQueryOffload", "MiniportUpdateOffload")


def world_size(buffers: int = 8, blocks: int = 8, connections: int = 2, requests: int = 2) -> Bounds:
    """How much of the world a model holds: buffers and requests are those of each connection."""
    told = (
        "{buffers} buffers and {requests} receive requests a connection, {blocks} blocks, "
        "{connections} connections"
    )
    return Bounds(told, buffers=buffers, blocks=blocks, connections=connections, requests=requests)


@dataclasses.dataclass(frozen=True)
class Block:
    """One NDIS_MINIPORT_OFFLOAD_BLOCK_LIST of the tree passed to MiniportTerminateOffload."""

    in_tree: Value = var(BOOL)  # rigid
    layer: Value = var(LAYER)  # rigid
    kind: Value = var(KIND)  # rigid
    next: Value = var(INT, NULL)  # rigid: NextBlock, a block index
    dependent: Value = var(INT, NULL)  # rigid: DependentBlockList, a block index
    conn: Value = var(INT, NULL)  # rigid: the connection whose delegated structure follows
    lost: Value = var(BOOL)  # the hardware lost the state object
    status: Value = var(BLOCK_STATUS)
    chain: Value = var(INT, NULL)  # NetBufferListChain
    next_back: Value = var(INT, NULL)  # NextBlock and DependentBlockList as handed back
    dependent_back: Value = var(INT, NULL)


@dataclasses.dataclass(frozen=True)
class Buffer:
    """One NET_BUFFER_LIST posted through MiniportTcpOffloadSend."""

    begin: Value = var(INT)  # position of its first byte
    end: Value = var(INT)  # position after its last byte
    start: Value = var(INT)  # where its data starts now (NdisAdvanceNetBufferDataStart)
    status: Value = var(REQUEST_STATUS)
    bytes: Value = var(INT)  # TcpOffloadBytesTransferred
    next: Value = var(INT, NULL)  # Next pointer in the chain handed over
    returns: Value = var(between(0))  # how often it was given back to the host
    host_at: Value = var(INT, NULL)  # position that the resuming host gives to its first byte


@dataclasses.dataclass(frozen=True)
class Request:
    """One receive request posted through MiniportTcpOffloadReceive."""

    size: Value = var(INT)
    status: Value = var(REQUEST_STATUS)
    bytes: Value = var(INT)


@dataclasses.dataclass(frozen=True)
class Own:
    """What the target keeps in its own memory for a connection: invisible at the interface."""

    una: Value = var(INT)  # SND.UNA, SND.NXT, SND.MAX as positions
    nxt: Value = var(INT)
    max: Value = var(INT)
    first: Value = var(INT)  # index of the first send that is not completed
    rcv_nxt: Value = var(INT)  # RCV.NXT as a position, without the peer's FIN
    consumed: Value = var(INT)  # received data passed on to the application, as a position
    sack_from: Value = var(INT)  # data held out of order; empty where from == to
    sack_to: Value = var(INT)


@dataclasses.dataclass(frozen=True)
class Delegated:
    """The TCP_OFFLOAD_STATE_DELEGATED that follows a connection's block, as handed back."""

    written: Value = var(BOOL)
    snd_una: Value = var(SEQUENCE)  # sequence numbers
    snd_nxt: Value = var(SEQUENCE)
    snd_max: Value = var(SEQUENCE)
    snd_wnd: Value = var(INT)  # bytes
    rcv_nxt: Value = var(SEQUENCE)  # sequence number
    rcv_wnd: Value = var(INT)  # bytes
    head: Value = var(INT, NULL)  # SendDataHead, SendDataTail: pointers
    tail: Value = var(INT, NULL)
    buffered_from: Value = var(INT)  # BufferedData: positions; NULL where from == to
    buffered_to: Value = var(INT)


@dataclasses.dataclass(frozen=True)
class Host:
    """The host stack's view of a connection after the hand-off."""

    resumed: Value = var(BOOL)
    aborted: Value = var(BOOL)  # it gave the connection up and told the application
    una: Value = var(INT)  # positions, as decoded from the sequence numbers it was given
    nxt: Value = var(INT)  # next position it will transmit
    end: Value = var(INT)  # position after the last byte in its queue
    rcv: Value = var(INT)  # next position it expects from the peer
    foreign: Value = var(BOOL)  # its queue holds a buffer that is not this connection's
    reading: Value = var(BOOL)  # it holds BufferedData, not yet returned


@dataclasses.dataclass(frozen=True)
class Connection:
    """One offloaded TCP connection."""

    block: Value = var(INT, NULL)  # rigid: its block in the tree, NULL if it is not being terminated
    isn: Value = var(SEQUENCE)  # rigid: sequence number of position 0, sending
    irn: Value = var(SEQUENCE)  # rigid: the same, receiving
    capacity: Value = var(WINDOW)  # rigid: receive buffer, bytes
    posted: Value = var(INT)  # sends posted
    total: Value = var(INT)  # position after the last byte posted
    bufs: tuple[Buffer, ...] = ()
    disconnect: Value = var(REQUEST_STATUS)  # a graceful MiniportTcpOffloadDisconnect
    forward: Value = var(BOOL)  # a MiniportTcpOffloadForward is outstanding
    requested: Value = var(INT)  # receive requests posted
    requests: tuple[Request, ...] = ()
    event: Value = var(BOOL)  # a call to NdisTcpOffloadEventHandler has not returned
    indication: Value = var(BOOL)  # a call to NdisTcpOffloadReceiveHandler has not returned
    indicated_from: Value = var(INT)  # positions of the data it indicates
    indicated_to: Value = var(INT)
    lent: Value = var(BOOL)  # the host holds indicated receive buffers
    freed: Value = var(BOOL)  # the target freed the connection's resources
    late: Value = var(BOOL)  # a segment arrived during termination and went to the host
    own: Own = Own()
    given: Delegated = Delegated()
    peer: Peer = Peer()
    host: Host = Host()


@dataclasses.dataclass(frozen=True)
class World:
    """The whole state. One terminate request is made in a run; ``root`` is block 0."""

    phase: Value = var(PHASE)
    completions: Value = var(between(0))  # calls of NdisMTerminateOffloadComplete
    root_back: Value = var(INT, NULL)  # block list passed to it; NULL before
    untidy: Value = var(BOOL)  # a block was written after it was handed back
    drained: Value = var(BOOL)  # the target's own: outstanding calls are dealt with
    filled: Value = var(BOOL)  # the target's own: the tree is written
    quiet: Value = var(BOOL)  # everybody had all the time there is; nothing more will happen
    calls: tuple[Value, ...] = dataclasses.field(default=(), metadata={"sort": BOOL})
    # ^ outstanding STATE_CALLS on neighbor or path objects
    status_indication: Value = var(BOOL)  # a call to NdisMIndicateStatusEx has not returned
    event_indication: Value = var(BOOL)  # a call to NdisMOffloadEventIndicate has not returned
    blocks: tuple[Block, ...] = ()
    conns: tuple[Connection, ...] = ()
    astray: Value = var(BOOL)  # the target's design took a step that no target can take

    def live(self, conn: Connection) -> Value:
        """Whether the target is in charge of the connection."""
        return Or(self.phase == OFFLOADED, conn.block == NULL)

    def ending(self, conn: Connection) -> Value:
        """Whether the connection is being terminated."""
        return And(self.phase == TERMINATING, conn.block != NULL)

    def handed_back(self, conn: Connection) -> Value:
        """Whether the connection has been handed back to the host."""
        return And(self.phase == COMPLETED, conn.block != NULL)

    def lost(self, conn: Connection) -> Value:
        """Whether the hardware lost the connection's state object."""
        return And(conn.block != NULL, pick(self.blocks, conn.block).lost)

    def reachable(self, conn: Connection) -> Value:
        """Whether a segment of the peer can arrive on this machine at all before the host resumes."""
        return And(Or(self.live(conn), self.ending(conn)), Not(conn.peer.rst))

    def with_conn(self, c: Value, conn: Connection) -> Self:
        """The world with connection *c* replaced."""
        return update(self, conns=put(self.conns, c, conn))

    def change(self, c: int, **changes: Any) -> Self:
        """The world with some fields of connection *c* replaced."""
        return self.with_conn(c, update(self.conns[c], **changes))


def pointer(bounds: Bounds, conn: int, index: Value) -> Value:
    """The pointer to a connection's NET_BUFFER_LIST number *index*."""
    return conn * bounds.buffers + index


def template(bounds: Bounds) -> World:
    """A state of the given size in which nothing has happened."""
    conn = Connection(bufs=(Buffer(),) * bounds.buffers, requests=(Request(),) * bounds.requests)
    return World(
        calls=(False,) * len(STATE_CALLS),
        blocks=(Block(),) * bounds.blocks,
        conns=(conn,) * bounds.connections,
    )
