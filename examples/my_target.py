"""A small offload target, as a driver developer might port one: it has one mistake.

Find it with:  chimneysweep conform examples/my_target.py:MyTarget
It acknowledges every segment at once, drops what comes out of order, and completes
every request as soon as it can; that is all allowed.
"""
# ruff: noqa: D102, D103  the entry points are documented in chimneysweep.targets.api

from __future__ import annotations

from chimneysweep.targets.api import (
    BlockList,
    Ndis,
    NetBufferList,
    Segment,
    StateType,
    Status,
    Target,
    TcpEvent,
    TcpState,
    Timer,
    seq_add,
    seq_diff,
)

FIN_SENT = TcpState.FIN_WAIT_1, TcpState.CLOSING, TcpState.LAST_ACK


class Connection:
    """The context of one connection (TCB)."""

    def __init__(self, block: BlockList) -> None:
        tcp = block.state
        self.handle = block.ndis_offload_handle
        self.una, self.nxt, self.max, self.end = tcp.snd_una, tcp.snd_nxt, tcp.snd_max, tcp.snd_una
        self.snd_wnd, self.rcv_nxt, self.data = tcp.snd_wnd, tcp.rcv_nxt, received(tcp.buffered_data)
        self.sends: list[tuple[int, NetBufferList]] = []  # sequence number of the first byte, buffer
        self.receives: list[NetBufferList] = []
        self.disconnect: NetBufferList | None = None
        self.closing = tcp.connection_state in FIN_SENT  # a FIN follows what is to be sent
        self.aborted = self.fin_received = self.fin_told = False
        self.buffer_size = tcp.rcv_wnd + len(self.data)  # data: received, not yet with the application
        self.calls_up = self.with_host = 0  # our calls that have not returned; buffers that the host returns
        self.refused = bool(self.data)  # what came along waits for a receive request
        self.uploading = self.uploaded = False


