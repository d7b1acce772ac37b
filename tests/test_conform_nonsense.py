"""Junk that a target passes, returns or writes is a finding with words for it."""

from __future__ import annotations

from typing import Any

import pytest
from misbehaving import broken, overriding

from chimneysweep.targets.chimney.interface import NetBufferList, Segment, Status
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario


@pytest.mark.parametrize("junk", [None, 7, "NDIS_STATUS_PENDING", Status.SUCCESS])
@pytest.mark.parametrize("name", ["send", "receive", "disconnect", "forward"])
def test_returning_nonsense(name: Any, junk: Any) -> None:
    method = f"miniport_tcp_offload_{name}"

    def wrapped(self: Any, *args: Any) -> Any:
        getattr(Reference, method)(self, *args)
        return junk

    found = broken(overriding(**{method: wrapped}))
    assert set(found) == {"target.nonsense"}
    assert found["target.nonsense"].endswith("only Status.PENDING is allowed")


def test_returned_data_is_never_refused() -> None:
    def refuses(self: Any, net_buffer_list: Any) -> Any:
        Reference.miniport_tcp_offload_receive_return(self, net_buffer_list)
        return Status.FAILURE

    found = broken(overriding(miniport_tcp_offload_receive_return=refuses), Scenario((Move("data", n=5),)))
    assert found["target.nonsense"].endswith("only Status.SUCCESS is allowed")


def circle() -> Any:
    nbl = NetBufferList(b"x")
    nbl.next = nbl
    return nbl


COMPLETIONS = ("send_complete", "receive_complete", "disconnect_complete", "forward_complete")


@pytest.mark.parametrize(
    ("junk", "words"),
    [
        (None, "is passed None instead of a NET_BUFFER_LIST"),
        (7, "leads to int 7, which is no NET_BUFFER_LIST"),
        (NetBufferList(b"x"), "is passed a buffer that the host never passed"),
        (circle(), "run in a circle"),
    ],
)
@pytest.mark.parametrize("name", COMPLETIONS)
def test_completing_junk(name: Any, junk: Any, words: Any) -> None:
    def run(self: Any) -> Any:
        Reference.run(self)
        getattr(self.ndis, f"tcp_offload_{name}")(junk)

    found = broken(overriding(run=run))
    assert set(found) == {"target.nonsense"}
    assert words in found["target.nonsense"]


def test_completing_a_buffer_as_something_else() -> None:
    def send(self: Any, context: Any, net_buffer_list: Any) -> Any:
        self.ndis.tcp_offload_receive_complete(net_buffer_list)
        return Reference.miniport_tcp_offload_send(self, context, net_buffer_list)

    found = broken(overriding(miniport_tcp_offload_send=send))
    assert "is passed a send buffer" in found["target.nonsense"]


def twice(name: Any) -> Any:
    """A target that repeats each completion of a kind."""

    def make(self: Any, ndis: Any) -> None:
        Reference.__init__(self, ndis)
        whole = getattr(ndis, name)

        def again(*args: Any) -> Any:
            whole(*args)
            whole(*args)

        setattr(ndis, name, again)

    return overriding(__init__=make)


@pytest.mark.parametrize(
    ("name", "broken_property"),
    [
        ("tcp_offload_send_complete", "guarantee.returned-once"),
        ("tcp_offload_receive_complete", "target.completed-twice"),
        ("tcp_offload_disconnect_complete", "target.completed-twice"),
        ("tcp_offload_forward_complete", "target.completed-twice"),
        ("m_query_offload_state_complete", "target.completed-twice"),
        ("free_resources", "target.completed-twice"),
        ("m_terminate_offload_complete", "guarantee.completed-once"),
    ],
)
def test_completing_twice(name: Any, broken_property: Any) -> None:
    assert broken_property in broken(twice(name))


@pytest.mark.parametrize("field", ["snd_una", "snd_nxt", "snd_max", "rcv_nxt"])
@pytest.mark.parametrize("junk", ["1001", 2**32, -1, 1.5])
def test_delegating_junk(field: Any, junk: Any) -> None:
    def delegate(self: Any, conn: Any, state: Any) -> Any:
        Reference._delegate(self, conn, state)
        setattr(state, field, junk)

    assert f"connection 0, {field} is" in broken(overriding(_delegate=delegate))["target.nonsense"]


def test_delegating_nothing() -> None:
    assert "delegated.written" in broken(overriding(_delegate=lambda self, conn, state: None))


