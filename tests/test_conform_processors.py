"""Two processors in a driver in C at once: what only that shows is found, and lawful drivers pass."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from native_stage import altered, needs_cc

from chimneysweep.counterexamples.model_replay import Now
from chimneysweep.targets.campaign import interleavings
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.campaign.interleavings import CallPair
from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.chimney.seeded_bugs import Form, seeded_bugs
from chimneysweep.targets.running.launch import launch
from chimneysweep.targets.running.outcome import Outcome
from chimneysweep.targets.running.target_replay import replay_on_target

pytestmark = needs_cc

RACES = ("send-without-lock",)
AT_ONCE = {bug.name: bug.c for bug in seeded_bugs().values() if bug.c and bug.at_once}


def together(target: str, shrink: bool = False) -> ConformReport:
    """What a campaign finds with the few schedules of two processors that each has."""
    return conform(target, Options(runs=0, seed=1, shrink=shrink, sources=("processors",)))


def schedules(
    target: str, pair: CallPair, points: tuple[int, int], ends: Callable[[Outcome], object]
) -> list[Outcome]:
    """A pair interrupted at each of its first points, and at each of the second call's, until it *ends*."""
    found = []
    with launch(target) as runner:
        for n, m in itertools.product(*map(range, points)):
            found.append(runner.play(pair.schedule(n, m)))
            if ends(found[-1]):
                break
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), AT_ONCE.items(), ids=AT_ONCE)
def test_what_only_two_processors_show_is_found(name: str, form: Form) -> None:
    report = together(f"miniports/{name}")
    assert form.breaks in {trace.violation.property for trace in report.findings if trace.violation}
    assert report.stopped_after == "processors"


def test_a_schedule_is_in_the_trace_replays_and_is_made_small() -> None:
    report = together("miniports/acknowledged-then-popped", shrink=True)
    trace = report.findings[0]
    assert "flaky" not in trace.meta
    interruption = [move for move in trace.meta["scenario"]["moves"] if move["kind"] == "interrupted"]
    assert [(move["m"], [then["kind"] for then in move["then"]]) for move in interruption] == [(0, ["run"])]
    assert replay_on_target(trace).now is Now.AGAIN


def test_two_processors_that_wait_for_each_other() -> None:
    pair = CallPair("idle", moves.give_time(), moves.forward())
    found = schedules(
        "miniports/locks-in-both-orders", pair, (16, 1), lambda o: "target.deadlock" in o.breaches
    )
    says = found[-1].breaches["target.deadlock"].violation.broken[0].where
    assert "waits for a lock that the other processor took at " in says
    assert says.count("receive.c:") == 2


@pytest.mark.parametrize("name", RACES)
def test_a_data_race_is_told_with_both_places(name: str) -> None:
    trace = together(f"miniports/{name}").findings[0]
    assert trace.violation is not None
    assert trace.violation.property == "target.data-race"
    assert re.fullmatch(
        r"memory is (read|written) at (\w+\.c):\d+ that the other processor has (read|written)"
        r" at (\w+\.c):\d+, and nothing orders the two",
        trace.violation.broken[0].where,
    )


def test_the_same_schedule_does_the_same_twice() -> None:
    pair = CallPair("busy", moves.ack(n=9, m=100), moves.receive(n=4))
    runs = [schedules("miniports/reference", pair, (8, 2), lambda o: False) for _ in range(2)]
    assert [(o.happened, o.points) for o in runs[0]] == [(o.happened, o.points) for o in runs[1]]
    assert not any(o.breaches for o in runs[0])
    assert len({o.happened for o in runs[0]}) > 1, "who comes first makes a difference"


STYLES = {
    "the kernel's own locks": (
        "miniport.h",
        "#define TAG_ADAPTER",
        "#define NdisAcquireSpinLock(lock) KeAcquireSpinLock(&(lock)->SpinLock, &(lock)->OldIrql)\n"
        "#define NdisReleaseSpinLock(lock) KeReleaseSpinLock(&(lock)->SpinLock, (lock)->OldIrql)\n"
        "#define TAG_ADAPTER",
    ),
    "an interlocked count": (
        "events.c",
        "    NdisAcquireSpinLock(&Connection->Lock);\n    Connection->Busy--;\n"
        "    NdisReleaseSpinLock(&Connection->Lock);\n",
        "    InterlockedDecrement((PLONG)&Connection->Busy);\n",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_lawful_drivers_lock_as_they_like(style: str, tmp_path: Path) -> None:
    report = together(str(altered(tmp_path / "driver", *STYLES[style])))
    assert report.findings == ()
    assert report.world.sources["processors"]["runs"] > 50


@pytest.mark.slow
def test_the_reference_passes_every_schedule() -> None:
    options = Options(runs=500, seed=1, processors=2, sources=("processors",))
    assert conform("miniports/reference", options).findings == ()


@pytest.mark.parametrize("m", [0, 1, 2])
def test_what_is_handed_back_the_nic_has_let_go_of(m: int) -> None:
    def interrupted(n: int) -> Scenario:
        fails = moves.interrupted(n=n, m=m, then=(moves.fails(),))
        return Scenario((moves.terminate(), fails, moves.give_time()), shape="connection")

    with launch("miniports/reference") as runner:
        found = [runner.play(interrupted(n)) for n in range(30, 60)]
    assert [o.breaches for o in found if o.breaches] == []
    assert any(o.points and o.points[1] > 0 for o in found), "the interrupt comes before all is handed back"


@pytest.mark.parametrize("call", [moves.ack(n=0, m=500), moves.data(n=3), moves.transmit(n=4)])
def test_a_query_that_overtakes_a_segment_tells_what_was_before(call: Move) -> None:
    pair = CallPair("idle", call, moves.query())
    found = schedules("miniports/reference", pair, (12, 1), lambda o: False)
    assert [o.breaches for o in found if o.breaches] == []
    assert any(o.points and o.points[1] > 0 for o in found)


def test_only_what_may_be_at_once_is() -> None:
    def may(call: Move, other: Move) -> bool:
        return moves.at_once(other, [call])

    assert may(moves.data(n=1), moves.receive(n=1))
    assert may(moves.send(n=1), moves.send(1, 1)), "on another connection"
    assert not may(moves.send(n=1), moves.disconnect()), "the host orders them"
    assert not may(moves.data(n=1), moves.ack(n=1)), "the NIC has one interrupt"
    assert not may(moves.send(n=1), moves.terminate()), "the host waits until its call has returned"
    assert not may(moves.terminate(), moves.data(n=1)), "who came first, nobody can tell"
    assert not may(moves.query(), moves.give_time()), "the host waits for the answer: what is deferred runs"
    assert not may(moves.rest(), moves.send(n=1))
    assert {pair.situation for pair in interleavings.pairs()} == set(interleavings.SITUATIONS)


def test_a_target_that_is_not_interrupted_has_no_such_runs() -> None:
    assert together("seeded/tail-forgotten").runs == 0
