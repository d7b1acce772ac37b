"""What a target gives up, asks for too early, or delivers out of turn; each found by its check."""

from __future__ import annotations

from typing import Any

import pytest
from native_stage import complaints, needs_cc, play, smallest

from chimneysweep.targets.chimney.interface import BlockList, NetBufferList, Status, TcpEvent, seq_diff
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.python.steady_target import StateObject, TcpConnection
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import NONSENSE, UPLOADS
from chimneysweep.targets.running.direct import JUDGED

SENT = (Move("send", n=100), Move("transmit", n=100))


def found(target: Any, *moves: Move, shape: str = "connection") -> dict[str, str]:
    """What breaks, in words, by rule."""
    run = Play(target, Scenario(moves, shape), JUDGED)
    run.run()
    return complaints(run)


class FillsDuringIndications(Reference):
    """Fills a receive request at once, whatever else is under way on the connection."""

    def miniport_tcp_offload_receive(self, context: TcpConnection, net_buffer_list: NetBufferList) -> Status:
        """Now."""
        if context.held and context.indications:
            self._complete_receive(context, net_buffer_list)
            return Status.PENDING
        return super().miniport_tcp_offload_receive(context, net_buffer_list)


class SendsNewDataFirst(Reference):
    """Goes on behind what was ever sent, and leaves what was to be sent again to the timer."""

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection):
            made.nxt = made.max
        return made


class WaitsForNothing(Reference):
    """Indicates what came along with the offload together with what comes next."""

    def _offload(self, block: BlockList) -> StateObject:
        made = super()._offload(block)
        if isinstance(made, TcpConnection):
            made.refused = False
        return made


class AsksWhenIdle(Reference):
    """Asks for every connection to be taken back when it gets time."""

    reason = "LowActivity"

    def run(self) -> None:
        """Nothing is to be done."""
        for conn in self.conns:
            if self._wants(conn) and not (conn.terminating or conn.lost or conn.aborted):
                self._event(conn, TcpEvent.RETRIEVE, self.reason)
        super().run()

    def _wants(self, conn: TcpConnection) -> bool:
        return True


class AsksWhenTimeIsOver(AsksWhenIdle):
    """Asks when one side has closed, and the other one does not."""

    reason = "TimeoutExpiration"

    def _wants(self, conn: TcpConnection) -> bool:
        return conn.peer_fin or seq_diff(conn.max, conn.end) > 0


class AsksAgainWhenLost(AsksWhenIdle):
    """Asks for every connection to be taken back, as often as it gets time, lost or not."""

    def hardware_fails(self, context: StateObject) -> None:
        """Nothing is told at once."""
        context.lost = True

    def _wants(self, conn: TcpConnection) -> bool:
        return not conn.lost

    def run(self) -> None:
        """Tell of what is lost now."""
        for conn in self.conns:
            if conn.lost and not conn.terminating:
                self._event(conn, TcpEvent.RETRIEVE, self.lost_for)
        super().run()

    lost_for = "HardwareFailure"


class AsksWhenInvalid(AsksWhenIdle):
    """Asks when a path was invalidated."""

    reason = "InvalidState"
    invalid = False

    def miniport_invalidate_offload(self, block_list: BlockList) -> None:
        """From now on."""
        self.invalid = True
        super().miniport_invalidate_offload(block_list)

    def _wants(self, conn: TcpConnection) -> bool:
        return self.invalid


class StopsAfterAnUpdate(Reference):
    """Fails an update, and sends nothing more."""

    failed = False

    def miniport_update_offload(self, block_list: BlockList) -> None:
        """No."""
        self.failed = True
        super().miniport_update_offload(block_list)

    def transmit_opportunity(self, context: TcpConnection, room: int) -> None:
        """Only before."""
        if not self.failed:
            super().transmit_opportunity(context, room)


def test_a_request_comes_back_during_an_indication() -> None:
    inside = Move("meanwhile", then=(Move("receive", n=5),))
    said = found(FillsDuringIndications, inside, Move("data", n=9))
    assert "data comes back in it while an indication is under way" in said[NONSENSE]
    assert not found(Reference, inside, Move("data", n=9))


def test_what_was_to_be_sent_again_is_not_sent_first() -> None:
    moves = (*SENT, Move("retransmit"), Move("transmit", n=20), Move("send", n=9), Move("again", m=2))
    said = found(SendsNewDataFirst, *moves, Move("transmit", n=99))
    assert "is to be sent first" in said[NONSENSE]
    assert not found(Reference, *moves, Move("transmit", n=99))


def test_data_that_came_along_is_indicated_before_a_request_is_posted() -> None:
    moves = (Move("appetite"), Move("data", n=9), Move("again", m=2), Move("appetite", n=-1))
    said = found(WaitsForNothing, *moves, Move("data", n=5))
    assert "had received before it was offloaded waits for a request" in said[NONSENSE]
    assert not found(Reference, *moves, Move("data", n=5), Move("receive", n=3))


