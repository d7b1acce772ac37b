"""Replaying a trace on the model: the first difference is found, and named."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from sample_trace import FAKE, find, sample, system

from chimneysweep.counterexamples.model_replay import Now, Replay, as_recorded, replay_on_model
from chimneysweep.counterexamples.trace import Trace, TracedSubject, flat, run, traced
from chimneysweep.model.event import Happening, Later, event
from chimneysweep.model.logic import Value
from chimneysweep.model.records import INT, between, update, var
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.subject import Part, Subject


def replay(trace: Trace) -> Replay:
    return replay_on_model(trace, system(), find)


def with_step(number: int, **changes: Any) -> Trace:
    """The sample with something else recorded in one step (counted from 1)."""
    steps = list(sample().steps)
    steps[number - 1] = dataclasses.replace(steps[number - 1], **changes)
    return dataclasses.replace(sample(), steps=steps)


def with_change(number: int, changes: Mapping[str, tuple[int, int]]) -> Trace:
    return with_step(number, changes={**sample().steps[number - 1].changes, **changes})


def test_a_true_trace_replays() -> None:
    result = replay(sample())
    assert result.ok
    assert "all 15 steps" in result.message
    assert result.state is not None
    assert result.state.conns[0].host.una == 12


def test_a_witness_replays_without_looking_for_a_property() -> None:
    def never(name: str) -> Any:
        raise AssertionError(name)

    assert replay_on_model(dataclasses.replace(sample(), violation=None), system(), never).ok


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (with_change(3, {"conns[0].own.max": (0, 401)}), "step 3, Transmit: conns[0].own.max differs"),
        (with_change(3, {"conns[0].own.max": (0, 401)}), "changes it to 401, the model to 400"),
        (with_change(3, {"conns[0].own.una": (0, 5)}), "own.una differs: the trace changes it to 5"),
        (with_change(3, {"conns[0].own.max": (1, 400)}), "starts from 1, the model from 0"),
        (
            with_change(3, {"ghost": (0, 1)}),
            "step 3, Transmit: the model has no variable ghost, which the trace changes",
        ),
        (with_step(3, changes={}), "own.nxt differs: the trace leaves it at 0, the model changes it to 400"),
        (with_change(11, {"phase": (0, True)}), "step 11, MiniportTerminateOffload: phase differs"),
        (with_step(4, action="Teleport"), "step 4: reference has no action Teleport"),
        (with_step(4, parameters={"conn": 0}), "step 4: PeerReceives lacks its parameter upto"),
        (with_step(4, parameters={"conn": 0, "upto": 12, "x": 1}), "has no parameter x"),
        (with_step(4, parameters={"conn": 2, "upto": 12}), "step 4: conn=2 is no value for PeerReceives"),
        (with_step(4, parameters={"conn": 0, "upto": "12"}), "step 4: upto=12 is no value"),
        (with_step(4, parameters={"conn": 0, "upto": 401}), "PeerReceives is not possible in reference here"),
    ],
)
def test_a_false_step_is_named(trace: Trace, told: str) -> None:
    result = replay(trace)
    assert not result.ok
    assert told in result.message


def test_the_first_difference_is_the_one_named() -> None:
    late = with_change(6, {"conns[0].own.una": (12, 13)})
    both = list(late.steps)
    both[2] = with_change(3, {"conns[0].own.max": (0, 401)}).steps[2]
    result = replay(dataclasses.replace(late, steps=both))
    assert result.message.startswith("step 3, Transmit")
    assert result.state is not None
    assert result.state.conns[0].own.max == 0  # the state before the step that differs


@pytest.mark.parametrize(
    ("initial", "told"),
    [
        ({"conns[0].own.una": 1}, "not one in which reference starts"),
        ({"conns[0].isn": 2**32}, "at the start conns[0].isn is 4294967296"),
        ({"stale_write": 0}, "at the start stale_write is 0"),
    ],
)
def test_a_false_start_is_named(initial: dict[str, int], told: str) -> None:
    trace = dataclasses.replace(sample(), initial={**sample().initial, **initial})
    assert told in replay(trace).message
    assert not replay(trace).ok


def without(*names: str) -> Trace:
    """The sample as an older version wrote it, to which these variables were not known."""

    def rest(values: Mapping[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in values.items() if k not in names}

    steps = [dataclasses.replace(s, changes=rest(s.changes)) for s in sample().steps]
    return dataclasses.replace(sample(), initial=rest(sample().initial), steps=steps)


def test_a_variable_that_an_older_trace_lacks_has_its_declared_value() -> None:
    older = without("conns[0].own.max", "conns[0].bufs[1].returns", "astray")
    result = replay(older)
    assert result.ok, result.message
    assert result.state is not None
    assert result.state.conns[0].own.max == 400  # it changes, and is not compared


def test_what_follows_from_another_first_value_than_the_declared_one_is_a_difference() -> None:
    assert "conns[0].given.snd_una differs" in replay(without("conns[0].isn")).message
    assert replay(without("blocks[0].in_tree")).message.startswith("the first state is not one in which")


def test_a_variable_that_the_model_lacks_is_said() -> None:
    more = dataclasses.replace(sample(), initial={**sample().initial, "ghost": 0})
    result = replay(more)
    assert result.ok
    assert result.message.endswith("(the trace also has ghost, which the model lacks and no step changes)")
    steps = [*more.steps[:2], dataclasses.replace(more.steps[2], changes={"ghost": (0, 1)}), *more.steps[3:]]
    assert not replay(dataclasses.replace(more, steps=steps)).ok


@dataclasses.dataclass(frozen=True)
class Tap:
    water: Value = var(INT)


@event("host", seconds=between(1), litres=Later(between(0), 2))
def Opened(s: Tap, p: Any) -> Happening:
    """the tap runs {seconds} seconds, {litres} litres a second"""
    return True, update(s, water=s.water + p.seconds * p.litres)


def test_a_parameter_that_is_newer_than_the_trace_has_the_default_of_its_event() -> None:
    tap = Subject("tap", "a tap", lambda bounds: Tap(), parts=(Part("tap", events=(Opened,)),))
    system = tap.system("general", tap.bounds)
    steps, _ = run(system, system.template, [("Opened", {"seconds": 3, "litres": 2})])
    assert steps[0].changes == {"water": (0, 6)}
    trace = Trace("model", "general", tap.bounds, flat(system.template), steps, None, subject=traced(tap))
    older = dataclasses.replace(trace, steps=[dataclasses.replace(steps[0], parameters={"seconds": 3})])
    assert replay_on_model(older, system, tap.find).ok
    other = dataclasses.replace(trace, steps=[dataclasses.replace(steps[0], parameters={"litres": 2})])
    assert "lacks its parameter seconds" in replay_on_model(other, system, tap.find).message


def test_a_trace_is_replayed_with_the_parts_that_it_was_made_with() -> None:
    names = [part.name for part in CHIMNEY.parts]
    wider = CHIMNEY.with_parts(Part("doubts"))
    witness = dataclasses.replace(sample(), violation=None)
    assert [part.name for part in as_recorded(witness, wider).parts] == names
    assert as_recorded(sample(), wider) is wider, "what it breaks is in none of them"
    gone = dataclasses.replace(witness, subject=TracedSubject("chimney", parts=(*names, "gone")))
    assert as_recorded(gone, wider) is wider, "a part that there is no more: all that there is"
    oldest = dataclasses.replace(witness, subject=TracedSubject("chimney"))
    assert as_recorded(oldest, wider) is wider


def _violated(**changes: Any) -> Trace:
    violation = sample().violation
    assert violation is not None
    return dataclasses.replace(sample(), violation=dataclasses.replace(violation, **changes))


def _broken(**changes: Any) -> Trace:
    violation = sample().violation
    assert violation is not None
    return _violated(broken=[dataclasses.replace(violation.broken[0], **changes)])


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (_violated(property="gone"), "there is no property gone any more"),
        (
            _broken(where="connection 1"),
            "breaks elsewhere: the trace says connection 1, the model connection 0",
        ),
        (
            _broken(values={"Next": -1, "status": 1, "in the host's queue at": 9}),
            "the trace says 9, the model 12",
        ),
        (_violated(broken=[]), "the trace names 0 failed conditions, the model finds 1"),
    ],
)
def test_another_violation_is_named(trace: Trace, told: str) -> None:
    result = replay(trace)
    assert not result.ok
    assert told in result.message


def test_a_trace_that_stops_too_early_breaks_nothing() -> None:
    result = replay(dataclasses.replace(sample(), steps=sample().steps[:-1]))
    assert (result.now, result.message) == (Now.GONE, f"the last state does not break {FAKE.name}")


def test_better_wording_is_no_difference() -> None:
    assert replay(_broken(says="said otherwise")).ok
    assert replay(_broken(values={"status": 1, "what it was called then": 9})).ok
