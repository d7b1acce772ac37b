"""Targets with one bug each that shows when the host offloads again, or hands one of several back."""

from __future__ import annotations

from typing import Any

from ..delegated import TcpDelegatedState, TcpState
from ..interface import BlockList, Ndis, NetBufferList, Segment, Status
from .linked_lists import unlink, walk
from .reference_target import Reference
from .tcp_connection import StateObject, TcpConnection


class IndicatedWhileOffloaded(Reference):
    """Data that arrives before NdisMInitiateOffloadComplete has returned is indicated at once."""

    def _complete_offload(self, block_list: BlockList) -> None:
        self.ndis.m_initiate_offload_complete(block_list)


class _Remembers:
    """What a target keeps of a connection that it freed, for the next one that is offloaded."""

    former: TcpConnection | None = None
    conns: list[TcpConnection]

    def _free_if_idle(self, conn: TcpConnection) -> None:
        super()._free_if_idle(conn)  # type: ignore[misc]  # beside Reference
        if conn.freed:
            self.former = conn

    def _offload(self, block: BlockList) -> StateObject:
        found: StateObject = super()._offload(block)  # type: ignore[misc]
        if isinstance(found, TcpConnection) and self.former:
            self._begin(found, self.former)
        return found

    def _begin(self, conn: TcpConnection, former: TcpConnection) -> None:
        """What the new connection has of the former one."""
        raise NotImplementedError


class FormerFinKept(_Remembers, Reference):
    """A new connection begins with the flags of the one before: that its peer has closed."""

    def _begin(self, conn: TcpConnection, former: TcpConnection) -> None:
        conn.peer_fin, conn.peer_fin_first, conn.fin_told = (
            former.peer_fin,
            former.peer_fin_first,
            former.fin_told,
        )


class FormerDataKept(_Remembers, Reference):
    """A new connection begins with the received data that the one before handed back."""

    def _begin(self, conn: TcpConnection, former: TcpConnection) -> None:
        conn.held += former.held


class FormerNumbersKept(_Remembers, Reference):
    """A new connection expects the sequence number that the one before expected."""

    def _begin(self, conn: TcpConnection, former: TcpConnection) -> None:
        conn.rcv_nxt = former.rcv_nxt


class FormerTreeAnswered(Reference):
    """Completes each terminate request with the tree of the first."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.answered: BlockList | None = None

    def _complete(self, tree: BlockList) -> None:
        self.answered = self.answered or tree
        super()._complete(self.answered)


class FreedOnceAHandle(Reference):
    """Takes a connection for one that it has freed if the host uses its handle again."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.gone: list[Any] = []

    def _free_if_idle(self, conn: TcpConnection) -> None:
        if not conn.freed and any(conn.handle is handle for handle in self.gone):
            return
        super()._free_if_idle(conn)
        if conn.freed:
            self.gone.append(conn.handle)


class SecondTerminateDropped(Reference):
    """Remembers one terminate request: another one that comes before it is completed is lost."""

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """As ever, if none is outstanding."""
        if not self.terminating:
            super().miniport_terminate_offload(block_list)


class TreesCompletedAsOne(Reference):
    """Links the trees of terminate requests that are outstanding, and completes them with one call."""

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """What is new is linked behind what waits already."""
        super().miniport_terminate_offload(block_list)
        if len(self.terminating) > 1:
            self.terminating[0].next_block = self.terminating.pop()


class OneWaitingTreeKept(Reference):
    """Of several trees that wait for an indication to return, remembers the one asked for last."""

    def run(self) -> None:
        """First those that wait for nothing."""
        ready = [tree for tree in self.terminating if self._indications_returned(tree)]
        waiting = [tree for tree in self.terminating if not self._indications_returned(tree)]
        self.terminating = [*ready, *waiting[-1:]]
        super().run()


class NotedAtTheFirst(Reference):
    """Notes SND.UNA of every connection when the first tree is asked for, and hands that back with all."""

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """As ever, and of all connections where none waits yet."""
        if not self.terminating:
            self.noted = {id(conn): conn.una for conn in self.conns}
        super().miniport_terminate_offload(block_list)

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        if conn.terminating:
            state.snd_una = self.noted[id(conn)]


