"""The search: what is new is kept and bred from, on the target's own code and on the world."""

from __future__ import annotations

import itertools
import json
import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chimneysweep.cli.main import main
from chimneysweep.targets.campaign.breed import MOST_BYTES, Breeder
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.generate import few, scenario
from chimneysweep.targets.campaign.search import GENERATION, Kept, Search
from chimneysweep.targets.chimney.built_in import sources as driver_sources
from chimneysweep.targets.chimney.moves import MOVES
from chimneysweep.targets.chimney.notes import StreamMark
from chimneysweep.targets.chimney.scenario import Scenario, from_json
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.running.outcome import Outcome

DEEP = '''
from chimneysweep.targets.reference import Reference

class Deep(Reference):
    """Loses its way only where four things come one after the other."""

    stage = 0

    def timer_expires(self, context, timer):
        super().timer_expires(context, timer)
        if timer.name == "RETRANSMIT" and self.stage == 0:
            self.stage = 1
        elif timer.name == "DELAYED_ACK" and self.stage == 2:
            self.stage = 3

    def link_changes(self):
        super().link_changes()
        if self.stage == 1:
            self.stage = 2
        elif self.stage == 3:
            raise RuntimeError("too deep")

    def never_called(self):
        return 17
'''


@pytest.fixture
def deep(tmp_path: Path) -> str:
    file = tmp_path / "deep.py"
    file.write_text(DEEP, encoding="utf-8")
    return f"{file}:Deep"


CHAIN = ("link", "forward", "data", "retransmit", "send", "fin")
"""Kinds of moves that must come one right after the other."""


def chained(one: Scenario) -> int:
    """How much of the chain comes in a row, from its beginning."""
    kinds = " ".join(move.kind.replace(" ", "-") for move in one.moves)
    return max(k for k in range(len(CHAIN) + 1) if " ".join(CHAIN[:k]) in kinds)


def most_chained(seed: int, guided: bool, runs: int = 6000) -> int:
    search, most = Search(seed, MOVES), 0
    for generation in search.generations(runs):
        for one in generation:
            found = chained(one)
            most = max(most, found)
            if guided:
                search.learn(one, Outcome({}, ran=tuple(range(found))))
    return most


@pytest.mark.slow
def test_the_search_goes_further_step_by_step_than_chance_does() -> None:
    guided = [most_chained(seed, guided=True) for seed in range(1, 17)]
    by_chance = [most_chained(seed, guided=False) for seed in range(1, 17)]
    assert sum(guided) >= sum(by_chance) + 10
    assert max(guided) > max(by_chance)


def test_the_report_says_which_lines_never_ran(deep: str) -> None:
    report = conform(deep, Options(runs=50, seed=1, shrink=False, sources=("search",)))
    lines = DEEP.splitlines()
    never = {lines[line - 1].strip() for line in report.code["deep.py"]["never_reached"]}
    ran = {lines[line - 1].strip() for line in report.code["deep.py"]["reached"]}
    assert "return 17" in never
    assert "super().link_changes()" in ran
    assert not any("def " in line for line in ran | never)


def test_of_a_driver_in_c_a_line_that_no_input_reaches_is_told(tmp_path: Path) -> None:
    driver = shutil.copytree(driver_sources("miniports/reference", tmp_path / "made"), tmp_path / "driver")
    more = "\nULONG NeverCalled(ULONG N)\n{\n    if (N > 3)\n        return 7;\n    return N;\n}\n"
    with (driver / "send.c").open("a", encoding="utf-8") as file:
        file.write(more)
    text = (driver / "send.c").read_text(encoding="utf-8").splitlines()
    report = conform(str(driver), Options(runs=50, seed=1, sources=("search",)))
    assert not report.findings
    never = {text[line - 1].strip() for line in report.code["send.c"]["never_reached"]}
    assert {"return 7;", "if (N > 3)"} & never
    assert len(report.code["send.c"]["reached"]) > 20
    assert not any(name.startswith("..") or name.startswith("/") for name in report.code)


def test_a_generation_depends_on_the_ones_before_and_on_nothing_in_it() -> None:
    def drawn(learnt_at_once: bool) -> list[Scenario]:
        search, every = Search(3, MOVES), list[Scenario]()
        for generation in search.generations(4 * GENERATION):
            for one in generation if learnt_at_once else list(generation):
                search.learn(one, Outcome({}, frozenset((f"p{len(one.moves)}",)), ran=(len(one.moves),)))
            every += generation
        return every

    assert drawn(True) == drawn(False)
    assert len(set(drawn(True))) > 2 * GENERATION


def test_what_a_scenario_is_worth_does_not_depend_on_the_order_of_names() -> None:
    """The order in which a set has them is another one in each process."""
    search = Search(1, MOVES)
    search.reached.update({"a": 2, "b": 3, "c": 10})
    orders: list[Any] = [("a", "b", "c"), ("c", "b", "a")]
    worth = {search._rare(Kept(Scenario(), (), names, 0)) for names in orders}
    assert sum((1 / 2, 1 / 3, 1 / 10)) != sum((1 / 10, 1 / 3, 1 / 2))
    assert len(worth) == 1


