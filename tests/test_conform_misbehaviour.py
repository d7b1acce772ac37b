"""Whatever a target does wrong is a finding with a trace, and never a crash of the run."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from misbehaving import broken, overriding

from chimneysweep.targets.campaign.campaign import Campaign, Options
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.sources import DIRECT, Sourced
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.running.direct import InProcess

FIRST = [Sourced(DIRECT, name, scenario) for name, scenario in DIRECTED.items()]


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
