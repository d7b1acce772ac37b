"""Several cycles in one run: what is offloaded again, what stays, and what is made small."""

from __future__ import annotations

from typing import Any

import pytest

from chimneysweep.counterexamples.trace import BEGINS_ANEW
from chimneysweep.model.chimney.only_seen import OffloadsAgain
from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.model.chimney.state import OFFLOADED, PENDING
from chimneysweep.targets.campaign.shrink import RunsLeft, shrink
from chimneysweep.targets.chimney.cycles import GOES_ON, MORE
from chimneysweep.targets.chimney.interface import StateType, Status, TcpEvent
from chimneysweep.targets.chimney.last_data import disconnect_with
from chimneysweep.targets.chimney.moves import (
    ack,
    again,
    data,
    disconnect,
    fin,
    lose,
    meanwhile,
    peer_gets,
    query,
    receive,
    rest,
    retransmit,
    rst,
    send,
    transmit,
)
from chimneysweep.targets.chimney.old_segments import fin_again
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python import seeded_cycle_targets as seeded
from chimneysweep.targets.chimney.python.linked_lists import walk
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import JUDGED

PARTLY = (send(n=100, m=2), transmit(n=250), peer_gets(n=200), ack(n=130, m=8000), data(n=10))
ONE = (Offload(),)
TWO = (Offload(), Offload(7, 8))


def played(target: Any, *moves: Any, shape: str = "connection", offloads: Any = ONE) -> Play:
    play = Play(target, Scenario(moves, shape, offloads), JUDGED)
    play.run()
    return play


def begins(play: Play) -> list[Any]:
    """The worlds in which the second cycle begins, and those after it."""
    assert OffloadsAgain.name == BEGINS_ANEW
    return [h.after for h in play.monitor.history if h.action.name == BEGINS_ANEW]


class TellsAtOnce(Reference):
    """Indicates an event as soon as the tree with its connection is offloaded; another one may not be yet."""

    def _complete_offload(self, block_list: Any) -> None:
        super()._complete_offload(block_list)
        self._event(self.conns[-1], TcpEvent.SEND_BACKLOG_CHANGE, 1000)


def test_nothing_is_asked_on_a_connection_that_is_not_offloaded_yet() -> None:
    later = meanwhile(then=(disconnect(conn=1),))
    play = played(TellsAtOnce, later, again(n=1, m=2), rest(), shape="siblings", offloads=TWO)
    assert begins(play)
    assert not play.breaches


@pytest.mark.parametrize("m", [0, 1])
def test_a_new_connection_begins_anew(m: int) -> None:
    (world,) = begins(played(Reference, *PARTLY, again(m=m), *PARTLY))
    conn = world.conns[0]
    assert world.phase == OFFLOADED
    assert (conn.posted, conn.total, conn.peer.sent, conn.peer.arrived, conn.freed) == (0, 0, 0, 0, False)
    assert conn.isn != Offload().isn


def test_what_stays_is_as_it_was_and_is_terminated_later() -> None:
    both = (*PARTLY, send(1, 50), transmit(1, 20))
    play = played(Reference, *both, again(1, n=3), offloads=TWO)
    (world,) = begins(play)
    stays = world.conns[1]
    assert (stays.block, stays.total, stays.peer.sent) == (0, 50, 20)
    assert world.conns[0].block < 0
    assert not play.breaches
    assert play.judge.world.handed_back(play.judge.world.conns[1])


def test_what_came_back_goes_on_with_its_chain_and_its_data() -> None:
    play = played(Reference, *PARTLY, again(m=2), *PARTLY)
    (world,) = begins(play)
    conn = world.conns[0]
    assert [(buf.begin, buf.end) for buf in conn.bufs if buf.status == PENDING] == [(130, 200), (200, 300)]
    assert (conn.peer.acked, conn.peer.sent, conn.own.nxt) == (130, 250, 250)
    assert conn.peer.arrived - conn.peer.app_got == MORE
    assert not play.breaches


@pytest.mark.parametrize("end", [disconnect(n=1), rst(), disconnect_with(n=4)], ids=lambda move: move.kind)
def test_what_ended_does_not_go_on(end: Any) -> None:
    """A host offloads no connection again that its application aborted; nor one with data of a disconnect."""
    play = played(Reference, data(n=3), end, again(m=2), data(n=1))
    (world,) = begins(play)
    assert world.conns[0].isn != Offload().isn
    assert not play.breaches


CLOSED = (send(n=5), disconnect(), transmit(n=6), peer_gets(n=6), ack(n=6, m=8000))
HALVES = {"CLOSE-WAIT": (data(n=3), fin()), "FIN-WAIT-2": CLOSED}
FIN_SENT = (send(n=5), disconnect(), transmit(n=6), peer_gets(n=4), ack(n=3, m=8000))
OUTSTANDING = {
    "FIN-WAIT-1": FIN_SENT,
    "CLOSING": (*FIN_SENT, fin()),
    "LAST-ACK": (data(n=3), fin(), *FIN_SENT),
}
"""What leads to the states in which a FIN of this end is not acknowledged."""


@pytest.mark.parametrize("state", HALVES)
@pytest.mark.parametrize(
    "then", [(), (rest(), *PARTLY), (fin_again(), rest()), (disconnect(), rest()), (query(),)]
)
def test_a_connection_goes_on_of_which_one_end_is_closed(state: str, then: Any) -> None:
    play = played(Reference, *HALVES[state], again(m=2), *then, again(m=2), data(n=2), fin(), rest())
    assert begins(play)[0].conns[0].isn == Offload().isn
    assert not play.breaches


