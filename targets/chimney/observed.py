"""NDIS as a target under test sees it: every call is checked, and becomes an event of the world."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

from ...model.chimney import answers, calls
from ...model.chimney.handover import WriteAfterHandBack
from ...model.chimney.only_seen import WrongBytes
from ...model.chimney.state import (
    COMPLETED,
    REQUEST_ABORTED,
    SUCCESS,
    TCP_EVENT,
    TERMINATING,
    UPLOAD_IN_PROGRESS,
)
from ...model.event import Event
from ..judging.misbehaviour import NONSENSE, TWICE, kind_of
from ..judging.monitor import Judge
from .added_events import tells
from .answered_calls import came_back
from .bystanders import Bystanders, carries, ends
from .handed import Handed, HandedBuffer
from .indicated_data import indicates_data
from .interface import BlockList, Ndis, NetBufferList, Segment, Status, TcpEvent
from .returned_requests import requests_back
from .sent_data import transmits
from .snapshot import Seals, members
from .statuses import advanced, request_status
from .stray_answers import for_reset
from .tree_back import tree_back
from .uploads import asks
from .wire_bytes import WireBytes

RETURNS = {
    answers.NdisTcpOffloadReceiveHandler.name: calls.ReturnReceiveIndication,
    answers.NdisTcpOffloadEventHandler.name: calls.ReturnTcpEvent,
    answers.NdisMIndicateStatusEx.name: calls.ReturnStatusIndication,
    answers.NdisMOffloadEventIndicate.name: calls.ReturnOffloadEvent,
}
"""What ends an indication, by what begins it."""
FORWARDED = (SUCCESS, UPLOAD_IN_PROGRESS, REQUEST_ABORTED)
EVENTS = answers.NdisTcpOffloadEventHandler.name
Repeated = dict[tuple[int, bool], tuple[int, int] | None]
"""What came again, by connection, with its FIN or not: its positions; None: it is answered."""


class Observed(Ndis):
    """Records what the target calls. ``during`` is played while an indication is under way."""

    def __init__(
        self, monitor: Judge, handed: Handed, lines: list[WireBytes], added: Sequence[Event] = ()
    ) -> None:
        """*added*: events besides those of NDIS that a target tells of."""
        self._added = {event.called: event for event in added if event.called}
        self.monitor = monitor
        self.handed = handed
        self.lines = lines
        self.appetite: list[int | None] = [None] * handed.conns
        self.during: Callable[[], None] = lambda: None
        self.within: Callable[[], None] = lambda: None  # what the host posts from within a completion
        self.completing: set[int] = set()  # connections on which one with receive requests has not returned
        self.other: Callable[[], None] = lambda: None  # what another processor does
        self.arriving: Callable[[], None] = lambda: None  # segments, while an offload is completed
        self.answered: Callable[[int, Segment], None] = lambda conn, segment: None  # to the peer
        self.enter: Callable[[str], None] = lambda name: None
        self.initiated, self.bystanders = list[Any](), Bystanders()
        self.seals: Seals | None = None  # of the blocks, since they were handed back
        self.kept: list[list[NetBufferList]] = [[] for _ in range(handed.conns)]
        self.freed: list[Any] = []
        self.freed_before: list[int] = []  # connections that came back before others that are terminated
        self.counts: dict[str, int] = {}
        self.doubtful: set[int] = set()  # blocks that the hardware lost while the host took them back
        self.refused: set[int] = set()  # connections whose application refused data
        self.suspects: dict[int, int] = {}  # connections with a SYN that is not answered, and its place
        self.challenged: set[int] = set()  # those on which one was answered
        self.renewed, self.closed = set[int](), set[int]()  # on which it was the next byte; and is asked for
        self.urgent: dict[int, tuple[int, int]] = {}  # connections with urgent data, and its positions
        self.given_up: dict[int, str] = {}  # connections that the host is sure to take back, and why
        self.reasons: dict[int, list[Any]] = {}  # to take back what the hardware lost, as they were given
        self.windows: dict[int, int] = {}  # receive buffers of before an update that is to be told the peer
        self.resend: dict[int, int] = {}  # where the first data is sent after an offload, at the latest
        self.waits: dict[int, tuple[int, int]] = {}  # offloaded data up to here, requests posted before
        self.wrong_bytes: set[int] = set()  # connections whose BufferedData the peer never sent
        self.other_way: set[int] = set()  # connections whose segments came so last, and were forwarded
        self.repeated: Repeated = {}
        self.rested: int | None = None  # events that had happened at the last rest
        self.backlogs: dict[int, tuple[int, int]] = {}  # sizes that were told since, bytes posted by then
        self.recovering: set[int] = set()  # connections on which something was sent again, or is to be
        self.remarks: dict[int, str] = {}  # by the number of a step: what the world knows nothing of

    def goes_on(self, handed: Handed, staying: Collection[int]) -> None:
        """The next cycle begins, with these connections as they are."""
        self.handed, self.initiated, self.seals, self.doubtful = handed, [], None, set()
        self.kept = [kept if c in staying else [] for c, kept in enumerate(self.kept)]
        self.given_up = {c: reason for c, reason in self.given_up.items() if c in staying}
        self.resend, self.waits, self.windows, self.reasons, self.freed_before = {}, {}, {}, {}, []
        self.refused, self.wrong_bytes = self.refused.intersection(staying), set()
        self.recovering, self.rested = self.recovering.intersection(staying), None
        self.other_way = self.other_way.intersection(staying)
        self.suspects = {c: at for c, at in self.suspects.items() if c in staying}
        self.challenged = self.challenged.intersection(staying)
        self.repeated = {key: at for key, at in self.repeated.items() if key[0] in staying}
        self.urgent = {c: at for c, at in self.urgent.items() if c in staying}
        self.renewed, self.closed = self.renewed.intersection(staying), self.closed.intersection(staying)

    def forget_freed(self, contexts: Sequence[Any]) -> None:
        """These are contexts of new state objects; a target may use what it freed for one."""
        self.freed = [freed for freed in self.freed if not any(freed is new for new in contexts)]
        self.bystanders.forget(contexts)

    def called(self, name: str) -> str:
        """The target calls *name*, which is returned."""
        self.enter(name)
        self.counts[name] = self.counts.get(name, 0) + 1
        return name

    def complain(self, what: str) -> None:
        """What the target did makes no sense, as *what* says."""
        self.monitor.misbehaves(NONSENSE, what)

    def conn(self, name: str, handle: Any) -> int | None:
        """The connection of the handle that is passed to *name*; None, and a complaint, if there is none."""
        conn, world = self.handed.conn_of(handle), self.monitor.world
        if conn is None:
            self.complain(f"{name} is passed {kind_of(handle)} as a handle, which no connection has")
        elif conn in self.handed.refused:
            self.complain(f"{name} is called on connection {conn}, which the target did not take over")
            return None
        elif world.handed_back(world.conns[conn]) or self.handed.came_back(conn):
            if self.handed.tree[world.conns[conn].block].status is Status.FAILURE and name == EVENTS:
                return None  # what follows on a hand-off that failed
            self.complain(f"{name} is called on connection {conn}, which the target has handed back")
            return None
        return conn

    def knows(self, block: int) -> None:
        """The target does with a block what it does with one that is lost: so it had not read it before."""
        if block in self.doubtful:
            self.doubtful.remove(block)
            self.monitor.happens(calls.HardwareFails, block=block)

    def status(self, nbl: NetBufferList, conn: int) -> int:
        """The status of a request that goes back."""
        if nbl.status is Status.REQUEST_ABORTED:
            self.knows(self.monitor.world.conns[conn].block)
            for_reset(self, conn)
        return request_status(nbl.status)

    def _each(self, name: str, first: Any, kind: str) -> list[tuple[NetBufferList, HandedBuffer]]:
        """The buffers of a completion that the host did pass as a *kind*; complains about others."""
        found = []
        if first is None:
            self.complain(f"{name} is passed None instead of a NET_BUFFER_LIST")
        for nbl in members(first, self.complain, f"the list passed to {name}"):
            known = self.handed.known(nbl)
            if known is None or known.kind != kind:
                what = f"a {known.kind} buffer" if known else "a buffer that the host never passed"
                self.complain(f"{name} is passed {what}")
            elif self.monitor.world.phase == TERMINATING and self.handed.came_back(known.conn):
                self.complain(
                    f"{name} is called on connection {known.conn}, which the target has handed back"
                )
            else:
                found.append((nbl, known))
        return found

    def length(self, nbl: NetBufferList, most: int, what: str) -> int:
        """BytesTransferred of a buffer with at most so many bytes; complains of any other number."""
        done = nbl.bytes_transferred
        if isinstance(done, int) and not isinstance(done, bool) and 0 <= done <= most:
            return done
        self.complain(f"{what}: BytesTransferred is {kind_of(done)}, of {most} bytes")
        return max(0, min(done, most)) if isinstance(done, int) else 0

    # -- completions -----------------------------------------------------------------

    def m_initiate_offload_complete(self, block_list: BlockList) -> None:
        """Note which tree was taken over."""
        self.called("NdisMInitiateOffloadComplete")
        if self.bystanders.initiated(block_list):
            return
        self.arriving()
        self.initiated.append(block_list)

    def m_invalidate_offload_complete(self, block_list: BlockList) -> None:
        """Complete call 0."""
        came_back(self, "NdisMInvalidateOffloadComplete", block_list)

    def m_query_offload_state_complete(self, block_list: BlockList) -> None:
        """Complete call 1, or the query of a connection."""
        came_back(self, "NdisMQueryOffloadStateComplete", block_list)

    def m_update_offload_complete(self, block_list: BlockList) -> None:
        """Complete call 2."""
        came_back(self, "NdisMUpdateOffloadComplete", block_list)

    def tcp_offload_send_complete(self, net_buffer_list: NetBufferList) -> None:
        """Each send goes back to the host, with its status and what was advanced over."""
        event = answers.NdisTcpOffloadSendComplete
        name = self.called(event.name)
        for nbl, known in self._each(name, net_buffer_list, "send"):
            what = f"{name}, send buffer {known.index} of connection {known.conn}"
            if self.handed.altered(nbl):
                self.complain(f"{what}: the target wrote into the data to be sent")
            self.monitor.happens(
                event,
                conn=known.conn,
                buffer=known.index,
                status=self.status(nbl, known.conn),
                bytes=self.length(nbl, len(nbl.memory), what),
                advanced=advanced(nbl),
            )

    def tcp_offload_receive_complete(self, net_buffer_list: NetBufferList) -> None:
        """Each request goes back; the host may post the next one from within."""
        name = self.called(answers.NdisTcpOffloadReceiveComplete.name)
        requests_back(self, name, self._each(name, net_buffer_list, "receive"))

    def tcp_offload_disconnect_complete(self, net_buffer_list: NetBufferList) -> None:
        """The disconnect goes back."""
        event = answers.NdisTcpOffloadDisconnectComplete
        name = self.called(event.name)
        for nbl, known in self._each(name, net_buffer_list, "disconnect"):
            values = {"conn": known.conn, "status": self.status(nbl, known.conn), "kind": known.index}
            values |= {"bytes": 0, "advanced": 0}
            if self.handed.altered(nbl):
                self.complain(f"{name}: the target wrote into the data to be sent")
            if nbl.memory:
                values |= {"bytes": self.length(nbl, len(nbl.memory), name), "advanced": advanced(nbl)}
            if not self.monitor.if_possible(event, **values):
                self.monitor.misbehaves(TWICE, f"{name}: the disconnect was completed before")

    def tcp_offload_forward_complete(self, net_buffer_list: NetBufferList) -> None:
        """The forward request goes back."""
        name = answers.NdisTcpOffloadForwardComplete.name
        self.called(name)
        for nbl, known in self._each(name, net_buffer_list, "forward"):
            if not isinstance(nbl.status, Status):
                self.complain(f"{name}: the target wrote no status")
            left = self.handed.forwarding[known.conn]
            if known.index not in left:
                self.monitor.misbehaves(TWICE, f"{name}: the forward request was completed before")
                continue
            left.remove(known.index)
            status = self.status(nbl, known.conn)
            if not left:  # it is one request, of as many segments as were in the list
                self.monitor.happens(answers.NdisTcpOffloadForwardComplete, conn=known.conn, status=status)
            elif status not in FORWARDED:
                self.complain(f"{name}: a segment of a list comes back with {kind_of(nbl.status)}")

    # -- indications -----------------------------------------------------------------

    def tcp_offload_receive_handler(
        self, ndis_offload_handle: object, net_buffer_list: NetBufferList
    ) -> tuple[Status, int]:
        """The application is offered data; it takes what its appetite allows."""
        event = answers.NdisTcpOffloadReceiveHandler
        name = self.called(event.name)
        if self.bystanders.speaks(self, name, ndis_offload_handle, True):
            return Status.DATA_NOT_ACCEPTED, 0
        conn = self.conn(name, ndis_offload_handle)
        if conn is None or not indicates_data(self, name, conn, net_buffer_list):
            return Status.DATA_NOT_ACCEPTED, 0
        data, got = net_buffer_list.data, self.monitor.world.conns[conn].peer.app_got
        place = self.lines[conn].locate(data, got)
        start = got if place is None else place
        self.monitor.happens(event, conn=conn, start=start, end=start + len(data))
        self.during()
        appetite = self.appetite[conn]
        taken = len(data) if appetite is None else min(appetite, len(data))
        self.monitor.happens(RETURNS[name], conn=conn, bytes=taken)
        if place is None and taken:
            self.monitor.happens(WrongBytes, conn=conn)
        if taken < len(data):
            self.refused.add(conn)
            return (Status.DATA_PARTIALLY_ACCEPTED if taken else Status.DATA_NOT_ACCEPTED), taken
        self.kept[conn].append(net_buffer_list)
        return Status.SUCCESS, taken

    def tcp_offload_event_handler(
        self, ndis_offload_handle: object, event_type: TcpEvent, information: Any = None
    ) -> None:
        """An event of a connection."""
        name = answers.NdisTcpOffloadEventHandler.name
        self.called(name)
        if self.bystanders.speaks(self, name, ndis_offload_handle, ends(event_type)):
            return
        conn = self.conn(name, ndis_offload_handle)
        kind: Any = event_type  # a target may pass anything
        if not isinstance(kind, TcpEvent):
            self.complain(f"{name} is passed {kind_of(kind)}, which is no TcpEvent")
        elif conn is not None:
            if kind is TcpEvent.RETRIEVE:
                asks(self, conn, information)
                self.remarks |= {len(self.monitor.names): str(information)} if information else {}
            if kind is TcpEvent.ABORT:
                self.knows(self.monitor.world.conns[conn].block)
                for_reset(self, conn)
            outer = self.monitor.world.conns[conn].event
            event = TCP_EVENT.labels.index(kind.value)
            self.monitor.happens(answers.NdisTcpOffloadEventHandler, conn=conn, event=event)
            self.during()
            if not outer:
                self.monitor.happens(RETURNS[name], conn=conn)

    def m_indicate_status_ex(self, status_code: str) -> None:
        """A status of the adapter."""
        self._general(answers.NdisMIndicateStatusEx, upload=int(status_code == "NDIS_STATUS_UPLOAD_ALL"))

    def m_offload_event_indicate(self, ndis_offload_handle: object, event: str) -> None:
        """An event of a neighbor."""
        self._general(answers.NdisMOffloadEventIndicate)

    def _general(self, event: Event, **values: int) -> None:
        """An indication that concerns no connection; after the termination nobody waits for it."""
        back = RETURNS[self.called(event.name)]
        outer = self.monitor.possible(back)
        if self.monitor.world.phase != COMPLETED:
            self.monitor.happens(event, **values)
        self.during()
        if not outer and self.monitor.possible(back):
            self.monitor.happens(back)

    def m_indicate_receive_net_buffer_lists(self, segment: Segment) -> None:
        """The host gets the segment; nothing in the world changes."""
        self.called("NdisMIndicateReceiveNetBufferLists")
        given: Any = segment  # a target may pass anything
        if not isinstance(given, Segment):
            self.complain(f"NdisMIndicateReceiveNetBufferLists is passed {kind_of(given)}, no Segment")

    def transmit(self, ndis_offload_handle: object, segment: Segment) -> None:
        """Data, a FIN, an acknowledgement: whatever the segment carries."""
        self.called("transmit")
        if not self.bystanders.speaks(self, "transmit", ndis_offload_handle, carries(segment)):
            transmits(self, ndis_offload_handle, segment)

    def answers(self, c: int) -> None:
        """Of what asked for an acknowledgement on the connection nobody needs to think any more."""
        self.repeated |= {key: None for key in self.repeated if key[0] == c}
        if self.suspects.pop(c, None) is not None:
            self.challenged.add(c)

    def unanswered(self) -> list[tuple[int, bool]]:
        """The connections on which something came again that is not answered, and whether that is a FIN."""
        return sorted(key for key, at in self.repeated.items() if at)

    def interrupted(self, start: Callable[[Callable[[], None]], None] = lambda other: other()) -> None:
        """Another processor comes in between."""
        start(self.other)

    def misbehaves(self, rule: str, what: str) -> None:
        """An adapter noticed it."""
        self.enter("the adapter")
        self.monitor.misbehaves(rule, what)

    def m_terminate_offload_complete(self, block_list: BlockList) -> None:
        """The tree is read as it stands now."""
        if not self.bystanders.returned(block_list, self):
            tree_back(self, block_list)

    def check_seals(self) -> None:
        """Notice a block that was written after it was handed back."""
        for b in self.seals.broken() if self.seals else []:
            if not self.monitor.world.stale_write:
                self.monitor.happens(WriteAfterHandBack, block=b)

    def free_resources(self, context: Any) -> None:
        """The target frees a state object."""
        self.called("free_resources")
        if any(context is other for other in self.freed):
            self.monitor.misbehaves(TWICE, "free_resources: the state object was freed before")
            return
        self.freed.append(context)
        if self.bystanders.frees(self, context):
            return
        owners = [n.conn for n, block in self.handed.blocks if block.miniport_offload_context is context]
        if not owners and any(b.miniport_offload_context is context for b in self.handed.former):
            return  # of an earlier cycle, in which it was missed if it came too late
        if not owners:
            self.complain(f"free_resources is passed {kind_of(context)}, which is no context of the target's")
        elif owners[0] >= 0 and self.monitor.world.phase == TERMINATING and self.handed.came_back(owners[0]):
            self.freed_before.append(owners[0])
        elif owners[0] >= 0:
            self.monitor.happens(answers.Free, conn=owners[0])

    def __getattr__(self, name: str) -> Any:
        event = self.__dict__.get("_added", {}).get(name)
        if event is None:
            raise AttributeError(f"NDIS has no function {name}")
        return functools.partial(tells, self, event)