@pytest.mark.parametrize(
    ("fields", "broken_property"),
    [
        ({"status": "SUCCESS"}, "status.every-block"),
        ({"status": Status.PENDING}, "status.every-block"),
        ({"net_buffer_list_chain": NetBufferList(b"mine")}, "chain.content"),
        ({"net_buffer_list_chain": object()}, "chain.content"),
        ({"next_block": object()}, "complete.same-tree"),
        ({"dependent_block_list": 4}, "complete.same-tree"),
        ({"state": None}, "target.nonsense"),
    ],
)
def test_writing_junk_into_a_block(fields: dict[str, Any], broken_property: str) -> None:
    def finish(self: Any, tree: Any) -> None:
        complete = self.ndis.m_terminate_offload_complete

        def scribble(block: Any) -> None:
            for name, value in fields.items():
                setattr(block, name, value)
            complete(block)

        self.ndis.m_terminate_offload_complete = scribble
        Reference._finish(self, tree)

    assert broken_property in broken(overriding(_finish=finish))


def test_handing_another_tree_back() -> None:
    def finish(self: Any, tree: Any) -> Any:
        for block in (tree,):
            block.status = Status.SUCCESS
        self.ndis.m_terminate_offload_complete("the tree")

    found = broken(overriding(_finish=finish))
    assert {"complete.same-pointer", "target.nonsense"} <= set(found)


def test_bytes_transferred_is_junk() -> None:
    def complete(self: Any, nbl: Any, status: Any, done: Any) -> Any:
        nbl.status, nbl.bytes_transferred = status, "all"
        self.ndis.tcp_offload_send_complete(nbl)

    found = broken(overriding(_complete_send=complete))
    assert "BytesTransferred is str 'all', of 100 bytes" in found["target.nonsense"]


def test_writing_into_the_data_to_be_sent() -> None:
    def scribble(self: Any, context: Any, net_buffer_list: Any) -> Any:
        net_buffer_list.memory[0] ^= 255
        return Reference.miniport_tcp_offload_send(self, context, net_buffer_list)

    found = broken(overriding(miniport_tcp_offload_send=scribble))
    assert "wrote into the data to be sent" in found["target.nonsense"]
    assert "guarantee.send-in-order" in found


def test_filling_a_request_with_other_bytes() -> None:
    def complete(self: Any, conn: Any, nbl: Any) -> Any:
        conn.held[:1] = b"\0\0"[: len(conn.held[:1])] if conn.held[:1] != b"\0" else b"\1"
        Reference._complete_receive(self, conn, nbl)

    assert "guarantee.receive-in-order" in broken(overriding(_complete_receive=complete))


def test_indicating_other_bytes() -> None:
    def take(self: Any, conn: Any, segment: Any) -> Any:
        Reference._take(self, conn, segment)
        conn.held = bytearray(len(conn.held))

    scenario = Scenario((Move("data", n=40),))
    assert "guarantee.receive-in-order" in broken(overriding(_take=take), scenario)
    refused = Scenario((Move("appetite", n=0), Move("data", n=40)))
    assert "guarantee.receive-in-order" in broken(overriding(_take=take), refused)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda n, h: n.tcp_offload_receive_handler(h, None), "None instead of a NET_BUFFER_LIST"),
        (lambda n, h: n.tcp_offload_receive_handler(h, NetBufferList()), "indicates no data"),
        (lambda n, h: n.tcp_offload_receive_handler("h", NetBufferList(b"x")), "as a handle"),
        (lambda n, h: n.tcp_offload_event_handler(h, "TcpIndicateAbort"), "which is no TcpEvent"),
        (lambda n, h: n.transmit(h, b"raw"), "no sound TCP segment"),
        (lambda n, h: n.transmit(h, Segment(-1, 0, 0)), "no sound TCP segment"),
        (lambda n, h: n.transmit(h, Segment(1000, 5000, 10_000, b"z" * 999)), "the host posted [0, "),
        (lambda n, h: n.free_resources("me"), "no context of the target's"),
        (lambda n, h: n.m_query_offload_state_complete(None), "which is not the block list of the call"),
        (lambda n, h: n.m_indicate_receive_net_buffer_lists(3), "no Segment"),
    ],
)
def test_calling_with_nonsense(call: Any, words: Any) -> None:
    def opportunity(self: Any, context: Any, room: Any) -> Any:
        call(self.ndis, context.handle)
        Reference.transmit_opportunity(self, context, room)

    found = broken(overriding(transmit_opportunity=opportunity))
    assert set(found) == {"target.nonsense"}
    assert words in found["target.nonsense"]


def test_working_on_a_connection_after_handing_it_back() -> None:
    def finish(self: Any, tree: Any) -> Any:
        conns = self._connections(tree)
        Reference._finish(self, tree)
        self._transmit(conns[0])

    found = broken(overriding(_finish=finish))
    assert "transmit is called on connection 0, which the target has handed back" in found["target.nonsense"]


def test_never_taking_the_offload() -> None:
    found = broken(overriding(miniport_initiate_offload=lambda self, blocks: None))
    assert found == {"target.nonsense": "initiate request 0 is never completed with its block list"}


def test_storing_no_context() -> None:
    found = broken(overriding(_offload=lambda self, block: None))
    assert "stored no miniport_offload_context" in found["target.nonsense"]
