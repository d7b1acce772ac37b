"""The other half of each pair: what breaks a seeded design does not break the reference."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from test_designs_bugs import SEEDED, SMALL

from chimneysweep.engines.bmc import Exhausted, Outcome, ShortestRun, search
from chimneysweep.engines.encode import Encoded
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import world_size
from chimneysweep.model.logic import Not, all_of
from chimneysweep.properties.chimney.chimney import CHIMNEY

DEEPEST = {bug.breaks: bug.steps for bug in sorted(SEEDED, key=lambda bug: bug.steps)}
"""For each property that a seeded design breaks, the most steps that one takes to do so."""


def any_broken(name: str, props: Iterable[str], bounds: Bounds, depth: int) -> Outcome:
    """The outcome of looking for a run of the design that breaks any of *props*."""
    claims = [CHIMNEY.find(prop) for prop in props]
    encoded = Encoded(CHIMNEY.system(CHIMNEY.design(name), bounds))
    return search(encoded, lambda world: Not(all_of(p.holds(world) for p in claims)), depth)


def test_the_reference_breaks_nothing_that_a_seeded_design_breaks() -> None:
    assert any_broken("reference", DEEPEST, SMALL, 4) == Exhausted(4)


@pytest.mark.parametrize("name", ["success-when-sent", "disconnect-before-fin-acked"])
def test_a_seeded_design_in_its_place_is_caught(name: str) -> None:
    assert isinstance(any_broken(name, DEEPEST, SMALL, 3), ShortestRun)


@pytest.mark.slow
@pytest.mark.parametrize("prop", sorted(DEEPEST))
def test_the_reference_keeps_it_as_deep_as_a_seeded_design_breaks_it(prop: str) -> None:
    assert any_broken("reference", [prop], world_size(), DEEPEST[prop]) == Exhausted(DEEPEST[prop])
