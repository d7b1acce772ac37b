"""A driver in C as a target: every call and callback is translated, and nothing is judged here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

from ...judging.misbehaviour import MEMORY, NONSENSE, RACE, Misbehaved
from ..interface import BlockList, Ndis, NetBufferList, Segment, Status, Target, Timer
from .block_trees import OffloadContext, Trees, members, nodes
from .buffers import UNKNOWN, Buffers, layouts, linked
from .codes import EVENTS, INDICATED_STATUSES, OFFLOAD_EVENTS, UPLOAD_REASONS, statuses
from .driver_library import DriverLibrary, Hearer, decoded

TIMERS = {Timer.RETRANSMIT: 0, Timer.DELAYED_ACK: 1, Timer.PUSH: 2}
MOST_SACKS = 4
AT_THE_END = ("CHS_TOUCHED", "CHS_LEAKED", "CHS_BROKEN", "CHS_RACED", "CHS_INTERRUPTED")
"""What is heard when the run is over and the host takes back what is left."""
LOADED = 0
"""The image of a driver that has no adapter yet."""
ANSWERS = {Status.SUCCESS: 0, Status.DATA_NOT_ACCEPTED: 1, Status.DATA_PARTIALLY_ACCEPTED: 2}


class NativeTarget(Target):
    """One adapter of a driver, from MiniportInitializeEx to MiniportHaltEx."""

    def __init__(self, ndis: Ndis, library: DriverLibrary) -> None:
        super().__init__(ndis)
        self.library, self._lib = library, library.lib
        unwritten = self._lib.CHS_UNWRITTEN & 0xFFFFFFFF
        self._statuses = statuses(unwritten)
        self.buffers = Buffers(self._statuses)
        self.trees = Trees(unwritten, self._statuses, self.buffers)
        self._leaks: list[str] = []
        self._halting = False
        self._until = 0  # it is refused what it asks for then
        library.hearers = self._hearers()
        if library.keeps:
            self._lib.chs_put_back(LOADED)
        self._lib.chs_forget()
        if library.tells_layouts:
            self._lib.chs_tell_layouts(hasattr(ndis, "laid_out"))
        status = library.call(self._lib.chs_start)
        if status:
            name = self._status(status)
            raise Misbehaved(
                NONSENSE, f"MiniportInitializeEx returns {name}, so there is no adapter to play with"
            )

    def _status(self, number: int) -> str:
        status = self._statuses[number & 0xFFFFFFFF]
        return status.value if isinstance(status, Status) else str(status)

    # -- what NDIS calls -------------------------------------------------------------

    def _manipulate(self, purpose: int, root: BlockList) -> None:
        blocks = members(root)
        made = self.library.room(2 * len(blocks))
        self._lib.chs_build(purpose, self.library.words(nodes(blocks, self.trees.former)), len(blocks), made)
        self.trees.register(blocks, made)
        for n, block in enumerate(blocks):
            self._hand_over(block, made[2 * n])
        self.library.call(self._lib.chs_manipulate, purpose, made[0])

    def _hand_over(self, block: BlockList, address: int) -> None:
        """The sends that are outstanding, and received data, of a connection that is offloaded."""
        sends = linked(block.net_buffer_list_chain)
        received = linked(block.state.buffered_data) if block.state else []
        if sends or received:
            made = self.library.room(len(sends) + len(received))
            lengths = self.library.words([len(nbl.memory) for nbl in sends])
            data, late = (b"".join(nbl.memory for nbl in nbls) for nbls in (sends, received))
            self._lib.chs_hand_over(address, len(sends), lengths, data, len(late), late, made)
            self.buffers.arrive(made, sends + received)
            self.buffers.arrived()

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """MiniportInitiateOffload."""
        self._manipulate(self._lib.CHS_INITIATE, block_list)

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """MiniportTerminateOffload."""
        self._manipulate(self._lib.CHS_TERMINATE, block_list)

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """MiniportInvalidateOffload."""
        self._manipulate(self._lib.CHS_INVALIDATE, block_list)

    def miniport_query_offload(self, block_list: BlockList) -> None:
        """MiniportQueryOffload."""
        self._manipulate(self._lib.CHS_QUERY, block_list)

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """MiniportUpdateOffload."""
        self._manipulate(self._lib.CHS_UPDATE, block_list)

    def _post(self, buffers: list[NetBufferList], function: Any, *args: Any) -> Any:
        """Pass new buffers; what the driver returns, as a Status if it is one."""
        made = self.library.room(len(buffers))
        self.buffers.arrive(made, buffers)
        status = self.library.call(function, *args, made)
        self.buffers.arrived()
        return self._statuses[status & 0xFFFFFFFF]

    def _post_data(self, function: Any, context: OffloadContext, first: NetBufferList, *more: Any) -> Any:
        buffers = linked(first)
        lengths = self.library.words([len(nbl.memory) for nbl in buffers])
        data = b"".join(nbl.memory for nbl in buffers)
        return self._post(buffers, function, context.handle, len(buffers), lengths, data, *more)

    def miniport_tcp_offload_send(self, context: OffloadContext, net_buffer_list: NetBufferList) -> Any:
        """MiniportTcpOffloadSend."""
        return self._post_data(self._lib.chs_send, context, net_buffer_list)

    def miniport_tcp_offload_receive(self, context: OffloadContext, net_buffer_list: NetBufferList) -> Any:
        """MiniportTcpOffloadReceive."""
        return self._post_data(self._lib.chs_receive, context, net_buffer_list, net_buffer_list.no_push)

    def miniport_tcp_offload_disconnect(self, context: OffloadContext, net_buffer_list: NetBufferList) -> Any:
        """MiniportTcpOffloadDisconnect, graceful."""
        return self._disconnect(context, net_buffer_list, False)

    def miniport_tcp_offload_disconnect_abortive(
        self, context: OffloadContext, net_buffer_list: NetBufferList
    ) -> Any:
        """MiniportTcpOffloadDisconnect, abortive."""
        return self._disconnect(context, net_buffer_list, True)

    def _disconnect(self, context: OffloadContext, nbl: NetBufferList, abortive: bool) -> Any:
        data = bytes(nbl.memory)
        return self._post([nbl], self._lib.chs_disconnect, context.handle, abortive, len(data), data)

    def miniport_tcp_offload_forward(self, context: OffloadContext, net_buffer_list: NetBufferList) -> Any:
        """MiniportTcpOffloadForward; the segment is in the buffer, TCP header first."""
        *ahead, last = linked(net_buffer_list)
        for nbl in ahead:
            made = self.library.room(1)
            self.buffers.arrive(made, [nbl])
            self._lib.chs_forward_with_next(*self._frame(context, nbl), made)
        return self._post([last], self._lib.chs_forward, *self._frame(context, last))

    def _frame(self, context: OffloadContext, nbl: NetBufferList) -> tuple[Any, ...]:
        segment = nbl.segment or Segment(0, 0, 0)
        return context.handle, self._words(segment), segment.payload, len(segment.payload)

    def miniport_tcp_offload_receive_return(self, net_buffer_list: NetBufferList) -> Any:
        """MiniportTcpOffloadReceiveReturn."""
        addresses = [nbl.miniport_reserved for nbl in linked(net_buffer_list)]
        for address in addresses:
            self.buffers.forget(address)
        status = self.library.call(self._lib.chs_return, len(addresses), self.library.words(addresses))
        return self._statuses[status & 0xFFFFFFFF]

    # -- what the simulated hardware calls -------------------------------------------

    def _words(self, segment: Segment) -> Any:
        sack = segment.sack[:MOST_SACKS]
        head = [segment.seq, segment.ack, segment.window, segment.fin, segment.rst, 0, len(sack)]
        edges = [edge for pair in sack for edge in pair]
        stamp = (True, *segment.timestamp) if segment.timestamp else (False, 0, 0)
        return self.library.words([*head, *edges, *[0] * (2 * MOST_SACKS - len(edges)), *stamp, segment.syn])

    def segment_arrives(self, context: OffloadContext, segment: Segment) -> None:
        """The SegmentArrives handler of the NIC."""
        payload = segment.payload
        self.library.call(self._lib.chs_segment, context.handle, self._words(segment), payload, len(payload))

    def urgent_arrives(self, context: OffloadContext, segment: Segment) -> None:
        """The UrgentArrives handler of the NIC."""
        payload = segment.payload
        self.library.call(self._lib.chs_urgent, context.handle, self._words(segment), payload, len(payload))

    def transmit_opportunity(self, context: OffloadContext, room: int) -> None:
        """The TransmitOpportunity handler of the NIC."""
        self.library.call(self._lib.chs_opportunity, context.handle, room)

    def run(self) -> None:
        """The Run handler of the NIC."""
        self.library.call(self._lib.chs_run)

    def timer_expires(self, context: OffloadContext, timer: Timer) -> None:
        """The TimerExpires handler of the NIC."""
        self.library.call(self._lib.chs_timer, context.handle, TIMERS[timer])

    def hardware_fails(self, context: OffloadContext) -> None:
        """The HardwareFails handler of the NIC."""
        self.library.call(self._lib.chs_failure, context.handle)

    def clock_ticks(self, ticks: int) -> None:
        """The ClockTicks handler of the NIC."""
        self.library.call(self._lib.chs_ticks, ticks)

    def link_changes(self) -> None:
        """The LinkChanges handler of the NIC."""
        self.library.call(self._lib.chs_link)

    def neighbor_silent(self, context: OffloadContext) -> None:
        """The NeighborSilent handler of the NIC."""
        self.library.call(self._lib.chs_silence, context.handle)

    def entry_address(self, name: str) -> int:
        """Where the driver's function is behind one of the methods above; 0: it has none."""
        words = name.removesuffix("_abortive").split("_")
        return int(self._lib.chs_function("".join(map(str.capitalize, words)).encode()))

    def asked(self) -> int:
        """How often the driver asked for memory, a pool, a buffer or an MDL."""
        return int(self._lib.chs_asked())

    def run_short(self, after: int) -> None:
        """What the driver asks for after so many times is refused, once."""
        self._until = self.asked() + after + 1
        self.library.call(self._lib.chs_run_short, after)

    def ran_short(self) -> bool:
        """Whether that was."""
        return self.asked() >= self._until

    def interrupt(self, first: int, second: int) -> None:
        """Another processor comes in between at these points of the next call, and of what it does then."""
        self.library.call(self._lib.chs_interrupt_at, first, second)

    def points(self) -> int:
        """The points that both processors passed."""
        first, second = (self._lib.chs_points(processor) for processor in range(2))
        return int(first) * 2**16 + min(int(second), 2**16 - 1)

    def abandon(self) -> None:
        """The run ends here, and leaves nothing behind in this process."""
        if not self.library.keeps:  # there the next run begins with what is put back
            self._lib.chs_abandon()

    def take_rest(self) -> None:
        """The host terminates what is offloaded yet, which tells nothing any more."""
        self._halting = True
        every = self.library.hearers
        self.library.hearers = self._only(every, *AT_THE_END)
        self.library.call(self._lib.chs_take_rest)
        self.library.hearers = self._only(every, "CHS_NONSENSE", *AT_THE_END)

    def _only(self, hearers: Sequence[Hearer], *names: str) -> Sequence[Hearer]:
        pairs = zip(self.library.events, hearers, strict=True)
        return [hearer if name in names else lambda words, data: None for name, hearer in pairs]

    def halt(self) -> list[str]:
        """MiniportHaltEx; a sentence for each thing that was not freed."""
        self._halting = True
        self.library.call(self._lib.chs_stop)
        return self._leaks

    def complete_when(self, late: bool) -> None:
        """What NDIS completes for the driver comes so."""
        self._lib.chs_complete_when(self._lib.CHS_LATE if late else self._lib.CHS_AT_ONCE)

    def start_short(self, after: int, loads: bool = False) -> list[str]:
        """MiniportInitializeEx or DriverEntry again, refused something, and its end where it succeeds."""
        self._leaks = []
        self.library.call(self._lib.chs_load_short if loads else self._lib.chs_start_short, after)
        return self._leaks

    # -- what the driver calls -------------------------------------------------------

    def _hearers(self) -> Sequence[Hearer]:
        ndis = self.ndis
        heard: dict[str, Hearer] = {
            "CHS_INITIATED": self._initiated,
            "CHS_TERMINATED": self._terminated,
            "CHS_INVALIDATED": self._call_completed(ndis.m_invalidate_offload_complete),
            "CHS_QUERIED": self._call_completed(ndis.m_query_offload_state_complete),
            "CHS_UPDATED": self._call_completed(ndis.m_update_offload_complete),
            "CHS_SENT": self._completed(ndis.tcp_offload_send_complete),
            "CHS_RECEIVED": self._completed(ndis.tcp_offload_receive_complete),
            "CHS_DISCONNECTED": self._completed(ndis.tcp_offload_disconnect_complete),
            "CHS_FORWARDED": self._completed(ndis.tcp_offload_forward_complete),
            "CHS_INDICATED": self._indicated,
            "CHS_TCP_EVENT": self._tcp_event,
            "CHS_STATUS": self._status_indicated,
            "CHS_OFFLOAD_EVENT": self._offload_event,
            "CHS_UNPROCESSED": self._unprocessed,
            "CHS_TRANSMIT": self._transmitted,
            "CHS_FREED": self._freed,
            "CHS_LAID_OUT": lambda words, data: ndis.laid_out(layouts(words)),  # type: ignore[attr-defined]
            "CHS_REWRITTEN": self.trees.rewritten,
            "CHS_NONSENSE": lambda words, data: ndis.misbehaves(NONSENSE, decoded(data)),
            "CHS_TOUCHED": lambda words, data: ndis.misbehaves(MEMORY, decoded(data)),
            "CHS_LEAKED": lambda words, data: self._leaks.append(decoded(data)),
            "CHS_BROKEN": self._broken,
            "CHS_RACED": self._raced,
            "CHS_INTERRUPTED": lambda words, data: ndis.interrupted(self._start),
        }
        return [heard[name] for name in self.library.events]

    def _initiated(self, words: list[int], data: bytes) -> None:
        self.trees.initiated(words)
        self.ndis.m_initiate_offload_complete(self.trees.block(words[0]))

    def _terminated(self, words: list[int], data: bytes) -> None:
        self.trees.terminated(words, data)
        self.ndis.m_terminate_offload_complete(self.trees.block(words[0]))

    def _call_completed(self, complete: Callable[[BlockList], None]) -> Hearer:
        return lambda words, data: complete(self.trees.answered(words))

    def _completed(self, complete: Callable[[NetBufferList], None]) -> Hearer:
        def heard(words: list[int], data: bytes) -> None:
            self.buffers.read(words, 1, data)
            complete(self.buffers.find(words[0]))

        return heard

    def _indicated(self, words: list[int], data: bytes) -> int:
        handle, first = words[0], words[1]
        self.buffers.forget(first)
        self.buffers.read(words, 2, data)
        nbl = self.buffers.find(first)
        status, taken = self.ndis.tcp_offload_receive_handler(self.trees.handle(handle), nbl)
        return ANSWERS[status] + 4 * taken

    def _tcp_event(self, words: list[int], data: bytes) -> None:
        handle, event, information = words
        kind: Any = EVENTS.get(event, event)
        reason = UPLOAD_REASONS.get(information, information)
        self.ndis.tcp_offload_event_handler(self.trees.handle(handle), kind, reason)

    def _status_indicated(self, words: list[int], data: bytes) -> None:
        self.ndis.m_indicate_status_ex(INDICATED_STATUSES.get(words[0], f"0x{words[0]:08X}"))

    def _offload_event(self, words: list[int], data: bytes) -> None:
        self.ndis.m_offload_event_indicate(UNKNOWN, OFFLOAD_EVENTS.get(words[0], str(words[0])))

    def _unprocessed(self, words: list[int], data: bytes) -> None:
        self.ndis.m_indicate_receive_net_buffer_lists(_segment(words, data))

    def _transmitted(self, words: list[int], data: bytes) -> None:
        self.ndis.transmit(self.trees.handle(words[0]), _segment(words[1:], data))

    def _broken(self, words: list[int], data: bytes) -> None:
        rule = self.library.rules[words[0]]
        if words[0] == self._lib.CHS_DEADLOCK:
            raise Misbehaved(rule, decoded(data))
        self.ndis.misbehaves(rule, decoded(data))

    def _raced(self, words: list[int], data: bytes) -> None:
        """The places are addresses, of which whoever reads it knows the names."""
        where = [f"({self.library.path}+{place:#x})" for place in words[:2]]
        did = ["written" if wrote else "read" for wrote in words[2:]]
        what = f"memory is {did[1]} at {where[1]} that the other processor has {did[0]} at {where[0]}"
        self.ndis.misbehaves(RACE, f"{what}, and nothing orders the two")

    def _start(self, other: Callable[[], None]) -> None:
        Thread(target=self._other, args=(other,), daemon=True).start()

    def _other(self, other: Callable[[], None]) -> None:
        """The thread of the other processor. What is raised is raised in the call that was interrupted."""
        self._lib.chs_processor_begins()
        failed = True
        try:
            other()
            failed = False
        except BaseException as error:  # noqa: BLE001
            self.library.fails(error)
        finally:
            self._lib.chs_processor_ends(failed)

    def _freed(self, words: list[int], data: bytes) -> None:
        if not self._halting:  # what was never terminated is freed with its adapter
            self.ndis.free_resources(self.trees.state_object(words[0]))


def _segment(words: Sequence[int], payload: bytes) -> Segment:
    seq, ack, window, fin, rst, _, count = words[:7]
    sack = tuple(zip(words[7 : 7 + 2 * count : 2], words[8 : 8 + 2 * count : 2], strict=True))
    stamped, *stamp, syn = words[7 + 2 * MOST_SACKS : 11 + 2 * MOST_SACKS]
    timestamp = (stamp[0], stamp[1]) if stamped else None
    return Segment(seq, ack, window, payload, bool(fin), bool(rst), sack, timestamp, bool(syn))
