"""What the reference target keeps: TCP as far as a hand-off can see it."""

from __future__ import annotations

from ..delegated import TcpDelegatedState, TcpState
from ..interface import BlockList, NetBufferList, Segment, seq_add
from .linked_lists import copied
from .options_kept import Clock, KeptStamps


class StateObject:
    """What the target keeps for any state object (neighbor, path or connection)."""

    def __init__(self, block: BlockList) -> None:
        self.handle = block.ndis_offload_handle
        self.lost = False


class TcpConnection(StateObject):
    """What the target keeps for a connection. Sequence numbers mod 2^32, lengths in bytes."""

    def __init__(self, block: BlockList, offloaded: TcpDelegatedState, clock: Clock) -> None:
        super().__init__(block)
        self.stamps = KeptStamps(clock, block, offloaded)
        self.sack = block.constant is None or block.constant.sack  # both ends agreed on it
        self.una, self.nxt = offloaded.snd_una or 0, offloaded.snd_nxt or 0
        self.max = offloaded.snd_max or 0
        state = offloaded.connection_state
        # after the last byte posted: behind it stands a FIN, if that is acknowledged already
        self.end = seq_add(self.una, -1 if state == TcpState.FIN_WAIT_2 else 0)
        self.snd_wnd, self.wl1, self.wl2 = offloaded.snd_wnd or 0, offloaded.snd_wl1 or 0, self.una
        self.widest = offloaded.max_snd_wnd or 0
        self.rcv_nxt = offloaded.rcv_nxt or 0
        self.held = bytearray(copied(offloaded.buffered_data))  # not yet delivered
        self.capacity = (offloaded.rcv_wnd or 0) + len(self.held)
        self.offloaded = offloaded  # members that this target has no use for go back as they came
        self.sends: list[tuple[int, NetBufferList]] = []  # first sequence number, buffer; oldest first
        self.disconnect: NetBufferList | None = None
        self.abort: NetBufferList | None = None  # an abortive disconnect
        sent = TcpState.FIN_WAIT_1, TcpState.CLOSING, TcpState.LAST_ACK
        self.closing = state in sent  # a FIN follows the last byte posted
        self.requests: list[NetBufferList] = []
        self.early: dict[int, bytes] = {}  # received out of order, SACKed at most
        self.refused = bool(
            self.held
        )  # data waits for a request: the application did not want what was indicated
        self.peer_fin_first = state in (TcpState.CLOSE_WAIT, TcpState.LAST_ACK)
        self.peer_fin = self.fin_told = self.peer_fin_first or state == TcpState.CLOSING  # the host has it
        self.aborted = False
        self.delivering = False
        self.acks_due = self.indications = 0  # the latter: calls of ours that have not returned
        self.forwards: list[NetBufferList] = []
        self.lent: list[NetBufferList] = []  # the host will return them
        self.urgent: list[Segment] = []  # the first one with an URG bit, and what came after it: the host's
        self.terminating = self.handed_back = self.freed = False

    def parting(self) -> list[tuple[int, NetBufferList]]:
        """The data of the disconnect that is outstanding, as in ``sends``: it ends where the FIN stands."""
        nbl = self.disconnect
        return [(seq_add(self.end, -nbl.data_length), nbl)] if nbl else []


def clamped(count: int, most: int) -> int:
    """The number in [0, most] that is nearest."""
    return min(max(0, count), most)
