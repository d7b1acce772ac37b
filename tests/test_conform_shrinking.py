"""Findings are small: pinned, so that a change that makes them longer is seen."""

from __future__ import annotations

from typing import Any

from chimneysweep.targets.conform import Options, conform
from chimneysweep.targets.scenario import Move, Offload, Scenario, from_json, size
from chimneysweep.targets.shrink import shrink


def found(target: str, name: str) -> Any:
    report = conform(target, Options(runs=0, seed=1))
    return next(trace for trace in report.findings if trace.violation.property == name)


def test_a_forgotten_tail_takes_two_sends_and_the_hand_off() -> None:
    trace = found("seeded/tail_forgotten", "chain.coverage")
    assert [step.action for step in trace.steps] == [
        "MiniportTcpOffloadSend",
        "MiniportTcpOffloadSend",
        "MiniportTerminateOffload",
        "NdisMTerminateOffloadComplete",
    ]
    assert from_json(trace.meta["scenario"]) == Scenario((Move("send", n=1, m=1),))


def test_an_unsigned_comparison_needs_the_wrap() -> None:
    trace = found("seeded/unsigned_compare", "snd.una")
    scenario = from_json(trace.meta["scenario"])
    assert [move.kind for move in scenario.moves] == ["send", "transmit", "peer gets", "ack"]
    assert scenario.offloads[0].isn > 2**32 - 100
    assert len(trace.steps) == 6


def test_shrinking_keeps_what_matters_and_nothing_else() -> None:
    wanted = Move("ack", 1, 600, 500)
    noise = tuple(Move("data", k % 2, 100) for k in range(9))
    whole = Scenario((*noise, wanted, *noise), "stack", (Offload(isn=5), Offload(irn=9)))
    small = shrink(whole, lambda s: any(m.kind == "ack" and m.n > 50 for m in s.moves), 1000, 10)
    assert len(small.moves) == 1
    assert 50 < small.moves[0].n <= 80
    assert small.offloads == (Offload(),)
    assert small.shape == "connection"
    assert size(small) < size(whole)


def test_shrinking_stops_when_its_tries_are_used_up() -> None:
    calls = []
    whole = Scenario(tuple(Move("data", n=k) for k in range(1, 30)))
    shrink(whole, lambda s: not calls.append(s) and False, 10, 10)
    assert len(calls) == 10
