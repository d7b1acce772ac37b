"""A program that speaks the line protocol, as a target: see ``docs/protocol.md``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...judging.misbehaviour import kind_of
from ...machine.refusal import BadTarget
from ..interface import BlockList, Factory, Ndis, NetBufferList, Segment, Status, Target, Timer
from .program_json import EVENTS, STATUSES, ProgramObjects, field, nonsense, segment_from, segment_json
from .session import Session

TREE_CALLS = (
    "m_initiate_offload_complete",
    "m_terminate_offload_complete",
    "m_invalidate_offload_complete",
    "m_query_offload_state_complete",
    "m_update_offload_complete",
)
BUFFER_CALLS = (
    "tcp_offload_send_complete",
    "tcp_offload_receive_complete",
    "tcp_offload_disconnect_complete",
    "tcp_offload_forward_complete",
)


class ProtocolTarget(Target):
    """Passes each call to the program, and each call of the program's to NDIS."""

    def __init__(self, ndis: Ndis, session: Session) -> None:
        super().__init__(ndis)
        self._session = session
        self._objects = ProgramObjects()
        self._own: dict[str, Callable[[dict[str, Any], str], Any]] = {
            "tcp_offload_receive_handler": self._indicates,
            "tcp_offload_event_handler": self._event,
            "m_indicate_status_ex": self._status,
            "m_offload_event_indicate": self._general,
            "m_indicate_receive_net_buffer_lists": self._passes_on,
            "transmit": self._transmit,
            "free_resources": self._frees,
        }
        self._call("start")

    def _call(self, name: str, **arguments: Any) -> Any:
        return self._session.call(name, arguments, self._called)

    # -- what NDIS and the hardware call ---------------------------------------------

    def _ask(self, name: str, **arguments: Any) -> Any:
        """A call that returns a status; what is none is passed on to be judged."""
        answer = self._call(name, **arguments)
        return STATUSES.get(answer, answer) if isinstance(answer, str) else answer

    def _post(self, name: str, context: Any, first: NetBufferList) -> Any:
        return self._ask(name, context=context.value, net_buffer_lists=self._objects.buffers(first))

    def miniport_tcp_offload_send(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadSend."""
        return self._post("miniport_tcp_offload_send", context, net_buffer_list)

    def miniport_tcp_offload_receive(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadReceive."""
        return self._post("miniport_tcp_offload_receive", context, net_buffer_list)

    def miniport_tcp_offload_disconnect(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadDisconnect."""
        return self._post("miniport_tcp_offload_disconnect", context, net_buffer_list)

    def miniport_tcp_offload_forward(self, context: Any, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadForward."""
        return self._post("miniport_tcp_offload_forward", context, net_buffer_list)

    def miniport_tcp_offload_receive_return(self, net_buffer_list: NetBufferList) -> Status:
        """MiniportTcpOffloadReceiveReturn."""
        buffers = self._objects.buffers(net_buffer_list)
        return self._ask("miniport_tcp_offload_receive_return", net_buffer_lists=buffers)

    def miniport_initiate_offload(self, block_list: BlockList) -> None:
        """MiniportInitiateOffload."""
        self._call("miniport_initiate_offload", block_list=self._objects.tree(block_list))

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """MiniportInvalidateOffload."""
        self._call("miniport_invalidate_offload", block_list=self._objects.tree(block_list))

    def miniport_query_offload(self, block_list: BlockList) -> None:
        """MiniportQueryOffload."""
        self._call("miniport_query_offload", block_list=self._objects.tree(block_list))

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """MiniportUpdateOffload."""
        self._call("miniport_update_offload", block_list=self._objects.tree(block_list))

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        """MiniportTerminateOffload."""
        self._call("miniport_terminate_offload", block_list=self._objects.tree(block_list))

    def segment_arrives(self, context: Any, segment: Segment) -> None:
        """A segment of the peer arrives."""
        self._call("segment_arrives", context=context.value, segment=segment_json(segment))

    def transmit_opportunity(self, context: Any, room: int) -> None:
        """The wire takes up to *room* bytes."""
        self._call("transmit_opportunity", context=context.value, room=room)

    def run(self) -> None:
        """All the time it needs."""
        self._call("run")

    # -- what the program calls ------------------------------------------------------

    def _called(self, message: dict[str, Any]) -> Any:
        name = message["call"]
        if name in TREE_CALLS:
            self._objects.written(message.get("blocks", []), f"{name}: blocks")
            root = field(message, "block_list", name)
            getattr(self.ndis, name)(self._objects.at(root, BlockList, f"{name}: block_list"))
            return None
        if name in BUFFER_CALLS:
            buffers = field(message, "net_buffer_lists", name)
            getattr(self.ndis, name)(self._objects.linked(buffers, f"{name}: net_buffer_lists"))
            return None
        if name not in self._own:
            nonsense(f"the program calls {kind_of(name)}, which is no function of NDIS's")
        return self._own[name](message, name)

    def _handle(self, message: dict[str, Any], name: str) -> object:
        return self._objects.at(field(message, "handle", name), object, f"{name}: handle")

    def _indicates(self, message: dict[str, Any], name: str) -> Any:
        buffer = self._objects.linked([field(message, "net_buffer_list", name)], name)
        assert buffer
        status, taken = self.ndis.tcp_offload_receive_handler(self._handle(message, name), buffer)
        return {"status": status.value, "bytes": taken}

    def _event(self, message: dict[str, Any], name: str) -> None:
        event = field(message, "event", name)
        known = EVENTS.get(str(event), event)
        self.ndis.tcp_offload_event_handler(self._handle(message, name), known, message.get("information"))

    def _status(self, message: dict[str, Any], name: str) -> None:
        self.ndis.m_indicate_status_ex(str(field(message, "status", name)))

    def _general(self, message: dict[str, Any], name: str) -> None:
        self.ndis.m_offload_event_indicate(self._handle(message, name), str(field(message, "event", name)))

    def _passes_on(self, message: dict[str, Any], name: str) -> None:
        segment = segment_from(field(message, "segment", name), f"{name}: segment")
        self.ndis.m_indicate_receive_net_buffer_lists(segment)

    def _transmit(self, message: dict[str, Any], name: str) -> None:
        segment = segment_from(field(message, "segment", name), f"{name}: segment")
        self.ndis.transmit(self._handle(message, name), segment)

    def _frees(self, message: dict[str, Any], name: str) -> None:
        context = field(message, "context", name)
        self.ndis.free_resources(self._objects.context(context, f"{name}: context"))


def _timer_expires(target: ProtocolTarget, context: Any, timer: Timer) -> None:
    target._call("timer_expires", context=context.value, timer=timer.value)


def _hardware_fails(target: ProtocolTarget, context: Any) -> None:
    target._call("hardware_fails", context=context.value)


def _link_changes(target: ProtocolTarget) -> None:
    target._call("link_changes")


def _neighbor_silent(target: ProtocolTarget, context: Any) -> None:
    target._call("neighbor_silent", context=context.value)


def _clock_ticks(target: ProtocolTarget, ticks: int) -> None:
    target._call("clock_ticks", ticks=ticks)


def _urgent_arrives(target: ProtocolTarget, context: Any, segment: Segment) -> None:
    target._call("urgent_arrives", context=context.value, segment=segment_json(segment))


def _disconnect_abortive(target: ProtocolTarget, context: Any, net_buffer_list: NetBufferList) -> Any:
    return target._post("miniport_tcp_offload_disconnect_abortive", context, net_buffer_list)


def _halt(target: ProtocolTarget) -> Any:
    return target._call("halt")


OPTIONAL_CALLS: dict[str, Callable[..., Any]] = {
    "timer_expires": _timer_expires,
    "hardware_fails": _hardware_fails,
    "link_changes": _link_changes,
    "neighbor_silent": _neighbor_silent,
    "clock_ticks": _clock_ticks,
    "urgent_arrives": _urgent_arrives,
    "miniport_tcp_offload_disconnect_abortive": _disconnect_abortive,
    "halt": _halt,
}


def factory(program: Path) -> Factory:
    """Make targets of *program*, which is tried here, and started again by who plays. Raises BadTarget."""
    first = Session(program)
    first.end()
    unknown = sorted(first.optional - set(OPTIONAL_CALLS))
    if unknown:
        raise BadTarget(f"{program} wants to take {', '.join(unknown)}; there is {', '.join(OPTIONAL_CALLS)}")
    # Only a class that has an optional method is asked: the hardware fails on nobody who could not tell.
    kind: Any = type("Program", (ProtocolTarget,), {n: OPTIONAL_CALLS[n] for n in first.optional})
    running: list[Session] = []

    def make(ndis: Ndis) -> Target:
        if running and running[0].depth:  # the last run ended in the middle of a call
            running.pop().end()
        if not running:
            running.append(Session(program))
        target: Target = kind(ndis, running[0])
        return target

    return make
