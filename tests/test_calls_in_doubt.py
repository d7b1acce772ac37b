"""What came just before the host takes back what it offloaded may be answered, or heard, or not."""

from __future__ import annotations

import pytest

from chimneysweep.targets.chimney import moves, window_updates
from chimneysweep.targets.chimney.interface import BlockList, NetBufferList, Segment, Status
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import NONSENSE, TWICE
from chimneysweep.targets.running.direct import InProcess


class NeverCan(Reference):
    """Each query of a path fails."""

    def miniport_query_offload(self, block_list: BlockList) -> None:
        """Told at once."""
        block_list.status = Status.FAILURE
        self.ndis.m_query_offload_state_complete(block_list)


class AllIsWell(Reference):
    """Each query of a path is answered as if it were there."""

    def miniport_query_offload(self, block_list: BlockList) -> None:
        """Told when there is time."""
        block_list.status = Status.SUCCESS
        super().miniport_query_offload(block_list)


class Slow(Reference):
    """Answers no call before it is given time for the fifth time."""

    times = 0

    def run(self) -> None:
        """What waits is put aside."""
        self.times += 1
        calls, self.state_calls = self.state_calls, self.state_calls if self.times > 4 else []
        super().run()
        self.state_calls = self.state_calls if self.times > 4 else calls


class SlowAndNeverCan(Slow):
    """And fails what it is asked of a connection."""

    def _answer(self, block: BlockList) -> None:
        super()._answer(block)
        block.status = Status.FAILURE


class UpdatesLate(Reference):
    """Completes an update when the tree is back."""

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """Later."""
        self.late = block_list

    def _complete(self, tree: BlockList) -> None:
        super()._complete(tree)
        self.late.status = Status.SUCCESS
        self.ndis.m_update_offload_complete(self.late)


class UpdatesTwice(Reference):
    """Completes each call on a connection twice."""

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """Once here."""
        super().miniport_update_offload(block_list)
        super().miniport_update_offload(block_list)


class DropsAtTheEnd(Reference):
    """Drops segments that come while it indicates something; interrupted if told so."""

    asked = busy = False

    def interrupt(self, first: int, second: int) -> None:
        """At the next send."""
        self.asked = True

    def points(self) -> int:
        """One of each processor."""
        return 2**16 + 1

    def miniport_tcp_offload_send(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """The other processor first."""
        if self.asked:
            self.ndis.interrupted(lambda other: other())
        return super().miniport_tcp_offload_send(context, net_buffer_list)

    def segment_arrives(self, context: TcpConnection, segment: Segment) -> None:
        """Not while another one is processed."""
        if not self.busy:
            self.busy = True
            super().segment_arrives(context, segment)
            self.busy = False


def queried(*lost: int) -> Scenario:
    """A query of a path is not answered yet when the offload is terminated, and these blocks are lost."""
    failing = (moves.fails(0, block) for block in lost)
    inside = (moves.state_call(0, 1), moves.terminate(), *failing)
    return Scenario((moves.meanwhile(then=inside), moves.link()), "path")


@pytest.mark.parametrize("lost", [(), (0,), (1,)])
def test_a_query_may_fail_when_the_hardware_does(lost: tuple[int, ...]) -> None:
    for lawful in (Reference, AllIsWell):
        assert not InProcess(lawful).play(queried(*lost)).breaches


def test_a_query_may_not_fail_when_nothing_was_lost() -> None:
    assert "calls.status" in InProcess(NeverCan).play(queried()).breaches
    assert "calls.status" in InProcess(NeverCan).play(queried(1)).breaches, (
        "a connection is lost, and no path"
    )


def test_the_query_of_a_connection_may_fail_when_the_hardware_does() -> None:
    asked = (moves.query(), moves.terminate())
    for target in (Slow, SlowAndNeverCan):
        assert not InProcess(target).play(Scenario((*asked, moves.fails()), "connection")).breaches
    assert not InProcess(Slow).play(Scenario(asked, "connection")).breaches
    assert "query.status" in InProcess(SlowAndNeverCan).play(Scenario(asked, "connection")).breaches


def test_a_call_on_a_connection_is_completed_before_it_is_handed_back() -> None:
    updated = Scenario((window_updates.grow_window(),), "connection")
    said = InProcess(UpdatesLate).play(updated).breaches[NONSENSE].violation
    assert "before a query or an update of a connection is completed" in said.broken[0].where
    assert TWICE in InProcess(UpdatesTwice).play(updated).breaches
    assert not InProcess(Reference).play(updated).breaches


def test_a_query_that_begins_while_another_processor_terminates_is_not_owed() -> None:
    both = Scenario((moves.interrupted(then=(moves.query(),)), moves.terminate()), "connection")
    assert NONSENSE not in InProcess(Slow).play(both).breaches


@pytest.mark.parametrize("first", [(), (moves.interrupted(),)], ids=["alone", "after an interruption"])
def test_a_segment_may_be_dropped_where_the_termination_comes_from_within_the_same_call(
    first: tuple[Move, ...],
) -> None:
    """Also when another processor had come in between before."""
    window = moves.ack(n=0, m=500)
    for inside, told in (((window, moves.terminate()), False), ((window,), True)):
        played = (
            *first,
            moves.send(n=9),
            moves.meanwhile(then=inside),
            moves.data(n=3),
            moves.give_time(),
            moves.terminate(),
        )
        assert ("snd.wnd" in InProcess(DropsAtTheEnd).play(Scenario(played)).breaches) is told