def test_many_of_the_scenarios_that_are_drawn_are_short() -> None:
    drawn = [one for seed in range(8) for one in next(Search(seed, MOVES).generations(GENERATION))]
    assert len(drawn) / 4 < sum(len(one.moves) <= 10 for one in drawn) < len(drawn) * 3 / 4
    for k in range(300):
        one = few(Random(k))
        assert from_json(one.to_json()) == one


def test_a_driver_is_refused_what_it_needs_last_in_some_that_are_short_or_bred() -> None:
    """After what is refused comes no more that would hide what the driver made of it."""
    bred = Breeder(Random("refused"), MOVES)
    parent = Scenario((MOVES["data"](), MOVES["send"]()))
    for drawn in ([few(Random(k)) for k in range(400)], [bred.child(parent, [], parent) for _ in range(400)]):
        last = Counter(pair for s in drawn for pair in itertools.pairwise(m.kind for m in s.moves[-3:]))
        assert last["run short", "transmit"] > 3
        assert last["run short", "again"] > 3
        assert sum(move.kind == "load short" for s in drawn for move in s.moves[:1]) > 3


def test_what_is_refused_is_bred_from_its_neighbours() -> None:
    parent = Scenario((MOVES["run short"](n=5), MOVES["data"]()))
    children = (Breeder(Random(k), MOVES).child(parent, [], parent) for k in range(400))
    drawn = Counter(move.n for child in children for move in child.moves if move.kind == "run short")
    assert min(drawn[4], drawn[6]) > max(drawn[2], drawn[8]) > 0


def test_what_is_kept_becomes_shorter() -> None:
    """In a short scenario a change is more often where it matters; it reaches all that the longer one did."""
    search = Search(1, MOVES)
    long, short = Scenario((MOVES["data"](),) * 5), Scenario((MOVES["data"](),) * 2)
    search.learn(long, Outcome({}, ran=(1, 2)))
    search.learn(short, Outcome({}, ran=(1,)))
    assert [kept.scenario for kept in search.kept] == [long], "it does not reach 2"
    search.learn(short, Outcome({}, ran=(1, 2)))
    search.learn(long, Outcome({}, ran=(1, 2)))
    assert [(kept.scenario, kept.new) for kept in search.kept] == [(short, {1, 2})]


def test_what_is_bred_is_a_legal_scenario() -> None:
    rng = Random("bred")
    for k in range(300):
        parent, other = scenario(rng), scenario(rng)
        marks = [(StreamMark((0, 5, 70), (0, 9)), StreamMark((0, 1), (0, 3)))] * (len(parent.moves) + 1)
        child = Breeder(Random(k), MOVES).child(parent, marks, other)
        assert from_json(child.to_json()) == child


def test_amounts_come_from_where_the_world_stood() -> None:
    parent = Scenario((MOVES["transmit"](0, 3),))
    marks = [(StreamMark((0, 40_961), (0, 77_777)),)] * 2
    drawn = {
        move.n
        for k in range(1200)
        for move in Breeder(Random(k), MOVES).child(parent, marks, parent).moves
        if move.kind == "transmit"
    }
    assert {40_960, 40_961, 40_962} <= drawn


def test_no_buffer_is_as_long_as_the_largest_window() -> None:
    """It would not pass from one process to the other, and that was told as the target's doing."""
    marks = [(StreamMark((0, 2**30), (0, 2**30)),)] * 2
    drawn = dict[str, set[int]](ack=set(), send=set())
    for kind, found in drawn.items():
        parent = Scenario((MOVES[kind](0, 3),))
        children = (Breeder(Random(k), MOVES).child(parent, marks, parent) for k in range(400))
        found.update(max(move.n, move.m) for child in children for move in child.moves if move.kind == kind)
    assert max(drawn["ack"]) == 2**30, "a window of a gigabyte"
    assert max(drawn["send"]) == MOST_BYTES


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.slow
def test_every_seeded_bug_is_found_by_search_alone(seed: int) -> None:
    missed = []
    for bug in seeded_bugs().values():
        for form, spec in ((bug.python, "seeded/"), (bug.c, "miniports/")):
            if form and not bug.at_once:
                report = conform(
                    spec + bug.name, Options(runs=5000, seed=seed, shrink=False, sources=("search",))
                )
                missed += [] if report.findings else [spec + bug.name]
    assert not missed


def test_the_same_search_says_the_same_twice(deep: str, tmp_path: Path) -> None:
    told = []
    for k in range(2):
        file = tmp_path / f"{k}.json"
        main(
            ["conform", deep, "--source", "search", "--runs", "120", "--seed", "4", "-q", "--json", str(file)]
        )
        data = json.loads(file.read_text(encoding="utf-8"))
        data.pop("seconds")
        told.append(data)
    assert told[0] == told[1]
    assert told[0]["world"]["sources"].keys() == {"search"}


def test_of_a_program_nothing_is_watched_and_the_world_guides_alone() -> None:
    search = Search(1, MOVES)
    one = next(search.generations(1))[0]
    search.learn(one, Outcome({}, states=frozenset((1, 2))))
    search.learn(one, Outcome({}, states=frozenset((2,))))
    assert len(search.kept) == 1