@pytest.mark.parametrize("state", OUTSTANDING)
@pytest.mark.parametrize(
    "then",
    [
        (rest(),),
        (lose(), rest()),
        (retransmit(), transmit(n=2), query()),
        (peer_gets(n=9), ack(n=9, m=90), query(), rest()),
        (fin(), again(m=2), rest()),
        (disconnect(n=1), rest()),
        (rst(), rest()),
    ],
)
@pytest.mark.parametrize("target", [Reference, seeded.OffloadedFinForgotten])
def test_a_fin_that_is_outstanding_is_the_targets_again(target: Any, state: str, then: Any) -> None:
    play = played(target, *OUTSTANDING[state], again(m=2), *then)
    assert begins(play)[0].conns[0].isn == Offload().isn
    assert begins(play)[0].conns[0].closed_before
    lost = target is not Reference and then[0] == lose()
    assert ("progress.retransmitted" in play.breaches) == lost
    assert target is not Reference or not play.breaches


def test_a_fin_that_was_not_sent_is_asked_for_again() -> None:
    play = played(Reference, send(n=5), disconnect(), transmit(n=2), again(m=2), rest())
    assert list(play.judge.names).count("MiniportTcpOffloadDisconnect") == 2
    assert play.conn(0).peer.fin_at == 5
    assert not play.breaches


def test_a_connection_goes_on_no_more_when_both_are() -> None:
    (world,) = begins(played(Reference, *CLOSED, fin(), again(m=2), data(n=1)))
    assert world.conns[0].isn != Offload().isn


@pytest.mark.parametrize("state", HALVES)
def test_who_forgets_that_one_end_is_closed_is_told(state: str) -> None:
    play = played(seeded.HalfClosedAsOpen, *HALVES[state], again(m=2))
    assert "delegated.state" in play.breaches


def test_the_host_knows_of_a_fin_that_it_hands_over() -> None:
    play = played(seeded.EndToldAfterOffload, *HALVES["CLOSE-WAIT"], again(m=2), receive(n=1))
    assert "event.end-once" in play.breaches


def test_no_cycle_begins_after_something_broke() -> None:
    play = played(seeded.SiblingsFreed, *PARTLY, again(), *PARTLY, offloads=TWO)
    assert play.breaches
    assert not begins(play)


def test_a_cycle_that_is_not_needed_is_left_out() -> None:
    scenario = Scenario((*PARTLY, again(), *PARTLY, again(m=1), *PARTLY))

    def breaks(one: Scenario) -> bool:
        return "rcv.nxt" in played(seeded.FormerNumbersKept, *one.moves).breaches

    assert [move.kind for move in shrink(scenario, breaks, RunsLeft(300)).moves] == [again.name]
    assert shrink(scenario, lambda one: True, RunsLeft(300)).moves == ()


class TakesTheFirst(Reference):
    """Takes over every connection once, and the first of them again."""

    def miniport_initiate_offload(self, block_list: Any) -> None:
        again = bool(self.conns)
        for block in walk(block_list):
            refuses = again and block.type is StateType.TCP and len(self.conns) > 2
            if not refuses:
                block.miniport_offload_context = self._offload(block)
            block.status = Status.TCP_ENTRIES if refuses else Status.SUCCESS
        self.ndis.m_initiate_offload_complete(block_list)


def test_what_is_taken_again_goes_on_where_another_is_refused() -> None:
    both = (*PARTLY, send(1, 50), transmit(1, 20))
    play = played(TakesTheFirst, *both, again(m=2), *PARTLY, shape="path", offloads=TWO)
    worlds = begins(play)
    assert [world.conns[0].peer.arrived for world in worlds] == [50, 50]
    assert worlds[-1].conns[1].block < 0
    assert not play.breaches


def test_the_host_resumes_once_where_something_broke_before_the_next_cycle() -> None:
    """Resumed again, what it had sent and received would count twice, and break guarantees of its own."""
    back = (send(n=9), transmit(n=9), retransmit(), again(0, 0, GOES_ON))
    moves = (*back, data(n=9), send(n=1), again(), transmit(n=3))
    assert not played(Reference, *moves).breaches
    assert set(played(seeded.OffloadedMaxForgotten, *moves).breaches) == {"snd.max", "retransmit.running"}


def test_what_was_acknowledged_after_the_offload_is_not_to_be_sent_again() -> None:
    """SND.NXT was behind it when the connection was offloaded again."""
    moves = (send(n=9), transmit(n=5), retransmit(), again(0, 0, GOES_ON), peer_gets(n=9))
    assert not played(Reference, *moves, ack(n=3, m=8000), transmit(n=9)).breaches
    assert not played(Reference, *moves, ack(n=5, m=8000), transmit(n=9)).breaches


class DropsLater(Reference):
    """Short of memory: data after the first segment is dropped, and the peer sends it again."""

    count = 0

    def _take(self, conn: Any, segment: Any) -> None:
        self.count += bool(segment.payload)
        if not segment.payload or self.count < 2:
            super()._take(conn, segment)


def test_a_window_from_behind_data_that_was_dropped_is_of_the_past() -> None:
    moves = (data(n=1), data(n=MORE + 1), ack(m=500), again(m=GOES_ON))
    play = played(DropsLater, *moves)
    (world,) = begins(play)
    assert world.conns[0].peer.wnd_at == world.conns[0].peer.arrived == MORE + 1
    assert not play.breaches
