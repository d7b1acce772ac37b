"""Segments with data or a FIN that the host forwards: what a target makes of them."""

from __future__ import annotations

import dataclasses
from random import Random
from typing import Any

import pytest
from house import one_in

from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.targets.campaign import generate
from chimneysweep.targets.campaign.rarely import _forwarded
from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.forwarded_data import forward_data
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.seeded_answer_targets import ForwardedDataDropped
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
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


@pytest.mark.parametrize("k", one_in(3, range(60)))
def test_whenever_they_come_a_target_that_takes_them_is_not_blamed(k: int) -> None:
    drawn = generate.scenario(Random(f"forwarded {k}"))
    some = _forwarded(Random(k), drawn.moves, len(drawn.offloads))
    play = Play(Reference, dataclasses.replace(drawn, moves=some), JUDGED)
    play.run()
    assert not play.breaches
