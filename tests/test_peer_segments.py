"""Segments that come twice, overlap, fill a hole, or acknowledge too much: who mistakes them is found."""

from __future__ import annotations

from typing import Any

import pytest
from peer_segment_targets import RIGHT, WRONG, HostsWhenClosed

from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.generate import scenario as random_scenario
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.old_segments import fin_again
from chimneysweep.targets.chimney.peer_segments import (
    ack_ahead,
    fill,
    last_data,
    overlap,
    repeat,
    scattered,
    stray_rst,
)
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.chimney.stray_syns import exact_syn, stray_syn
from chimneysweep.targets.chimney.urgent_data import stray_urgent, urgent
from chimneysweep.targets.running.direct import InProcess

SYNS, URGENT = (stray_syn, exact_syn), (urgent, stray_urgent)
DATA = (fill, last_data, overlap, repeat, scattered)
KINDS = {k.name for k in (*DATA, fin_again, ack_ahead, stray_rst, *SYNS, *URGENT)}


def breaks(target: Any, scenario: Scenario) -> list[str]:
    return sorted(InProcess(target).play(scenario).breaches)


@pytest.mark.parametrize(("target", "name"), WRONG.items(), ids=[target.__name__ for target in WRONG])
def test_a_target_that_mistakes_one_is_found(target: Any, name: str) -> None:
    assert breaks(target, DIRECTED[name])
    without = tuple(move for move in DIRECTED[name].moves if move.kind not in KINDS)
    assert not breaks(target, Scenario(without)), "by nothing else in that scenario"


@pytest.mark.parametrize("target", RIGHT, ids=lambda target: str(target.__name__))
def test_a_target_may_drop_keep_and_trim(target: Any) -> None:
    for name in WRONG.values():
        assert breaks(target, DIRECTED[name]) == [], name


def test_a_connection_that_is_closed_gets_nothing_new() -> None:
    closed = (Move("fin"), Move("disconnect"), Move("rest"))
    after = (Move("fin again"), Move("ack", n=1, m=900), Move("rest"))
    assert breaks(HostsWhenClosed, Scenario((*closed, *after))) == []


@pytest.mark.parametrize("target", RIGHT, ids=lambda target: str(target.__name__))
def test_no_random_run_with_such_segments_blames_one_that_is_right(target: Any) -> None:
    from random import Random

    played = (random_scenario(Random(k)) for k in range(150))
    some = [s for s in played if any(move.kind in KINDS for move in s.moves)]
    assert len(some) > 20
    for scenario in some:
        assert breaks(target, scenario) == []


def test_they_are_skipped_where_they_cannot_be() -> None:
    """No hole, nothing arrived, nothing more to say after a FIN or an RST."""
    for first in ((), (Move("fin"),), (Move("rst"),), (Move("fails"),)):
        moves = (
            *first,
            Move("fill", n=5),
            Move("repeat", n=3),
            Move("fin again", n=1),
            Move("ack ahead", n=9),
            Move("overlap", n=1, m=2),
            Move("scattered", n=9, m=2),
            Move("last data", n=1, m=1),
            Move("stray rst", n=1),
            Move("stray syn", n=1),
            Move("exact syn"),
            Move("urgent", n=1),
            Move("stray urgent", n=1, m=2),
        )
        assert breaks(RIGHT[0], Scenario(moves)) == []
