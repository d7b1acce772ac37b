"""Scenarios: plain data that can be kept, and worlds that the model starts in too."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from chimneysweep.model.chimney.shapes import SHAPES, Offload, model_blocks, shape
from chimneysweep.model.chimney.tree import walk
from chimneysweep.model.chimney.world import initial
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.targets.campaign import stored
from chimneysweep.targets.campaign.breed import Breeder
from chimneysweep.targets.campaign.current import todays_goals
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.gather import play
from chimneysweep.targets.campaign.generate import visit
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.moves import MOVES, at_once, interrupted, run_short
from chimneysweep.targets.chimney.play import Play, first_world
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario, from_json
from chimneysweep.targets.chimney.tree_shapes import connections, nodes, objects, whole
from chimneysweep.targets.chimney.whole_run import (
    answers_early,
    answers_late,
    load_short,
    offload_short,
    offloading,
    start_short,
)
from chimneysweep.targets.chimney.wire_bytes import STREAM
from chimneysweep.targets.running.direct import JUDGED


def random_scenarios(count: int, seed: int) -> list[Scenario]:
    found: list[Scenario] = []
    visit(count, seed, found.append)
    return found


def test_every_move_has_words_and_is_played() -> None:
    assert all(kind.says for kind in MOVES.values())
    scenarios = (*DIRECTED.values(), *random_scenarios(600, 1))
    played = {move.kind for s in scenarios for move in _flat(s.moves)}
    assert played == set(MOVES)


def test_what_is_rare_comes_now_and_then_and_in_what_is_bred_too() -> None:
    """Two calls at once among them may be made at once, so that the interruption is played."""
    rare = {kind.name for kind in (interrupted, run_short, offloading)} | {
        kind.name for kind in (offload_short, start_short, load_short, answers_late, answers_early)
    }
    drawn = random_scenarios(600, 6)
    of_these = [s for s in drawn if rare & {move.kind for move in s.moves}]
    assert 0.08 * len(drawn) < len(of_these) < 0.18 * len(drawn)
    assert {move.kind for s in of_these for move in s.moves} >= rare
    pairs = [pair for s in of_these for pair in itertools.pairwise(s.moves) if pair[0].kind == "interrupted"]
    assert len(pairs) > 5
    assert all(at_once(other, [call]) for first, call in pairs for other in first.then)
    bred = [Breeder(Random(k), MOVES).child(drawn[0], [], drawn[1]) for k in range(600)]
    assert rare <= {move.kind for s in bred for move in s.moves}


@pytest.mark.parametrize("scenario", [*DIRECTED.values(), *random_scenarios(30, 2)])
def test_a_scenario_reads_back_and_starts_where_the_model_does(scenario: Scenario) -> None:
    assert from_json(json.loads(json.dumps(scenario.to_json()))) == scenario
    bounds = scenario.bounds()
    assert initial(first_world(scenario, bounds, CHIMNEY), CHIMNEY.blank(bounds)) is True


def test_the_same_seed_draws_the_same_scenarios() -> None:
    assert random_scenarios(20, 3) == random_scenarios(20, 3)
    assert random_scenarios(20, 3) != random_scenarios(20, 4)
    assert random_scenarios(40, 3)[:20] == random_scenarios(20, 3)


def test_a_seed_draws_the_same_scenarios_everywhere() -> None:
    (first,) = random_scenarios(1, 3)
    text = json.dumps(first.to_json(), sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "d11d96457c481550"


def test_random_scenarios_draw_from_everything() -> None:
    drawn = random_scenarios(300, 5)
    starts = {o.isn for s in drawn for o in s.offloads}
    assert {0, 2**32 - 1} <= starts
    assert {s.shape for s in drawn} == set(SHAPES)
    assert {len(s.offloads) for s in drawn} == {1, 2}


def test_random_scenarios_reach_every_action_premise_and_corner_and_many_pairs() -> None:
    """Of what is known to be reachable, in 300 runs, which is what `conform` makes by default."""
    known = stored.load().goals
    missing = {goal.id: goal for goal in todays_goals() if known[goal.id].scenario}
    possible = Counter(goal.kind for goal in missing.values())
    for scenario in random_scenarios(300, 2):
        for name in play(scenario, missing.values()).reaches:
            del missing[name]
    missed = Counter(goal.kind for goal in missing.values())
    assert missed["action"] == missed["premise"] == missed["reading"] == 0
    assert missed["situation"] <= 8
    assert missed["pair"] < 0.45 * possible["pair"]


def _flat(moves: Iterable[Move]) -> list[Move]:
    return [m for move in moves for m in (move, *_flat(move.then))]


@pytest.mark.parametrize("conns", [1, 2])
@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_the_same_tree_for_the_model_and_for_the_target(name: str, conns: int) -> None:
    tree = shape(name, conns)
    blocks, linked = model_blocks(tree), objects(tree)
    for block, given in zip(blocks, linked, strict=True):
        assert given.next_block is (linked[block.next] if block.next >= 0 else None)
        assert given.dependent_block_list is (linked[block.dependent] if block.dependent >= 0 else None)
        assert (given.state is not None) == (block.conn >= 0)
    assert all(walk(blocks))


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_offloaded_holds_what_is_terminated_and_no_placeholder(name: str) -> None:
    tree = shape(name, 2)
    offloaded = whole(tree)
    assert set(connections(tree)) <= set(connections(offloaded))
    assert not any(block.placeholder for block in objects(offloaded))
    assert {node.layer for node in nodes(offloaded)} >= {0, 1}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"shape": "ring"}, "there is no tree shape 'ring'"),
        ({"moves": [{"kind": "jump"}]}, "there is no move 'jump'"),
        ({"moves": [{"kind": "send", "conn": 1}]}, "conn is 1; it must be a number from 0 to 0"),
        ({"moves": [{"kind": "send", "n": "x"}]}, "n is 'x'; it must be a number"),
        ({"moves": [{"kind": "send", "q": 1}]}, "no scenario: "),
        ({"offloads": []}, "the number of connections is 0; it must be a number from 1 to 2"),
        ({"offloads": [{"isn": 2**32}]}, "isn is 4294967296; it must be a number from 0 to 4294967295"),
    ],
)
def test_data_that_is_no_scenario(change: dict[str, Any], told: str) -> None:
    data = Scenario((Move("run"),), offloads=(Offload(),)).to_json()
    with pytest.raises(ValueError, match=re.escape(told)):
        from_json({**data, **change})


def test_no_buffer_is_longer_than_a_stream() -> None:
    """The search draws sizes at 2^31 and beyond; that much memory would pass to the target."""
    play = Play(Reference, Scenario((Move("receive", n=2**31),)), JUDGED)
    play.run()
    assert play.judge.world.conns[0].requests[0].size == STREAM
    assert not play.breaches


def test_each_rest_has_room_for_the_request_that_the_host_posts_in_it() -> None:
    """What the application refused is asked for again: in a world of the scenario's own size, too."""
    one = Scenario((Move("appetite", n=0), Move("data", n=40), Move("rest")) * 3)
    play = Play(Reference, one, JUDGED)
    play.run()
    assert list(play.judge.names).count("MiniportTcpOffloadReceive") == 3