@pytest.mark.parametrize(
    ("moves", "state"),
    [
        ((Move("fin"), Move("ack timer")), "CLOSE_WAIT"),
        ((Move("disconnect"), Move("transmit", n=1)), "FIN_WAIT1"),
        ((Move("disconnect"), Move("transmit", n=1), Move("peer gets", n=1), Move("ack", n=1)), "FIN_WAIT2"),
    ],
)
def test_a_half_closed_connection_is_asked_for(moves: tuple[Move, ...], state: str) -> None:
    assert f"(LowActivity), which is in {state}" in found(AsksWhenIdle, *moves, Move("run"))[UPLOADS]
    assert not found(AsksWhenTimeIsOver, *moves, Move("run"))


def test_a_whole_connection_may_be_asked_for() -> None:
    assert not found(AsksWhenIdle, *SENT, Move("run"))


LOST = (Move("run"), Move("fails"), Move("rest"))


@pytest.mark.parametrize("reason", ["LowActivity", "TimeoutExpiration", "UploadRequested"])
def test_what_the_hardware_lost_is_asked_for_with_another_reason(reason: str) -> None:
    wrong = type("Wrong", (AsksAgainWhenLost,), {"lost_for": reason})
    assert f"lost connection 0, and the target gives {reason}" in found(wrong, *LOST)[UPLOADS]
    assert not found(AsksAgainWhenLost, *LOST)
    before = type("Before", (wrong,), {"reason": "UploadRequested"})  # it had given it up already
    assert not found(before, *LOST)


@pytest.mark.parametrize(
    ("reason", "rule", "said"),
    [
        (99, NONSENSE, "99 is no TCP_UPLOAD_REASON"),
        ("ReceivedUrgentData", UPLOADS, "had an URG bit"),
        ("InvalidState", UPLOADS, "no state object was invalidated"),
    ],
)
def test_a_reason_states_what_did_not_happen(reason: Any, rule: str, said: str) -> None:
    wrong = type("Wrong", (AsksWhenIdle,), {"reason": reason})
    assert said in found(wrong, Move("run"))[rule]


def test_a_path_was_invalidated() -> None:
    assert not found(AsksWhenInvalid, Move("call"), Move("run"), shape="stack")


def test_an_update_stops_the_connection() -> None:
    moves = (Move("call", n=2), Move("run"), *SENT, Move("rest"))
    assert "progress.transmitted" in found(StopsAfterAnUpdate, *moves, shape="stack")


@needs_cc
def test_cached_or_constant_state_is_written() -> None:
    statement = "((UCHAR *)(list + 1))[sizeof(OFFLOAD_STATE_HEADER)] ^= 1"
    assert "which are the host's to change" in complaints(play(smallest(ON_OFFLOAD=statement)))[NONSENSE]


class PreparesUpload(Reference):
    """Completes the sends of every connection before it asks for it."""

    status = Status.UPLOAD_IN_PROGRESS

    def link_changes(self) -> None:
        """All that is there."""
        for conn in self.conns:
            for _, nbl in conn.sends:
                self._complete_send(nbl, self.status, 0)
            conn.sends = []
            self._event(conn, TcpEvent.RETRIEVE, "UploadRequested")


@pytest.mark.parametrize("status", [Status.FAILURE, Status.REQUEST_ABORTED, Status.INVALID_STATE])
def test_sends_that_end_before_an_upload_come_back_as_uploaded(status: Status) -> None:
    moves = (Move("send", n=100), Move("link"), Move("terminate"))
    assert not found(PreparesUpload, *moves)
    assert "send-complete.status" in found(type("Fails", (PreparesUpload,), {"status": status}), *moves)


class GivesBackAsUploaded(Reference):
    """Gives a receive request back as being uploaded when it has time, and asks to be taken back or not."""

    asks = False

    def run(self) -> None:
        for conn in self.conns:
            if conn.requests and not conn.terminating:
                self._drain_receives(conn, Status.UPLOAD_IN_PROGRESS)
                if self.asks:
                    self._event(conn, TcpEvent.RETRIEVE, "UploadRequested")
        super().run()


class AsksToo(GivesBackAsUploaded):
    asks = True


def test_no_request_comes_back_as_uploaded_where_nobody_asked_for_that() -> None:
    rests = Move("receive", n=5), Move("rest")
    assert UPLOADS in found(GivesBackAsUploaded, *rests)
    assert UPLOADS not in found(AsksToo, *rests)
    assert UPLOADS not in found(Reference, *rests, Move("terminate"), Move("run"), Move("rest"))
