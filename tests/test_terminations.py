"""Several terminate requests, which may be outstanding at once: each comes back with its own tree."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from deferring_targets import ReadsLater
from house import one_in

from chimneysweep.model.chimney.only_seen import PartComesBack
from chimneysweep.model.chimney.shapes import SHAPES, Offload, shape
from chimneysweep.model.chimney.state import COMPLETED
from chimneysweep.targets.campaign.rarely import APART, apart
from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.interface import BlockList, Status
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python import seeded_cycle_targets as seeded
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.chimney.terminations import terminate_apart
from chimneysweep.targets.chimney.tree_parts import WAYS, links, with_state
from chimneysweep.targets.chimney.tree_shapes import numbered
from chimneysweep.targets.running.direct import JUDGED

TWO = (Offload(), Offload(7, 8))
BUSY = (
    *(moves.send(0, 100, 1), moves.transmit(0, 150), moves.peer_gets(0, 70), moves.ack(0, 60, 9000)),
    *(moves.data(1, 20), moves.send(1, 9), moves.receive(1, 9), moves.disconnect(1), moves.forward(0)),
    moves.give_back(1),
)
AFTER = (moves.data(0, 5), moves.ack(1, 4, 8000), moves.give_time(), moves.data(1, 5), moves.transmit(0, 9))


def played(
    target: Any, n: int, m: int = 0, name: str = "stack", then: Any = AFTER, between: Any = ()
) -> Play:
    parted = terminate_apart(n=n, m=m, then=between)
    play = Play(target, Scenario((*BUSY, parted, *then), name, TWO), JUDGED)
    play.run()
    return play


class NewestFirst(Reference):
    """Hands back the tree that was asked for last before those that were asked for earlier."""

    def miniport_terminate_offload(self, block_list: BlockList) -> None:
        super().miniport_terminate_offload(block_list)
        self.terminating.reverse()


class OneARun(Reference):
    """Hands back one tree whenever it gets time."""

    def run(self) -> None:
        waiting, self.terminating = self.terminating[1:], self.terminating[:1]
        super().run()
        self.terminating += waiting


@pytest.mark.parametrize(
    ("name", "n", "m"), one_in(3, [(s, n, m) for s in SHAPES for n in range(3) for m in (0, 1)])
)
@pytest.mark.parametrize("target", [Reference, NewestFirst, OneARun])
def test_each_tree_may_come_back_when_its_target_likes(target: Any, name: str, n: int, m: int) -> None:
    play = played(target, n, m, name)
    assert not play.breaches
    assert play.judge.world.phase == COMPLETED
    parts = len(with_state(play.handed.shape, WAYS[n](play.handed.shape)))
    assert list(play.judge.names).count(PartComesBack.name) == parts - 1


@pytest.mark.parametrize("name", SHAPES)
def test_every_block_is_in_one_part_that_has_a_root_and_state(name: str) -> None:
    rows = tuple(numbered(shape(name, 2)))
    for way in WAYS:
        parts = with_state(rows, way(rows))
        assert sorted(b for part in parts for b in part) == list(range(len(rows)))
        linked = links(rows, parts)
        for part in parts:
            reached, todo = set[int](), [part[0]]
            while todo:
                b = todo.pop()
                reached.add(b)
                todo += [to for to in linked[b] if to >= 0]
            assert reached == set(part), f"{way.__name__}: its root leads to each block of a part"


def test_the_ways_part_a_stack_differently() -> None:
    rows = tuple(numbered(shape("stack", 2)))
    assert [way(rows) for way in WAYS] == [[[0, 1, 2, 3]], [[2], [3], [0, 1]], [[2], [0, 1, 3]]]


class LeavesTheOther(Reference):
    """Writes Status into the first tree alone, and hands all back."""

    def _write_block(self, block: BlockList) -> None:
        super()._write_block(block)
        if self.terminating:
            self.spoiled = self.terminating[0]
        elif getattr(self, "spoiled", None):
            block.status = None


class WritesTheFirstLater(Reference):
    """Writes into a tree that came back while another one is outstanding."""

    first: BlockList | None = None

    def _complete(self, tree: BlockList) -> None:
        if self.first:
            self.first.status = Status.FAILURE
        self.first = tree
        super()._complete(tree)


class StatesMixedUp(Reference):
    """Writes each connection's state behind the block of the other one."""

    def _write_block(self, block: BlockList) -> None:
        own, others = (
            block.miniport_offload_context,
            [c for c in self.conns if c is not block.miniport_offload_context],
        )
        if own in self.conns:
            self._delegate(others[0], block.state or own.offloaded)
            block.status = Status.SUCCESS
        else:
            super()._write_block(block)


class SendsOnWhatCameBack(Reference):
    """Acknowledges once more on a connection that came back, while another one is outstanding."""

    def _complete(self, tree: BlockList) -> None:
        super()._complete(tree)
        for conn in self._connections(tree):
            self._transmit(conn)


class AllFreedAtOnce(Reference):
    """Frees all connections when the first tree comes back."""

    def _complete(self, tree: BlockList) -> None:
        super()._complete(tree)
        for other in self.terminating:
            for conn in self._connections(other):
                conn.handed_back = True
                self._free_if_idle(conn)