class MyTarget(Target):
    """The miniport driver."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.terminating: list[BlockList] = []
        self.offloading = False
        self.owner: dict[NetBufferList, Connection] = {}

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        for block in walk(block_list):
            if not block.placeholder:
                # What was outstanding comes along: sends in a chain, and data that nobody has read.
                connection = Connection(block) if block.type is StateType.TCP else None
                block.miniport_offload_context = self.with_chain(connection, block) or object()
            block.status = Status.SUCCESS
        self.offloading = True  # nothing is indicated before the host knows that the offload is complete
        self.ndis.m_initiate_offload_complete(block_list)
        self.offloading = False
        for connection in connections(block_list):
            self.deliver(connection)

    # -- send path

    def miniport_tcp_offload_send(self, context: Connection, net_buffer_list: NetBufferList) -> Status:
        nbl: NetBufferList | None = net_buffer_list
        while nbl:
            context.sends.append((context.end, nbl))
            context.end = seq_add(context.end, nbl.data_length)
            following, nbl.next = nbl.next, None
            nbl = following
        return Status.PENDING

    def miniport_tcp_offload_disconnect(self, context: Connection, net_buffer_list: NetBufferList) -> Status:
        context.disconnect, context.closing = net_buffer_list, True
        context.end = seq_add(context.end, net_buffer_list.data_length)
        return Status.PENDING

    def transmit_opportunity(self, context: Connection, room: int) -> None:
        conn = context
        window = seq_diff(seq_add(conn.una, conn.snd_wnd), conn.nxt)
        length = max(0, min(room, window, seq_diff(conn.end, conn.nxt)))
        fin = conn.closing and seq_add(conn.nxt, length) == conn.end and length < window
        if conn.uploading or conn.aborted or not (length or fin):
            return
        payload = b""
        for first, nbl in [*conn.sends, *self.parting(conn)]:
            skip = seq_diff(seq_add(conn.nxt, len(payload)), first)
            if 0 <= skip < len(nbl.memory):
                payload += bytes(nbl.memory[skip : skip + length - len(payload)])
        self.transmit(conn, payload, fin)
        conn.nxt = seq_add(conn.nxt, length + int(fin))
        conn.max = conn.nxt if seq_diff(conn.nxt, conn.max) > 0 else conn.max

    def transmit(self, conn: Connection, payload: bytes = b"", fin: bool = False) -> None:
        window = conn.buffer_size - len(conn.data)
        self.ndis.transmit(conn.handle, Segment(conn.nxt, conn.rcv_nxt, window, payload, fin))

    def timer_expires(self, context: Connection, timer: Timer) -> None:
        if timer is Timer.RETRANSMIT:
            context.nxt = context.una

    def acknowledged(self, conn: Connection, ack: int, window: int) -> None:
        """Move SND.UNA, and the data start of the buffers over what the peer has."""
        if seq_diff(ack, conn.una) < 0 or seq_diff(ack, conn.max) > 0:
            return
        conn.una, conn.snd_wnd = ack, window
        conn.nxt = ack if seq_diff(conn.nxt, ack) < 0 else conn.nxt
        while conn.sends:
            first, nbl = conn.sends[0]
            done = min(seq_diff(ack, first), len(nbl.memory))
            if done > nbl.data_start:
                nbl.advance_data_start(done - nbl.data_start)
            if nbl.data_length:
                break
            self.complete_send(conn, Status.SUCCESS)
        if conn.disconnect and seq_diff(ack, conn.end) == 1:
            self.complete_disconnect(conn, Status.SUCCESS)

    def complete_send(self, conn: Connection, status: Status) -> None:
        _, nbl = conn.sends.pop(0)
        nbl.status, nbl.bytes_transferred = status, nbl.data_start
        self.ndis.tcp_offload_send_complete(nbl)

    def complete_disconnect(self, conn: Connection, status: Status) -> None:
        for first, nbl in self.parting(conn):
            conn.disconnect = None
            done = min(max(0, seq_diff(conn.una, first)), nbl.data_length)
            nbl.status, nbl.bytes_transferred = status, done
            nbl.advance_data_start(done)
            self.ndis.tcp_offload_disconnect_complete(nbl)

    def parting(self, conn: Connection) -> list[tuple[int, NetBufferList]]:
        """The data that came with the disconnect: it goes out before the FIN."""
        nbl = conn.disconnect
        return [(seq_add(conn.end, -nbl.data_length), nbl)] if nbl else []

    # -- receive path

    def reset(self, conn: Connection) -> None:
        conn.aborted = True
        self.complete_everything(conn, Status.REQUEST_ABORTED)
        while conn.sends:
            self.complete_send(conn, Status.REQUEST_ABORTED)
        self.event(conn, TcpEvent.ABORT)

    def segment_arrives(self, context: Connection, segment: Segment) -> None:
        conn = context
        if conn.uploading:
            self.ndis.m_indicate_receive_net_buffer_lists(segment)
        elif segment.rst:
            if 0 <= seq_diff(segment.seq, conn.rcv_nxt) <= conn.buffer_size:  # others are not the peer's
                self.reset(conn)
        elif segment.syn:  # a peer that did begin anew answers with an RST
            if not conn.aborted:
                self.transmit(conn)
        elif not conn.aborted:
            late = seq_diff(segment.seq, conn.rcv_nxt) < 0  # overtaken: its window is that of before
            self.acknowledged(conn, segment.ack, conn.snd_wnd if late else segment.window)
            if segment.payload or segment.fin:
                self.receive(conn, segment)

    def receive(self, conn: Connection, segment: Segment) -> None:
        if segment.seq == conn.rcv_nxt:
            conn.data += segment.payload
            conn.fin_received |= segment.fin
            conn.rcv_nxt = seq_add(conn.rcv_nxt, len(segment.payload) + int(segment.fin))
        self.transmit(conn)
        self.deliver(conn)

    def miniport_tcp_offload_receive(self, context: Connection, net_buffer_list: NetBufferList) -> Status:
        context.receives += unlinked(net_buffer_list)
        context.refused = False
        self.deliver(context)
        return Status.PENDING

    def deliver(self, conn: Connection) -> None:
        if conn.calls_up or conn.uploading or self.offloading:
            return
        while not conn.uploading:  # data and requests may come while the host is being called
            if conn.receives and self.is_enough(conn, conn.receives[0]):
                taken = conn.data[: conn.receives[0].data_length]
                conn.data = conn.data[len(taken) :]
                conn.calls_up += 1  # the host may post the next request from within
                self.complete_receive(conn, Status.SUCCESS, taken)
                conn.calls_up -= 1
            elif conn.data and not conn.receives and not conn.refused:
                self.indicate(conn)
            else:
                break
        if conn.fin_received and not conn.data and not conn.fin_told:
            conn.fin_told = True
            self.event(conn, TcpEvent.DISCONNECT)

    def is_enough(self, conn: Connection, request: NetBufferList) -> bool:
        if request.no_push and not conn.fin_received:
            return len(conn.data) >= request.data_length
        return bool(conn.data) or request.data_length == 0

    def complete_receive(self, conn: Connection, status: Status, data: bytes = b"") -> None:
        nbl = conn.receives.pop(0)
        nbl.fill(data)
        nbl.status, nbl.bytes_transferred = status, len(data)
        nbl.advance_data_start(len(data))
        self.ndis.tcp_offload_receive_complete(nbl)

    def indicate(self, conn: Connection) -> None:
        nbl = NetBufferList(conn.data)
        conn.calls_up += 1
        status, taken = self.ndis.tcp_offload_receive_handler(conn.handle, nbl)
        conn.calls_up -= 1
        conn.data = conn.data[taken:]
        conn.refused = status is not Status.SUCCESS
        if status is Status.SUCCESS:
            self.lend(conn, nbl)

    def lend(self, conn: Connection, nbl: NetBufferList) -> None:
        self.owner[nbl] = conn
        conn.with_host += 1

    def event(self, conn: Connection, event: TcpEvent) -> None:
        conn.calls_up += 1
        self.ndis.tcp_offload_event_handler(conn.handle, event)
        conn.calls_up -= 1

    def miniport_tcp_offload_receive_return(self, net_buffer_list: NetBufferList) -> Status:
        nbl: NetBufferList | None = net_buffer_list
        while nbl:
            conn = self.owner.pop(nbl)
            conn.with_host -= 1
            self.free_if_done(conn)
            nbl = nbl.next
        return Status.SUCCESS

    # -- calls that are completed at once

    def miniport_tcp_offload_forward(self, context: Connection, net_buffer_list: NetBufferList) -> Status:
        for nbl in unlinked(net_buffer_list):
            self.segment_arrives(context, nbl.segment)
            nbl.status = Status.SUCCESS
            self.ndis.tcp_offload_forward_complete(nbl)
        return Status.PENDING

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        self.ndis.m_invalidate_offload_complete(block_list)

    def miniport_query_offload(self, block_list: BlockList) -> None:
        self.ndis.m_query_offload_state_complete(block_list)

    def miniport_update_offload(self, block_list: BlockList) -> None:
        self.ndis.m_update_offload_complete(self.enlarged(block_list))

    # -- upload

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        self.terminating.append(block_list)
        for conn in connections(block_list):
            conn.uploading = True

    def run(self) -> None:
        while self.terminating and not any(conn.calls_up for conn in connections(self.terminating[0])):
            # The host may ask for another tree while one waits for its calls to return.
            tree = self.terminating.pop(0)
            for block in walk(tree):
                block.status = Status.SUCCESS
                if isinstance(block.miniport_offload_context, Connection):
                    self.upload(block.miniport_offload_context, block)
            self.ndis.m_terminate_offload_complete(tree)
            for conn in connections(tree):
                conn.uploaded = True
                self.free_if_done(conn)

    def upload(self, conn: Connection, block: BlockList) -> None:
        """Write the connection's state into the block and the structure behind it."""
        self.complete_everything(conn, Status.UPLOAD_IN_PROGRESS)
        tcp = block.state
        tcp.snd_una, tcp.snd_nxt, tcp.snd_max, tcp.snd_wnd = conn.una, conn.nxt, conn.max, conn.snd_wnd
        tcp.rcv_nxt, tcp.rcv_wnd = conn.rcv_nxt, conn.buffer_size - len(conn.data)
        if conn.data:
            tcp.buffered_data = NetBufferList(conn.data)
            self.lend(conn, tcp.buffered_data)
        if conn.sends:
            self.skip_acknowledged(conn)
            chain = [nbl for _, nbl in conn.sends]
            for nbl, following in zip(chain, [*chain[1:], None], strict=True):
                nbl.next = following
            block.net_buffer_list_chain = tcp.send_data_head = chain[0]
            tcp.send_data_tail = chain[-1]

    def skip_acknowledged(self, conn: Connection) -> None:
        """The chain starts with the byte of SndUna."""
        first, head = conn.sends[0]
        head.advance_data_start(seq_diff(conn.una, first))

    def complete_everything(self, conn: Connection, status: Status) -> None:
        while conn.receives:
            self.complete_receive(conn, status)
        self.complete_disconnect(conn, status)

    def free_if_done(self, conn: Connection) -> None:
        if conn.uploaded and not conn.with_host:
            self.ndis.free_resources(conn)

    def with_chain(self, conn: Connection | None, block: BlockList) -> Connection | None:
        """The connection, with the sends that were outstanding when it was offloaded."""
        if conn and block.net_buffer_list_chain:
            self.miniport_tcp_offload_send(conn, block.net_buffer_list_chain)
        return conn

    def enlarged(self, block: BlockList) -> BlockList:
        """The block of an update; a connection has a larger receive buffer, and the peer is told."""
        conn = block.miniport_offload_context
        if block.cached and not (conn.aborted or conn.uploading):
            conn.buffer_size = max(conn.buffer_size, block.cached.rcv_wnd)
            self.transmit(conn)
        return block


def received(nbl: NetBufferList | None) -> bytes:
    """A copy of the data that the host had received: the list is its own again afterwards."""
    return nbl.data + received(nbl.next) if nbl else b""


def walk(block: BlockList | None) -> list[BlockList]:
    """The blocks of a tree, depth first."""
    if block is None:
        return []
    return [block, *walk(block.dependent_block_list), *walk(block.next_block)]


def connections(tree: BlockList) -> list[Connection]:
    contexts = (block.miniport_offload_context for block in walk(tree))
    return [context for context in contexts if isinstance(context, Connection)]


def unlinked(first: NetBufferList | None) -> list[NetBufferList]:
    """The buffers of a list, each by itself."""
    found = []
    while first:
        found.append(first)
        first.next, first = None, first.next
    return found
