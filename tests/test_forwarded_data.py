"""Segments with data or a FIN that the host forwards: what a target makes of them."""

from __future__ import annotations

import dataclasses
import itertools
from random import Random
from typing import Any

import pytest
from house import one_in

from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.targets.campaign import generate
from chimneysweep.targets.campaign.rarely import _forwarded
from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.forwarded_data import forward_data, forward_list
from chimneysweep.targets.chimney.interface import NetBufferList, Status
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.seeded_answer_targets import FirstForwardOnly, ForwardedDataDropped
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import NONSENSE, TWICE
from chimneysweep.targets.running.direct import JUDGED


def played(target: Any, *some: Any) -> Play:
    play = Play(target, Scenario(some, "connection", (Offload(),)), JUDGED)
    play.run()
    return play


class Odd(Reference):
    """Drops every other forwarded segment, and says that it was processed."""

    dropped = 0

    def _process_forwards(self, conn: TcpConnection) -> None:
        for nbl in conn.forwards:
            self.dropped += 1
            if self.dropped % 2:
                nbl.segment = None
        super()._process_forwards(conn)


@pytest.mark.parametrize("m", range(4))
@pytest.mark.parametrize("target", [Reference, Odd])
def test_a_target_takes_them_or_gets_them_again(target: Any, m: int) -> None:
    play = played(target, moves.data(n=4), forward_data(n=6, m=m), moves.data(n=2), moves.rest())
    assert not play.breaches
    assert play.handed.forwards[0] >= 1


@pytest.mark.parametrize("m", [0, 1])
def test_what_is_never_taken_is_told(m: int) -> None:
    assert (
        "progress.acknowledged" in played(ForwardedDataDropped, forward_data(n=6, m=m), moves.rest()).breaches
    )


class LastFirst(Reference):
    """Completes what was forwarded in a list in the other order, and in one call."""

    def _process_forwards(self, conn: TcpConnection) -> None:
        for nbl in (some := unlink_all(conn)):
            if nbl.segment:
                self.segment_arrives(conn, nbl.segment)
            nbl.status = self._forwarded(conn)
        for nbl, following in itertools.pairwise(some[::-1]):
            nbl.next = following
        if some:
            self.ndis.tcp_offload_forward_complete(some[-1])


def unlink_all(conn: TcpConnection) -> list[NetBufferList]:
    some, conn.forwards = conn.forwards, []
    return some


class Twice(Reference):
    """Completes the first of a list once more."""

    def miniport_tcp_offload_forward(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        status = super().miniport_tcp_offload_forward(context, net_buffer_list)
        context.forwards.append(context.forwards[0])
        return status


class NoStatus(Reference):
    """Writes no status into the first of a list."""

    def _forwarded(self, conn: TcpConnection) -> Status:
        return Status.UPLOAD_REQUESTED if conn.forwards else super()._forwarded(conn)


@pytest.mark.parametrize("after", [moves.rest(), moves.terminate()])
def test_each_segment_of_a_list_comes_back_once(after: Any) -> None:
    some = moves.data(n=4), forward_list(n=6, m=1), moves.data(n=2), after
    for lawful in (Reference, Odd, LastFirst):
        play = played(lawful, *some)
        assert not play.breaches
        assert play.handed.forwards[0] >= 3
    assert {"calls.forward", "progress.completed"} & played(FirstForwardOnly, *some).breaches.keys()
    assert played(Twice, *some).breaches.keys() >= {TWICE}
    assert played(NoStatus, *some).breaches.keys() >= {NONSENSE}


@pytest.mark.parametrize("k", one_in(3, range(60)))
def test_whenever_they_come_a_target_that_takes_them_is_not_blamed(k: int) -> None:
    drawn = generate.scenario(Random(f"forwarded {k}"))
    some = _forwarded(Random(k), drawn.moves, len(drawn.offloads))
    play = Play(Reference, dataclasses.replace(drawn, moves=some), JUDGED)
    play.run()
    assert not play.breaches