@pytest.mark.parametrize(
    ("target", "broken"),
    [
        (seeded.SecondTerminateDropped, "complete.answered"),
        (seeded.TreesCompletedAsOne, "guarantee.completed-once"),
        (seeded.FirstTreeAgain, "target.completed-twice"),
        (LeavesTheOther, "status.every-block"),
        (WritesTheFirstLater, "complete.untouched-after"),
        (StatesMixedUp, "snd.una"),
        (SendsOnWhatCameBack, "target.nonsense"),
        (AllFreedAtOnce, "resources.after-complete"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_what_is_mixed_up_between_requests_is_told(target: Any, broken: str) -> None:
    found = {n: list(played(target, n).breaches) for n in (1, 2)}
    assert all(broken in names for names in found.values()), found


USED = (
    *(moves.send(1, 5), moves.receive(1, 3), moves.data(1, 9), moves.transmit(1, 9), moves.query(1)),
    *(moves.forward(1), moves.data(0, 2), moves.ack(0, 9), moves.retransmit(1), moves.state_call(n=2)),
    moves.fin(1),
)


@pytest.mark.parametrize(
    ("name", "n", "m"), one_in(3, [(s, n, m) for s in SHAPES for n in range(3) for m in (0, 1)])
)
@pytest.mark.parametrize("target", [Reference, NewestFirst, OneARun])
def test_what_is_terminated_later_is_used_until_then(target: Any, name: str, n: int, m: int) -> None:
    play = played(target, n, m, name, between=USED)
    assert not play.breaches
    assert play.judge.world.phase == COMPLETED


def test_of_what_is_terminated_already_nobody_asks_anything() -> None:
    """The counter-check: the same calls on both connections, of which the host makes those on the second."""
    both = tuple(
        dataclasses.replace(move, conn=c) for move in (moves.send(n=5), moves.query()) for c in range(2)
    )
    names = list(played(Reference, 0, name="two neighbors", between=both).judge.names)
    first, second = names.index("MiniportTerminateOffload"), names.index("TerminatesMore")
    assert names[first:second].count("MiniportTcpOffloadSend") == 0, "it is disconnected already"
    open_ = Scenario((terminate_apart(then=both),), "two neighbors", TWO)
    play = Play(Reference, open_, JUDGED)
    play.run()
    names = list(play.judge.names)
    between = names[names.index("MiniportTerminateOffload") : names.index("TerminatesMore")]
    assert (between.count("MiniportTcpOffloadSend"), between.count("MiniportQueryOffload")) == (1, 1)
    assert not play.breaches


def test_a_path_that_is_terminated_later_is_called_on_until_then() -> None:
    asked = tuple(moves.state_call(n=n) for n in range(3))
    counts = {
        name: list(played(Reference, 1, name=name, between=asked).judge.names).count("StateCallBetween")
        for name in ("stack", "siblings", "placeholders")
    }
    assert counts == {"stack": 3, "siblings": 0, "placeholders": 0}


def test_a_fin_comes_for_a_connection_that_is_still_to_be_terminated() -> None:
    """Also while its target shows what came before."""
    come = moves.meanwhile(then=(moves.fin(1), moves.send(1, 3), moves.data(1, 2)))
    then = (come, moves.data(1, 1), terminate_apart(n=0, m=1))
    play = Play(ReadsLater, Scenario(then, "two neighbors", TWO), JUDGED)
    play.run()
    names = list(play.judge.names)
    assert names.index("FinArrives") < names.index("TerminatesMore")
    assert not play.breaches


def test_nobody_rests_while_a_call_is_still_to_come() -> None:
    """What was terminated before would not come to its end; at rest before all calls, everybody does."""
    for moved in ((moves.rest(), terminate_apart()), (terminate_apart(then=(moves.rest(),)),)):
        play = Play(Reference, Scenario(moved, "two neighbors", TWO), JUDGED)
        play.run()
        names = list(play.judge.names)
        assert not play.breaches
        assert ("Quiet" in names[: names.index("TerminatesMore")]) is (moved[0].kind == "rest")


def test_the_search_draws_it_and_nothing_else_changes() -> None:
    from random import Random

    plain = (*BUSY, moves.terminate(), *AFTER)
    drawn = [apart(Random(k), plain, 2) for k in range(200)]
    parted = [found for found in drawn if found != plain]
    assert 0.5 * APART < len(parted) / len(drawn) < 2 * APART
    assert {(m.n, m.m) for found in parted for m in found if m.kind == terminate_apart.name} == {
        (n, m) for n in range(3) for m in range(2)
    }
    for found in parted:  # at times a flow of bytes begins before the calls, and ends between them
        at = next(k for k, m in enumerate(found) if m.kind == terminate_apart.name)
        assert (found[: len(BUSY)], found[at + 1 :]) == (BUSY, AFTER)
    assert 0 < sum(len(found) > len(plain) for found in parted) < len(parted) / 2
    between = [m.then for found in parted for m in found if m.kind == terminate_apart.name]
    assert 0 < sum(map(bool, between)) < len(between)
    assert apart(Random(0), plain, 1) == plain
    during = (*BUSY, moves.meanwhile(then=(moves.terminate(), moves.give_time())), moves.data(0, 5))
    inside = [apart(Random(k), during, 2)[len(BUSY)].then for k in range(50)]
    assert {terminate_apart.name, moves.terminate.name} == {then[-2].kind for then in inside}
