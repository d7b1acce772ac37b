"""Targets with one bug each that shows when the host offloads again, or hands one of several back."""

from __future__ import annotations

from typing import Any

from ..interface import BlockList, Ndis
from .reference_target import Reference
from .steady_target import StateObject, TcpConnection


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


class SiblingsFreed(Reference):
    """Frees every connection when one is handed back, those included that stay."""

    def _complete(self, tree: BlockList) -> None:
        super()._complete(tree)
        for conn in self.conns:
            conn.handed_back = True
            self._free_if_idle(conn)
