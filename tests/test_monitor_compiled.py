"""The compiled monitor says what the plain one says, event by event, and a fault in the compiler shows."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import z3
from twin_monitors import twins

from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.model.chimney.state import world_size
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.subject import Part
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.chimney.built_in import BUILT_IN
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.compiled import monitor_maker, program, terms
from chimneysweep.targets.judging.compiled.monitor_maker import SIZES, Maker
from chimneysweep.targets.judging.compiled.terms import CBlock, Terms, Untranslatable
from chimneysweep.targets.judging.criteria import Criteria, criteria
from chimneysweep.targets.machine.cache import Cache
from chimneysweep.targets.machine.toolchain import Compiler
from chimneysweep.targets.running.compiled_monitors import Compiled, start
from chimneysweep.targets.running.direct import JUDGED

TARGETS = [entry for entry in BUILT_IN.values() if entry.target]
SMALL = SIZES[1]


@cache
def compiled() -> Compiled:
    return Compiled(Maker(JUDGED), make=True)


@cache
def library() -> Any:
    return Maker(JUDGED).made(SMALL)


def drawn(name: str, count: int) -> list[Any]:
    """Random scenarios of two connections that the small size holds."""
    many = (scenario(Random(f"{name} {k}")) for k in range(20 * count))
    return [one for one in many if SMALL.hold(one.bounds()) and len(one.offloads) == 2][:count]


def differences(made: Any, target: Any, scenarios: Any) -> list[str]:
    return [d for one in scenarios for d in twins(made, target, one, JUDGED).differences]


@pytest.mark.parametrize("entry", TARGETS, ids=lambda entry: entry.name)
def test_both_monitors_agree_after_every_event(entry: Any) -> None:
    assert differences(library(), entry.target, drawn(entry.name, 5)) == []


@pytest.mark.parametrize("size", [SIZES[0], *SIZES[2:]], ids=str)
def test_they_agree_in_every_other_size(size: Any) -> None:
    many = [*DIRECTED.values(), *(scenario(Random(f"sizes {k}")) for k in range(150))]
    chosen = [one for one in many if compiled()._size(one.bounds()) == size][:2]
    assert len(chosen) == 2
    assert differences(Maker(JUDGED).made(size), Reference, chosen) == []


@pytest.mark.parametrize("entry", TARGETS[::3], ids=lambda entry: entry.name)
def test_a_scenario_breaks_the_same_in_a_world_of_its_own_size(entry: Any) -> None:
    """The room that the compiled world has besides changes nothing."""
    for one in (scenario(Random(f"own size {entry.name} {k}")) for k in range(12)):
        plain = Play(entry.target, one, JUDGED)
        plain.run()
        fast = Play(entry.target, one, JUDGED, judge=compiled().monitor(one))
        fast.run()
        steps = [{name: b.steps for name, b in play.breaches.items()} for play in (plain, fast)]
        assert steps[0] == steps[1]
        assert plain.judge.reached == fast.judge.reached
        assert list(plain.judge.names) == list(fast.judge.names)
        assert plain.calls == fast.calls


@pytest.mark.parametrize("size", [None, *(size for size in SIZES if size.connections == 2)], ids=str)
def test_how_often_the_host_posts_depends_on_the_scenario_and_not_on_who_judges(size: Any) -> None:
    """Else a seed gives one search where the monitor in C was made before, and another where it was not."""
    refused = (Move("appetite", 1), Move("data", 1, 1), Move("overlap", 1, 1, 1))
    one = Scenario(refused, offloads=(Offload(), Offload()))
    judge = start(Maker(JUDGED).made(size), one) if size else None
    play = Play(Reference, one, JUDGED, judge=judge)
    play.run()
    assert play.judge.names.count("MiniportTcpOffloadReceive") == one.bounds().requests == 1


# -- faults in the compiler, planted -------------------------------------------------


def made_anew(folder: Path) -> Any:
    return Maker(JUDGED, Cache(folder)).made(SMALL)


def first_differences(made: Any) -> list[str]:
    """Those of the first target that shows any."""
    for entry in TARGETS:
        found = differences(made, entry.target, drawn(f"fault {entry.name}", 3))
        if found:
            return found
    return []


def test_a_wrong_operator_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(terms.PAIRS, z3.Z3_OP_LE, "<")
    assert first_differences(made_anew(tmp_path))


def test_a_property_that_is_not_judged_again_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program.Writer, "_reads", lambda self, cases: frozenset({"s->quiescent"}))
    assert any("reached are" in difference for difference in first_differences(made_anew(tmp_path)))


def test_a_value_stored_before_it_was_read_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores in the order of the record, each at once: later values see earlier ones."""
    whole = program.Writer._event

    def hasty(self: Any, action: Any, parameters: Any) -> list[str]:
        lines = whole(self, action, parameters)
        values = dict(
            line[len("const int64_t ") : -1].split(" = ", 1)
            for line in lines
            if line.startswith("const int64_t n")
        )
        rest = [line for line in lines if not line.startswith("const int64_t n")]
        return [
            f"{line.split(' = ')[0]} = {values[line[:-1].split(' = ')[1]]};"
            if line.startswith("s->")
            else line
            for line in rest
        ]

    monkeypatch.setattr(program.Writer, "_event", hasty)
    assert first_differences(made_anew(tmp_path))