class SiblingsDrained(Reference):
    """When a tree comes back, gives the receive requests of all connections back, of those that stay, too."""

    def _finish(self, tree: BlockList) -> None:
        super()._finish(tree)
        for conn in self.conns:
            self._drain_receives(conn, Status.UPLOAD_IN_PROGRESS)


class FirstTreeAgain(Reference):
    """Of terminate requests that are outstanding at once, completes the second with the tree of the first."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.oldest: BlockList | None = None

    def run(self) -> None:
        """The oldest that is outstanding now is taken for the tree of all."""
        self.oldest = self.terminating[0] if self.terminating else None
        super().run()

    def _complete(self, tree: BlockList) -> None:
        super()._complete(self.oldest or tree)


class SiblingsFreed(Reference):
    """Frees every connection when one is handed back, those included that stay."""

    def _complete(self, tree: BlockList) -> None:
        super()._complete(tree)
        for conn in self.conns:
            conn.handed_back = True
            self._free_if_idle(conn)


class OffloadedDataForgotten(Reference):
    """Takes a connection over without the received data that the host had buffered for it."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.capacity -= len(found.held)
            found.held.clear()
        return found


class OffloadedChainForgotten(Reference):
    """Takes a connection over without the sends that were outstanding on it."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.sends, found.end = [], found.una
        return found


class OffloadedMaxForgotten(Reference):
    """Takes a connection over as if nothing beyond SND.NXT had been sent on it."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.max = found.nxt
        return found


class ChainFromOffloadedNxt(Reference):
    """Takes the first byte of the chain that comes with an offload for that of SND.NXT."""

    def _queue(self, conn: TcpConnection, sends: list[NetBufferList]) -> None:
        if not conn.sends and conn.end == conn.una:
            conn.end = conn.nxt
        super()._queue(conn, sends)


class FailedOffloadCompletes(Reference):
    """Fails the offload of a connection with outstanding sends, and completes them."""

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """As ever, but for those."""
        for block in walk(block_list):
            fails = block.net_buffer_list_chain is not None
            if not block.placeholder and not fails:
                block.miniport_offload_context = self._offload(block)
            block.status = Status.RESOURCES if fails else Status.SUCCESS
            for nbl in unlink(block.net_buffer_list_chain):
                self._complete_send(nbl, Status.FAILURE, 0)
        self._complete_offload(block_list)


class ReturnedHeadFreed(Reference):
    """Of several receive buffers that come back in one list it takes the first one back."""

    def miniport_tcp_offload_receive_return(self, net_buffer_list: NetBufferList) -> Status:
        """As if there were one."""
        net_buffer_list.next = None
        return super().miniport_tcp_offload_receive_return(net_buffer_list)


class HalfClosedAsOpen(Reference):
    """Takes every connection over as if it were ESTABLISHED, whatever State says."""

    def _offload(self, block: BlockList) -> StateObject:
        if block.state:
            block.state.connection_state = TcpState.ESTABLISHED
        return super()._offload(block)


class OffloadedFinForgotten(Reference):
    """Takes a connection over whose FIN is outstanding, and never sends that again."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.closing = False
        return found


class EndToldAfterOffload(Reference):
    """Tells of a FIN that came before the offload, and that the host has."""

    def _offload(self, block: BlockList) -> StateObject:
        found = super()._offload(block)
        if isinstance(found, TcpConnection):
            found.fin_told = False
        return found


class TableOfFour(Reference):
    """A table of connections has room for four, and the fifth takes the place of the first."""

    def __init__(self, ndis: Ndis) -> None:
        super().__init__(ndis)
        self.table: dict[int, TcpConnection] = {}
        self.places: dict[TcpConnection, int] = {}

    def _offload(self, block: BlockList) -> StateObject:
        conn = super()._offload(block)
        if isinstance(conn, TcpConnection):
            self.places[conn] = len(self.places) % 4
            self.table[self.places[conn]] = conn
        return conn

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """What it does is done with the connection that has the place."""
        super().segment_arrives(self.table[self.places[context]], segment)
