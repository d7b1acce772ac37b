"""Judging only what may have changed finds what judging everything finds."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import pytest

from chimneysweep.counterexamples.trace import violation
from chimneysweep.model.chimney.state import template, world_size
from chimneysweep.model.records import rebuild, update, values
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.chimney.built_in import BUILT_IN
from chimneysweep.targets.chimney.play import Play, first_world
from chimneysweep.targets.judging import criteria as criteria_module
from chimneysweep.targets.judging import reads as reads_module
from chimneysweep.targets.judging.criteria import Criteria, criteria
from chimneysweep.targets.judging.monitor import Breach, Monitor
from chimneysweep.targets.judging.reads import changed, table
from chimneysweep.targets.running.direct import JUDGED

TARGETS = [entry for entry in BUILT_IN.values() if entry.target]


class Eager(Monitor):
    """Judges every property after every event."""

    def _judge(self, before: Any) -> None:
        for prop in self.criteria.properties:
            if prop.id not in self.breaches and self._breaks(prop):
                found = violation(prop, self.world)
                assert found
                self.breaches[prop.id] = Breach(len(self.history), found)


@cache
def scenarios() -> list[Any]:
    directed = [DIRECTED["bytes lost on the way"], *list(DIRECTED.values())[::9]]
    return [*directed, *(scenario(Random(f"reads {k}")) for k in range(6))]


def verdicts(kind: Any, target: Any, one: Any, judged: Criteria) -> Any:
    bounds = one.bounds()
    play = Play(target, one, judged, judge=kind(first_world(one, bounds, CHIMNEY), bounds, judged))
    play.run()
    return play.monitor.breaches, play.monitor.reached


def disagreements(target: Any, judged: Criteria = JUDGED) -> int:
    pairs = ([verdicts(kind, target, one, judged) for kind in (Monitor, Eager)] for one in scenarios())
    return sum(left != right for left, right in pairs)


@pytest.mark.parametrize("entry", TARGETS, ids=lambda entry: entry.name)
def test_the_verdicts_are_those_of_judging_everything(entry: Any) -> None:
    assert disagreements(entry.target) == 0


@pytest.mark.parametrize(
    ("forgotten", "name"),
    [("quiescent", "never-completes"), ("phase", "never-completes"), ("conns.peer.shift", "wrong-offset")],
)
def test_a_forgotten_field_is_caught(forgotten: Any, name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def table(properties: Any, small: Any) -> Any:
        whole = reads_module.table(properties, small)
        return tuple(tuple(fields - {forgotten} for fields in phase) for phase in whole)

    monkeypatch.setattr(criteria_module, "table", table)
    assert disagreements(BUILT_IN[f"seeded/{name}"].target, criteria(CHIMNEY)) > 0


def test_a_larger_world_has_no_property_read_anything_else() -> None:
    larger = CHIMNEY.blank(world_size(buffers=4, blocks=5, connections=2, requests=3))
    assert table(JUDGED.properties, larger) == JUDGED.reads


def test_before_the_hand_back_most_properties_have_nothing_to_say() -> None:
    assert sum(not fields for fields in JUDGED.reads[0]) > len(JUDGED.properties) / 2


def test_every_changed_field_is_named() -> None:
    rng = Random(5)
    world = template(world_size(2, 2, 2, 2))
    flat = values(world)
    for k in rng.sample(range(len(flat)), 40):
        other = rebuild(world, [*flat[:k], 77, *flat[k + 1 :]])
        found = changed(world, other)
        assert len(found) == 1
        assert "[" not in "".join(found)
    assert changed(world, world) == set()
    assert changed(world, update(world, quiescent=True, phase=1)) == {"quiescent", "phase"}