def test_a_term_without_c_is_refused() -> None:
    with pytest.raises(Untranslatable, match="with 2 operands"):
        Terms().of(z3.Int("a") * z3.Int("b"))


def test_what_is_used_twice_is_computed_once() -> None:
    a = z3.Int("a")
    twice = z3.If(a + 1 > 3, a + 1, 0)
    scope = CBlock([Terms().of(twice)])
    assert scope.lines == ["const int64_t t0 = (a + INT64_C(1));"]


# -- which monitor judges ------------------------------------------------------------


def test_a_number_that_c_cannot_hold_is_left_to_the_plain_monitor() -> None:
    class Large(Reference):
        def _delegate(self, conn: Any, state: Any) -> None:
            super()._delegate(conn, state)
            state.snd_wnd = self.number

    one = Scenario((Move("send", n=10),))
    for number, beyond in ((2**40, False), (2**41, True), (2**70, True), (-(2**70), True)):
        Large.number = number  # type: ignore[attr-defined]
        monitor = compiled().monitor(one)
        Play(Large, one, JUDGED, judge=monitor).run()
        assert monitor is not None
        assert monitor.beyond is beyond


def test_a_scenario_that_no_size_holds_has_no_compiled_monitor() -> None:
    assert compiled().monitor(Scenario((Move("send", n=1, m=15),))) is not None
    assert compiled().monitor(Scenario((Move("send", n=1, m=16),))) is None


def test_without_a_compiler_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    without = Compiled(Maker(JUDGED, Cache(tmp_path)), make=True)
    assert without.monitor(Scenario()) is None


def test_a_monitor_is_made_once_and_then_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, tiny = Scenario(), (world_size(1, 1, 1, 1),)
    maker = Maker(JUDGED, Cache(tmp_path))
    assert Compiled(maker, make=False, sizes=tiny).monitor(one) is None
    assert Compiled(maker, make=True, sizes=tiny).monitor(one) is not None
    monkeypatch.setattr(Compiler, "run", lambda self, arguments: pytest.fail("compiled again"))
    assert Compiled(maker, make=True, sizes=tiny).monitor(one) is not None
    assert Compiled(maker, make=False, sizes=tiny).monitor(one) is not None


def test_another_source_makes_another_monitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = dataclasses.replace(JUDGED, properties=JUDGED.properties[1:])
    names = [Maker(judged, Cache(tmp_path))._name(SMALL) for judged in (JUDGED, fewer)]
    monkeypatch.setattr(monitor_maker, "_sources", lambda: iter([b"changed"]))
    names.append(Maker(JUDGED, Cache(tmp_path))._name(SMALL))
    assert len(set(names)) == 3


def test_what_a_user_adds_is_not_compiled() -> None:
    planted = dataclasses.replace(CHIMNEY.properties[0], says="planted")
    with pytest.raises(ValueError, match="only the chimney's own"):
        Maker(Criteria(CHIMNEY, (planted,)))
    with pytest.raises(ValueError, match="only the chimney's own"):
        Maker(criteria(CHIMNEY.with_parts(Part("pauses"))))
