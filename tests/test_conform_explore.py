"""Exhaustive search: every run within bounds, shortest findings first, equal states once."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from explored_targets import broken, explore, searched, written

from chimneysweep.cli.exploring import explored_lines
from chimneysweep.cli.main import main
from chimneysweep.cli.schema import schema
from chimneysweep.targets.campaign.alphabet import (
    ANSWERS,
    APART,
    MEANWHILE,
    PARTS,
    BadBounds,
    Within,
    alphabet,
)
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.explore import FOUND, UNSTEADY, Exploration
from chimneysweep.targets.chimney.load import load
from chimneysweep.targets.chimney.moves import MOVES
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.seeded_targets import UnsignedComparison
from chimneysweep.targets.running.branching import Edge, Moves
from chimneysweep.targets.running.direct import InProcess

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
THIRD = """
class Third(Reference):
    count = 0

    def link_changes(self):
        super().link_changes()
        self.count += 1
        if self.count == 3:
            raise RuntimeError("the third time")
"""
GLOBAL = """
COUNT = 0

class Global(Reference):
    def link_changes(self):
        global COUNT
        super().link_changes()
        COUNT += 1
        if COUNT == 2:
            raise RuntimeError("the second time")
"""
LOCKED = """
import threading

class Locked(Reference):
    count = 0

    def __init__(self, ndis):
        super().__init__(ndis)
        self.lock = threading.Lock()

    def link_changes(self):
        super().link_changes()
        self.count += 1
        if self.count == 2:
            raise RuntimeError("the second time")
"""
DIES = """
import os

class Dies(Reference):
    def neighbor_silent(self, context):
        os._exit(3)
"""
FORGETS = """
class Forgets(Reference):
    def timer_expires(self, context, timer):
        self.late = getattr(self, "late", 0) + 1
        if self.late == 3:
            raise RuntimeError("too late")
"""
CHANCE = """
import random

class Chance(Reference):
    def link_changes(self):
        super().link_changes()
        self.drawn = random.random()
