"""Every property is exactly as strong as it is meant: a change of one step in it is seen in a stored state.

edges.py makes the states, and says what a change of one step is.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from edges import FILE, JUDGES, Edges, changed, modules

from chimneysweep.properties.chimney import send_chain
from chimneysweep.properties.chimney.chimney import CHIMNEY

STORED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
STATES = STORED["states"]
ANEW = "if that is meant: python tests/edges.py, and look at what it changes in edges.json"


@pytest.fixture(scope="module")
def edges() -> Edges:
    return Edges()


def test_every_property_that_is_declared_has_states() -> None:
    assert set(STATES) == {p.name for p in CHIMNEY.of_kind(*JUDGES)}, ANEW
    assert [name for name, known in STATES.items() if all(state["holds"] for state in known)] == []


@pytest.mark.parametrize("name", STATES)
def test_a_property_says_of_each_state_what_it_is_meant_to(edges: Edges, name: str) -> None:
    prop = CHIMNEY.find(name)
    for stored in STATES[name]:
        assert edges.holds(prop, stored["state"]) == stored["holds"], ANEW


def test_what_is_a_little_weaker_is_seen(edges: Edges) -> None:
    found = {change.name: pairs for change, pairs in changed(send_chain)}
    (prop, weaker), *_ = (
        pair
        for pair in found["send_chain.order: buf.next > here -> buf.next >= here"]
        if pair[0].name == "chain.order"
    )
    assert edges.told_apart(prop, weaker, STATES["chain.order"])
    assert not edges.told_apart(prop, prop, STATES["chain.order"])


@pytest.mark.slow
def test_every_change_is_seen_or_changes_nothing(edges: Edges) -> None:
    unseen = []
    for module in modules():
        for change, pairs in changed(module):
            seen = any(edges.told_apart(prop, other, STATES.get(prop.name, ())) for prop, other in pairs)
            unseen += [change.name] * (not seen)
    assert sorted(unseen) == STORED["alike"], ANEW
