"""MaxSndWnd: what comes back is no less than a window that the peer advertised."""

from __future__ import annotations

import pytest
from native_stage import complaints

from chimneysweep.targets.chimney import moves
from chimneysweep.targets.chimney.delegated import TcpDelegatedState, widest_window
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.tcp_connection import TcpConnection
from chimneysweep.targets.chimney.scenario import Offload, Scenario
from chimneysweep.targets.judging.misbehaviour import NONSENSE
from chimneysweep.targets.running.direct import JUDGED

GROWS = (moves.send(0, 100), moves.transmit(0, 100), moves.peer_gets(0, 100), moves.ack(0, 100, 20_000))
SHUTS = (*GROWS[:3], moves.ack(0, 100, 0))


class AsOffloaded(Reference):
    """It goes back as it came."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.max_snd_wnd = conn.offloaded.max_snd_wnd


class AsNow(Reference):
    """It is the window of now."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.max_snd_wnd = conn.snd_wnd


class NotWritten(Reference):
    """It is left out."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.max_snd_wnd = None


class Endless(Reference):
    """It is the largest number."""

    def _delegate(self, conn: TcpConnection, state: TcpDelegatedState) -> None:
        super()._delegate(conn, state)
        state.max_snd_wnd = 2**32 - 1


def found(target: type[Reference], played: tuple[moves.Move, ...], window: int = 10_000) -> str:
    """What is complained of."""
    run = Play(target, Scenario(played, "connection", (Offload(window=window),)), JUDGED)
    run.run()
    return complaints(run).get(NONSENSE, "")


@pytest.mark.parametrize(
    ("target", "played"), [(AsOffloaded, GROWS), (AsNow, SHUTS), (Endless, ()), (Endless, (moves.query(),))]
)
def test_it_is_too_small_or_too_large(target: type[Reference], played: tuple[moves.Move, ...]) -> None:
    assert "MaxSndWnd is" in found(target, played)


@pytest.mark.parametrize("played", [(), GROWS, SHUTS, (moves.query(), *GROWS, moves.query())])
@pytest.mark.parametrize("target", [Reference, NotWritten])
def test_it_is_what_was_advertised_or_not_written(
    target: type[Reference], played: tuple[moves.Move, ...]
) -> None:
    assert not found(target, played)
    assert not found(target, played, window=0)


def test_the_window_of_the_offload_is_enough_where_it_never_grew() -> None:
    assert not found(AsOffloaded, SHUTS)
    assert not found(AsNow, GROWS)


def test_who_writes_nothing_at_all_is_told_by_that() -> None:
    assert not widest_window(TcpDelegatedState(max_snd_wnd=0xCCCCCCCC), 9, 9)
    assert widest_window(TcpDelegatedState(max_snd_wnd=0xCCCCCCCC, snd_wnd=9), 9, 9)
