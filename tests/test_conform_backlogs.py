"""The send backlog that a query tells: it varies, but not with what is posted."""

from __future__ import annotations

from typing import Any

import pytest
from deferring_targets import ReadsLater

from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.delegated import TcpDelegatedState
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.seeded_answer_targets import BacklogCountsPosted
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import JUDGED

ASKED = (moves.rest(), moves.query(), moves.send(n=9), moves.query())


class Window(Reference):
    """Likes as much outstanding as the peer has room for."""

    def _tell(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._tell(conn, state)
        state.send_backlog = max(1, conn.snd_wnd)


class PutsOff(ReadsLater, Window):
    """Looks at acknowledgements when it has time."""


def broken(target: Any, *played: Any) -> list[str]:
    play = Play(target, Scenario(played), JUDGED)
    play.run()
    return list(play.breaches)


@pytest.mark.parametrize("between", [(), (moves.send(n=3, m=2),)])
def test_what_is_posted_changes_no_backlog(between: Any) -> None:
    assert broken(BacklogCountsPosted, *ASKED, *between, moves.query()) == ["target.nonsense"]
    assert broken(Window, *ASKED, *between, moves.query()) == []


@pytest.mark.parametrize("target", [Window, PutsOff, BacklogCountsPosted])
def test_anything_else_may(target: Any) -> None:
    """Without a rest before, or with something else in between, nobody knows what changed it."""
    opened = (moves.send(n=9), moves.transmit(n=9), moves.peer_gets(n=9), moves.ack(n=9, m=20))
    assert broken(target, *ASKED[1:]) == []
    assert broken(target, *opened, *ASKED[1:]) == []
    assert broken(target, *ASKED[:2], *opened, moves.query()) == []
