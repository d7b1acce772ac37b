"""Whatever a target does wrong is a finding with a trace, and never a crash of the run."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from chimneysweep.targets.campaign.campaign import Campaign, Options
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.sources import DIRECT, Sourced
from chimneysweep.targets.chimney.interface import NetBufferList, Segment, Status
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import JUDGED, InProcess

FIRST = [Sourced(DIRECT, name, scenario) for name, scenario in DIRECTED.items()]
BUSY = Scenario(
    (
        Move("send", n=100, m=2),
        Move("transmit", n=300),
        Move("peer gets", n=150),
        Move("ack", n=150, m=9000),
        Move("receive", n=10),
        Move("data", n=40),
        Move("forward"),
        Move("call", n=1),
        Move("run"),
        Move("receive", n=64),
        Move("disconnect"),
    )
)


def broken(target: Any, scenario: Any = BUSY, timeout: Any = 5.0) -> Any:
    """Property -> where it broke, in words."""
    play = Play(target, scenario, JUDGED, timeout)
    play.run()
    return {
        name: " / ".join(b.where for b in breach.violation.broken) for name, breach in play.breaches.items()
    }


def overriding(**methods: Any) -> Any:
    """A reference target with some methods replaced."""
    return type("Odd", (Reference,), methods)


def fails(self: Any, *args: Any) -> Any:
    raise ValueError("out of descriptors at 0x7f00dead")


def loops(self: Any, *args: Any) -> Any:
    while True:
        pass


def sleeps(self: Any, *args: Any) -> Any:
    time.sleep(60)


def swallows(self: Any, *args: Any) -> Any:
    while True:
        try:
            time.sleep(0.01)
        except BaseException as error:
            self.caught = getattr(self, "caught", 0) + 1
            if self.caught > 2:
                raise error from None


def recurses(self: Any, *args: Any) -> Any:
    return self.run()


def exits(self: Any, *args: Any) -> Any:
    raise SystemExit(3)


def chatters(self: Any, *args: Any) -> Any:
    while True:
        self.ndis.m_indicate_status_ex("NDIS_STATUS_LINK_STATE")


ENTRY_POINTS = (
    "miniport_initiate_offload",
    "miniport_tcp_offload_send",
    "miniport_tcp_offload_receive",
    "miniport_tcp_offload_disconnect",
    "miniport_tcp_offload_forward",
    "miniport_query_offload",
    "miniport_terminate_offload",
    "segment_arrives",
    "transmit_opportunity",
    "run",
)


def test_the_reference_breaks_nothing_in_the_scenario_used_here() -> None:
    assert broken(Reference) == {}


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_raising(name: Any) -> None:
    found = broken(overriding(**{name: fails}))
    assert set(found) == {"target.raised"}
    assert found["target.raised"].startswith(
        f"{name} raises ValueError: out of descriptors at 0x... (fails, line "
    )


@pytest.mark.parametrize("body", [loops, sleeps, swallows])
def test_hanging(body: Any) -> None:
    found = broken(overriding(miniport_terminate_offload=body), timeout=0.5)
    assert found == {"target.hung": "miniport_terminate_offload has not returned after 0.5 s"}


def test_hanging_outside_the_main_thread() -> None:
    results = []
    target = overriding(run=loops)
    worker = threading.Thread(target=lambda: results.append(broken(target, timeout=0.5)))
    worker.start()
    worker.join(10)
    assert results == [{"target.hung": "run has not returned after 0.5 s"}]


def test_a_call_that_chatters_for_ever() -> None:
    found = broken(overriding(miniport_terminate_offload=chatters), timeout=60.0)
    assert found["target.hung"] == "miniport_terminate_offload has made 500 calls and has not returned"


def test_recursing_for_ever() -> None:
    found = broken(overriding(run=recurses))
    assert "RecursionError" in found["target.raised"]


def test_leaving_the_process() -> None:
    assert "SystemExit: 3" in broken(overriding(run=exits))["target.raised"]


def test_a_constructor_that_raises() -> None:
    assert "the constructor raises" in broken(overriding(__init__=fails))["target.raised"]


def test_calling_from_the_constructor_is_seen() -> None:
    def early(self: Any, ndis: Any) -> Any:
        Reference.__init__(self, ndis)
        ndis.m_terminate_offload_complete(None)

    assert "no terminate request is outstanding" in broken(overriding(__init__=early))["target.nonsense"]


def test_calling_from_another_thread_is_seen() -> None:
    def elsewhere(self: Any, context: Any, net_buffer_list: Any) -> Any:
        seen = []

        def call() -> Any:
            try:
                self.ndis.tcp_offload_send_complete(net_buffer_list)
            except RuntimeError as error:
                seen.append(error)

        worker = threading.Thread(target=call)
        worker.start()
        worker.join()
        raise seen[0]

    assert "another thread" in broken(overriding(miniport_tcp_offload_send=elsewhere))["target.raised"]


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


@pytest.mark.parametrize("scenario", DIRECTED.values(), ids=DIRECTED)
def test_a_target_that_does_nothing_crashes_nothing(scenario: Any) -> None:
    nothing = {name: lambda self, *args: None for name in ENTRY_POINTS if "initiate" not in name}
    assert "complete.answered" in broken(overriding(**nothing), scenario)


def test_hanging_targets_do_not_take_all_day() -> None:
    target = overriding(miniport_terminate_offload=sleeps)
    report = Campaign(
        "odd", InProcess(target, 0.5), Options(runs=500, seed=1, timeout=0.5), lambda text: None, FIRST
    ).run()
    assert report.partial
    assert report.why_partial == "stopped after 2 runs in which the target hung"
    assert [trace.violation.property for trace in report.findings] == ["target.hung"]
    assert report.findings[0].steps[-1].says == "miniport_terminate_offload has not returned after 0.5 s"


def test_an_interrupt_reports_what_there_is() -> None:
    def interrupted(self: Any, context: Any, segment: Any) -> Any:
        raise KeyboardInterrupt

    report = Campaign(
        "odd", InProcess(overriding(segment_arrives=interrupted)), Options(runs=5), lambda text: None, FIRST
    ).run()
    assert report.partial
    assert report.why_partial == "interrupted"


def test_a_flaky_finding_says_so() -> None:
    class Flaky(Reference):
        runs = 0

        def _chain(self: Any, conn: Any, block: Any, state: Any) -> Any:
            Flaky.runs += 1
            if Flaky.runs % 3 == 1 and conn.sends:
                conn.sends = conn.sends[:1]
            Reference._chain(self, conn, block, state)

    report = Campaign(
        "flaky", InProcess(Flaky), Options(runs=0, shrink=False), lambda text: None, FIRST
    ).run()
    assert any("flaky" in trace.meta for trace in report.findings)
