"""An acknowledgement that says nothing new is not answered, or two such ends would go on for ever."""

from __future__ import annotations

from typing import Any

import pytest

from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.old_segments import same_ack
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.seeded_answer_targets import AcksAcknowledged
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import REPEATS
from chimneysweep.targets.running.direct import JUDGED

SENT = (moves.send(n=5), moves.transmit(n=5), moves.peer_gets(n=5), moves.ack(n=5, m=900))
CLOSED = (moves.disconnect(), moves.rest(), moves.fin(), moves.rest())


def broken(target: Any, *played: Any, conns: int = 1) -> set[str]:
    play = Play(target, Scenario(played, offloads=(Offload(),) * conns), JUDGED)
    play.run()
    return set(play.breaches)


class OnceMore(Reference):
    """Says its window once more when somebody seems to ask, and leaves it at that."""

    def _acknowledged(self, conn: Any, segment: Any) -> None:
        super()._acknowledged(conn, segment)
        if not segment.payload and not getattr(self, "said", False):
            self.said = True
            self._transmit(conn)


@pytest.mark.parametrize("before", [(), SENT, (moves.data(n=3), moves.rest()), CLOSED])
def test_who_answers_every_acknowledgement_is_told(before: Any) -> None:
    assert broken(AcksAcknowledged, *before, same_ack()) == {REPEATS}
    assert broken(Reference, *before, same_ack()) == set()
    assert broken(OnceMore, *before, same_ack()) == set()


BUSY = {
    "something is to be sent": SENT[:1],
    "something is to be acknowledged to it": SENT[:2],
    "something is to be acknowledged by it": (moves.data(n=3),),
    "it was reset": (moves.rst(),),
    "it was lost": (moves.fails(),),
}


@pytest.mark.parametrize("why", BUSY)
def test_none_is_asked_for_where_there_is_a_reason_to_send(why: str) -> None:
    assert REPEATS not in broken(AcksAcknowledged, *BUSY[why], same_ack())


def test_of_two_connections_nobody_knows_whose_segment_it_is() -> None:
    assert broken(AcksAcknowledged, same_ack(), conns=2) == set()
