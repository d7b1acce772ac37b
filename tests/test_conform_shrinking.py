"""Findings are small: none of their simpler neighbors breaks the same, and the model has no shorter ones."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from house import one_in

from chimneysweep.counterexamples.render import text
from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.targets.campaign import generate
from chimneysweep.targets.campaign.campaign import SHRINK_TRIES, Options, conform
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.odd_values import told_by_no_step, why_odd
from chimneysweep.targets.campaign.shrink import RunsLeft, neighbors, shrink
from chimneysweep.targets.campaign.sizes import sizes
from chimneysweep.targets.campaign.sources import sources
from chimneysweep.targets.chimney.built_in import BUILT_IN, SEEDED, entries
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario, from_json, size
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.judging.criteria import criteria
from chimneysweep.targets.running.direct import InProcess

BUGS = {entry.name: entry.breaks[0] for entry in entries() if entry.breaks}


def play(target: str, scenario: Scenario) -> Play:
    """A run of a built-in target, judged by what it was made to break."""
    factory = BUILT_IN[target].target
    assert factory is not None
    run = Play(factory, scenario, criteria(CHIMNEY, BUGS[target]))
    run.run()
    return run


def breaks(target: str, scenario: Scenario) -> bool:
    return BUGS[target] in play(target, scenario).breaches


@functools.cache
def shrunk(target: str) -> Scenario:
    """The smallest scenario that shrinking finds from a long random one."""
    drawn = (generate.scenario(Random(f"shrinking {k}")) for k in range(2000))
    large = (scenario for _, scenario in sizes())
    whole = next(s for s in itertools.chain(drawn, DIRECTED.values(), large) if breaks(target, s))
    return shrink(whole, lambda s: breaks(target, s), RunsLeft(SHRINK_TRIES))


def smallest(target: str) -> Scenario:
    """What is made of the smallest stored scenario that shows the bug, as `conform` does."""
    whole = min((s.scenario for s in sources(None) if breaks(target, s.scenario)), key=size)
    return shrink(whole, lambda s: breaks(target, s), RunsLeft(SHRINK_TRIES))


def found(target: str, name: str) -> Any:
    report = conform(target, Options(runs=0, seed=1))
    return next(trace for trace in report.findings if trace.violation.property == name)


SOME = 24
"""One in so many is tried each time, the others where there is time."""


def test_a_forgotten_tail_takes_two_sends_and_the_hand_off() -> None:
    trace = found("seeded/tail-forgotten", "chain.coverage")
    assert [step.action for step in trace.steps] == [
        "MiniportTcpOffloadSend",
        "MiniportTcpOffloadSend",
        "MiniportTerminateOffload",
        "NdisMTerminateOffloadComplete",
    ]
    assert from_json(trace.meta["scenario"]) == Scenario((Move("send", n=1, m=1),))


def test_an_unsigned_comparison_needs_the_wrap() -> None:
    trace = found("seeded/unsigned-comparison", "snd.una")
    scenario = from_json(trace.meta["scenario"])
    assert [move.kind for move in scenario.moves] == ["send", "transmit", "peer gets", "ack"]
    assert scenario.offloads[0].isn > 2**32 - 100
    assert len(trace.steps) == 6


@pytest.mark.parametrize(
    ("target", "name"),
    [("seeded/rst-forgotten", "disconnect.abort-sent"), ("seeded/stamps-unasked", "target.options")],
)
def test_a_shorter_run_is_told_rather_than_a_smaller_scenario(target: str, name: str) -> None:
    assert len(found(target, name).steps) == 2


@pytest.mark.parametrize("target", one_in(SOME, BUGS))
def test_what_shrinking_leaves_is_one_minimal(target: str) -> None:
    """No move can be dropped, no number lowered, no tree simplified: each was tried, and breaks nothing."""
    scenario = shrunk(target)
    assert breaks(target, scenario)
    simpler = [s for s in neighbors(scenario) if size(s) < size(scenario)]
    assert not [s for s in simpler if breaks(target, s)]


def test_the_check_of_minimality_notices_one_move_too_many() -> None:
    bulky = Scenario((Move("send", n=1, m=1), Move("data", n=1)))
    assert breaks("seeded/tail-forgotten", bulky)
    simpler = [s for s in neighbors(bulky) if size(s) < size(bulky)]
    assert [s for s in simpler if breaks("seeded/tail-forgotten", s)]


TWINS = sorted(
    (f"{SEEDED}{bug.name}", bug.design.steps)
    for bug in seeded_bugs().values()
    if bug.design and bug.python and bug.python.breaks == bug.design.breaks
)
"""Targets with the bug of a seeded design, and the steps of a shortest run that shows it there."""


LATER = {
    "seeded/rst-forgotten": 1,
    "seeded/abort-as-aborted": 1,
    "seeded/aborted-sends-left": 2,
    "seeded/acks-after-rst": 2,
    "seeded/acks-when-reset": 4,
    "seeded/acks-at-hand-off": 4,
    "seeded/buffered-dropped": 1,
    "seeded/call-as-failed": 1,
    "seeded/newest-request-first": 1,
    "seeded/refused-indicated-again": 2,
    "seeded/reset-receives-as-failed": 1,
    "seeded/reset-receives-as-success": 1,
    "seeded/sent-data-not-advanced": 2,
    "seeded/window-update-as-offloaded": 1,
    "seeded/completed-at-hand-off": 2,
    "seeded/end-told-again": 2,
    "seeded/end-told-too-early": 3,
    "seeded/fin-when-queue-empties": 2,
    "seeded/freed-while-read": 1,
    "seeded/never-transmits": 2,
    "seeded/reset-not-told": 5,
    "seeded/reset-sends-as-uploaded": 1,
    "seeded/resets-at-hand-off": 1,
    "seeded/state-as-offloaded": 1,
    "seeded/success-when-sent": 1,
    "seeded/waits-for-requests": 1,
    "seeded/window-ignored": 1,
    "seeded/window-never-opens": 1,
    "seeded/window-never-shrinks": 3,
}
"""Steps more that they take: these targets offer data as soon as it comes, before they can lose or free it,
look through their sends when an acknowledgement or the termination comes, and send when there is cause; and
where a run comes to rest, timers expire and acknowledgements come first. Their RST is a step of its own."""


def test_there_are_targets_to_compare_with_designs() -> None:
    assert len(TWINS) >= 8


@pytest.mark.parametrize(("target", "steps"), one_in(SOME, TWINS))
def test_a_finding_is_no_longer_than_the_shortest_run_of_the_model(target: str, steps: int) -> None:
    assert play(target, smallest(target)).breaches[BUGS[target]].steps <= steps + LATER.get(target, 0)


def test_shrinking_keeps_what_matters_and_nothing_else() -> None:
    wanted = Move("ack", 1, 600, 500)
    noise = tuple(Move("data", k % 2, 100) for k in range(9))
    whole = Scenario((*noise, wanted, *noise), "stack", (Offload(isn=5), Offload(irn=9)))
    tried: list[Scenario] = []

    def wants(scenario: Scenario) -> bool:
        tried.append(scenario)
        return any(m.kind == "ack" and m.n > 50 for m in scenario.moves)

    small = shrink(whole, wants, RunsLeft(1000))
    assert small == Scenario((Move("ack", 0, 51, 10_000),))
    assert len(tried) < 60
    assert len(set(tried)) == len(tried)


def test_what_happens_meanwhile_shrinks_too() -> None:
    inside = (Move("run"), Move("data", n=7), Move("meanwhile", then=(Move("fin"), Move("rst"))))
    whole = Scenario((Move("meanwhile", then=inside), Move("data", n=40)))

    def wants(scenario: Scenario) -> bool:
        return any(t.kind == "rst" for m in scenario.moves for i in m.then for t in i.then)

    rst = Move("meanwhile", then=(Move("rst"),))
    assert shrink(whole, wants, RunsLeft(1000)).moves == (Move("meanwhile", then=(rst,)),)


def test_shrinking_stops_when_its_tries_are_used_up() -> None:
    calls = []
    whole = Scenario(tuple(Move("data", n=k) for k in range(1, 30)))
    shrink(whole, lambda s: not calls.append(s) and False, RunsLeft(10))
    assert len(calls) == 10


def test_shrinking_stops_where_nothing_is_left_of_its_budget() -> None:
    whole = Scenario(tuple(Move("data", n=k) for k in range(1, 30)))
    assert shrink(whole, lambda s: pytest.fail("nothing is left"), RunsLeft(0)) == whole


def numbered(isn: int) -> Scenario:
    """A connection that begins so."""
    return Scenario(offloads=(Offload(isn=isn),))


ODD = {
    "only over the edge": (
        2**31 - 9,
        lambda n: 2**31 - 99 < n < 2**31,
        "wrap-around at 2^31 is needed; ",
    ),
    "over the last edge": (2**32 - 1, lambda n: n > 2**32 - 99, "wrap-around at 2^32 is needed; "),
    "all from 2^31 on": (2**32 - 9, lambda n: n >= 2**31, "with 1000 it does not break"),
    "one odd number": (7, lambda n: n == 7, "with 1000 it does not break"),
    "any number": (2**31 - 9, lambda n: True, ""),
}


@pytest.mark.parametrize(("isn", "holds", "told"), ODD.values(), ids=ODD)
def test_a_number_that_is_not_plain_says_why(isn: int, holds: Callable[[int], bool], told: str) -> None:
    """Wrap-around is called needed only where it was tried without."""
    found = why_odd(numbered(isn), lambda s: holds(s.offloads[0].isn))
    assert len(found) == bool(told)
    for line in found:
        assert line.startswith(f"connection 0, initial send sequence number {isn}: {told}")


@pytest.mark.parametrize(
    ("move", "holds", "told"),
    [
        (Move("send", n=31), lambda m: m.n >= 31, ["send 31: with 30 it does not break"]),
        (Move("send", n=31), lambda m: True, []),
        (Move("send", n=2), lambda m: m.n >= 2, []),
        (Move("ack", n=1, m=7), lambda m: m.m == 7, ["ack 7: with 10000 it does not break"]),
        (Move("ack", n=1, m=10_000), lambda m: m.m == 10_000, []),
    ],
)
def test_an_amount_that_is_not_plain_says_why(
    move: Move, holds: Callable[[Move], bool], told: list[str]
) -> None:
    assert why_odd(Scenario((move,)), lambda s: holds(s.moves[0])) == told


def test_what_is_in_no_step_is_told() -> None:
    moves = (
        *(Move("run short", n=2), Move("data", n=3)),
        *(Move("interrupted", n=4, then=(Move("retransmit"),)), Move("fin"), Move("answers late")),
        *(Move("interrupted"), Move("fin")),  # nobody comes in
    )
    assert told_by_no_step(Scenario(moves)) == [
        "of the memory, pools, buffers and MDLs that the driver asks for next, 2 are given and one is not; "
        'next: "data"',
        "another processor comes in between, at point 4 of the next call: the retransmit timer expires; "
        'next: "fin"',
        "what NDIS completes for the driver comes later: lists that it indicated, scatter/gather lists",
    ]


def test_a_request_in_nonpush_mode_is_called_so() -> None:
    moves = (Move("receive", n=9), Move("receive whole", n=9))
    steps = InProcess(Reference).play(Scenario(moves), traced=True).steps
    assert [step.says.endswith(", in nonpush mode") for step in steps[:2]] == [False, True]


def test_a_story_says_why_a_number_is_not_plain() -> None:
    trace = found("seeded/unsigned-comparison", "snd.una")
    why = trace.meta["values"][0]
    assert "wrap-around at 2^32 is needed" in why
    assert why in " ".join(text(trace, 80).split())
    assert why in " ".join(text(trace, 80, full=True).split())
    assert "values" not in found("seeded/tail-forgotten", "chain.coverage").meta