"""


def test_a_lawful_target_has_so_many_states_and_no_more() -> None:
    kinds = ["send", "transmit", "peer gets", "ack"]
    search, found = searched(Reference, moves=3, kinds=kinds, amounts=[1])
    explored = search.explored
    assert not found
    assert (explored.states, explored.transitions, explored.depth) == (10, 30, 3)
    assert (explored.closed, explored.stopped, explored.opaque) == (False, "", "")


def test_where_longer_runs_lead_nowhere_else_it_says_so() -> None:
    explored = searched(Reference, moves=9, kinds=["link", "neighbor", "run"])[0].explored
    assert explored.closed
    assert explored.depth < 9


def test_where_there_would_be_too_many_it_makes_no_longer_runs() -> None:
    """So much is counted in states, and the last length is complete: of each state runs have ended."""
    bounds: dict[str, Any] = {"kinds": ["send", "transmit", "peer gets", "ack"], "amounts": [1]}
    by_itself, asked_for = (searched(Reference, **bounds, **more)[0].explored for more in ENOUGH)
    counts = [(e.states, e.transitions, e.depth, e.left, e.stopped) for e in (by_itself, asked_for)]
    assert counts[0] == counts[1]
    assert by_itself.depth == 3
    assert by_itself.left > 0


ENOUGH: tuple[dict[str, Any], ...] = ({"enough": 20}, {"moves": 3})
EVERYTHING = Within.of({"alphabet": ["all"]})


def test_every_move_is_in_one_part_of_the_alphabet() -> None:
    of_parts = Counter(move for part in PARTS.values() for move in part)
    assert of_parts == Counter(set(MOVES) - set(APART))


def test_the_alphabet_has_the_moves_of_the_parts_that_are_asked_for() -> None:
    def kinds(*parts: str) -> set[str]:
        return {c.moves[0].kind for c in alphabet(Within.of({"alphabet": parts})) if not c.ends}

    assert kinds() == kinds("streams") == set(PARTS["streams"])
    assert kinds("timers", "cycles") == {*PARTS["timers"], *PARTS["cycles"]}
    assert kinds("all") == {move for part in PARTS.values() for move in part}


def test_other_moves_come_during_an_indication_only_if_that_is_asked_for() -> None:
    inside = {len(c.taken) for c in alphabet(Within.of({"alphabet": ["streams", "meanwhile"]}))}
    assert max(inside) == len(ANSWERS) + len(MEANWHILE)
    assert max(len(c.taken) for c in alphabet(Within())) == len(ANSWERS)


def test_every_move_is_tried_too_if_nobody_says_what_is() -> None:
    every, *trees = Within.of({}).others()
    assert every.alphabet == tuple(PARTS)
    assert all(other.tree and other.moves == 1 for other in trees)
    assert not Within.of({"moves": 8}).others()
    assert not Within.of({"alphabet": ["closing"]}).others()


def test_a_connection_has_no_more_segments_than_are_allowed() -> None:
    heard = list[Moves]()
    within = Within.of({"moves": 3, "kinds": ["data", "early data"], "segments": 1, "amounts": [1]})
    search = Exploration(
        [InProcess(Reference)],
        within,
        alphabet(within),
        5.0,
        lambda before, edge: heard.append(before + edge.choice.moves),
        lambda text: None,
    )
    search.run()
    assert {within.spent(moves)["segments", 0] for moves in heard} == {0, 1}
    assert search.explored.closed


def test_an_alphabet_has_nothing_twice() -> None:
    """A kind of move that comes with others is no choice of its own, or a state had hundreds of ways on."""
    kinds = [choice.moves[0].kind for choice in alphabet(EVERYTHING) if not choice.ends]
    assert not {"meanwhile", "appetite", "interrupted", "run short"} & set(kinds)
    assert len(kinds) < 90


def test_a_bug_that_one_connection_cannot_show_is_found_in_another_tree() -> None:
    kinds = ("status.every-block", "chain.non-null", "chain.null")
    bounds: dict[str, Any] = {"sends": 0, "requests": 0, "amounts": [1], "enough": 1}
    report = explore("seeded/siblings-forgotten", **bounds)
    assert set(kinds) & {name for name, _ in broken(report)}
    assert report.explored
    assert not report.explored.stopped or report.explored.stopped == FOUND
    assert report.explored.besides[-1].within.connections == 2
    assert not explore("seeded/siblings-forgotten", **bounds, tree="connection").findings


def test_sequence_numbers_wrap_around_on_the_way() -> None:
    """A target that compares them as plain numbers keeps all else right."""
    kinds = ["send", "transmit", "peer gets", "ack", "terminate"]
    assert "snd.una" in searched(UnsignedComparison, moves=4, kinds=kinds, amounts=[1])[1]


def test_an_interrupt_leaves_what_is_explored() -> None:
    def progress(by_calls: str) -> None:
        if "2 steps deep" in by_calls:
            raise KeyboardInterrupt

    report = conform(
        "reference", Options(explore=Within.of({"moves": 3, "kinds": ["send", "link"]})), progress
    )
    assert report.partial
    assert report.why_partial == "interrupted"
    assert report.explored
    assert (report.explored.depth, report.explored.states) == (1, 3)
    told = [line for _, line in explored_lines(report.explored)]
    assert told[-1] == "not all runs of up to 3 moves: interrupted"


def test_memory_that_runs_out_leaves_what_is_explored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chimneysweep.targets.campaign.explore.MOST_MEGABYTES", 1)
    monkeypatch.setattr("chimneysweep.targets.campaign.explore.LOOK", 2)
    explored = searched(Reference, moves=3, kinds=["send"], amounts=[1])[0].explored
    assert explored.stopped == "the search takes more than 1 MB of memory"
    assert explored.depth == 0


def test_what_only_the_targets_memory_tells_apart_is_apart(tmp_path: Path) -> None:
    """The world is the same after each of the three: a search by the world alone would stop at the first."""
    search, found = searched(load(written(tmp_path, THIRD)), moves=4, kinds=["link"])
    assert found == {"target.raised"}
    assert search.explored.depth == 2  # of runs of 3 moves, not all ends
    assert search.explored.stopped == FOUND


def test_what_is_kept_in_a_module_counts_and_every_run_begins_anew(tmp_path: Path) -> None:
    assert broken(explore(written(tmp_path, GLOBAL), moves=3, kinds=["link"])) == [("target.raised", 2)]


def test_what_cannot_be_looked_into_is_told_by_what_was_said_to_it(tmp_path: Path) -> None:
    report = explore(written(tmp_path, LOCKED), moves=3, kinds=["link", "send"])
    assert broken(report) == [("target.raised", 2)]
    assert report.explored
    assert "_thread.lock" in report.explored.opaque


def test_both_ways_of_telling_states_apart_find_the_same(tmp_path: Path) -> None:
    factory = load(written(tmp_path, FORGETS))
    bounds: dict[str, Any] = {"moves": 3, "kinds": ["send", "transmit", "retransmit", "link"], "amounts": [1]}
    (looked, first), (by_calls, second) = (
        searched(factory, **bounds),
        searched(factory, by_calls=True, **bounds),
    )
    assert first == second == {"target.raised"}
    assert looked.explored.states < by_calls.explored.states  # the link's going down and up changes nothing


def test_a_death_costs_its_run_alone(tmp_path: Path) -> None:
    report = explore(written(tmp_path, DIES), moves=1, kinds=["neighbor", "link", "run"])
    assert broken(report) == [("target.exited", 1)]
    assert report.explored
    assert report.explored.transitions == 4


def test_a_target_that_does_not_do_the_same_twice_is_not_explored(tmp_path: Path) -> None:
    report = explore(written(tmp_path, CHANCE), moves=2, kinds=["link"])
    assert report.why_partial == UNSTEADY
    assert report.explored
    assert report.explored.apart
    assert any("a process of its own" in line for _, line in explored_lines(report.explored))


def test_the_first_finding_is_a_shortest_one_and_no_longer_run_is_made() -> None:
    kinds = ["send", "transmit", "peer gets", "ack", "retransmit"]
    report = explore(f"{EXAMPLES / 'my_target.py'}:MyTarget", moves=6, kinds=kinds, amounts=[1, 2])
    assert ("chain.advanced", 4) in broken(report)
    assert report.explored
    assert report.explored.depth == 4  # and so every run of 4 moves, with its end
    assert report.findings[0].meta["origin"] == "explore"
    assert not report.partial


def test_a_budget_of_states_leaves_the_depth_that_is_complete() -> None:
    report = explore("reference", moves=4, states=20, amounts=[1], alphabet=["all"])
    assert report.explored
    assert report.explored.depth == 0
    assert report.why_partial == "20 states were visited"


@pytest.mark.parametrize("workers", [1, 3])
def test_it_is_the_same_exploration_however_many_work_at_it(workers: int) -> None:
    within = Within.of({"moves": 2, "kinds": ["send", "data", "fin"], "amounts": [1]})
    heard = list[Edge]()
    runners = [InProcess(Reference) for _ in range(workers)]
    search = Exploration(runners, within, alphabet(within), 5.0, lambda b, e: heard.append(e), lambda t: None)
    search.run()
    assert (search.explored.states, search.explored.transitions, len(heard)) == (52, 70, 174)


def test_the_command_says_what_it_is_worth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "result.json"
    argv = ["reference", "--explore", "--moves", "1", "--amount", "1", "--only", "send", "--json", str(file)]
    assert main(["conform", *argv]) == 0
    by_calls = capsys.readouterr()
    told_out = " ".join(by_calls.out.split())
    assert "every run of up to 1 moves over this alphabet, 2 states, 1 transitions" in told_out
    assert "more than tested, less than proved" in told_out
    assert "alphabet: of all moves only send" in told_out
    assert "1 states, 1 transitions, 1 steps deep" in by_calls.err
    data = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema("conform")).validate(data)
    assert data["explored"]["within"]["kinds"] == ["send"]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--moves", "3"], "--moves is a bound of --explore, which is not asked for"),
        (["--explore", "--moves", "-1"], "moves is -1; it must be a number of 0 or more"),
        (["--explore", "--connections", "3"], "the trees have places for 2"),
        (["--explore", "--tree", "oak"], "there is no tree 'oak'; there are: connection"),
        (["--explore", "--only", "jump"], "there is no move 'jump' to choose; there are: give back, send"),
        (
            ["--explore", "--alphabet", "x"],
            "there is no part 'x' of the alphabet; there are: streams, closing",
        ),
        (["--explore", "--alphabet", "calls", "--only", "send"], "both are asked for"),
    ],
)
def test_bad_bounds_are_refused(argv: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "reference", *argv]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_bad_amounts_are_refused() -> None:
    with pytest.raises(BadBounds, match="amounts are"):
        Within.of({"amounts": [0]})


@pytest.mark.skipif(not shutil.which("node"), reason="no node on this machine")
def test_a_program_is_explored_by_what_was_said_to_it() -> None:
    report = explore(str(EXAMPLES / "my_target.js"), moves=1, kinds=["send", "link"])
    assert report.explored
    assert report.explored.opaque == "the memory of another process"
    assert report.explored.states == 3
