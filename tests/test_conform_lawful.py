"""A target that differs from ours in what it may is not blamed: a false alarm is worse than a miss."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from house import one_in
from lawful_targets import LAWFUL, StoresAndFails, TakesNothing

from chimneysweep.model.chimney.shapes import Offload
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.miniports.patched import REFERENCE, with_patch
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.moves import MOVES
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import InProcess

HERE = Path(__file__).parent
PATCHES = sorted((HERE / "lawful").glob("*.patch"))
CONNECTIONS = "NdisAcquireSpinLock(&Connection->Lock)", "NdisReleaseSpinLock(&Connection->Lock)"
BIG = "&Connection->Object.Adapter->Big"
STYLES: Mapping[str, Mapping[str, str]] = {
    "one lock for all connections": {
        **{old: old.replace("&Connection->Lock", BIG) for old in CONNECTIONS},
        "    NDIS_HANDLE BufferPool;\n": "    NDIS_HANDLE BufferPool;\n    NDIS_SPIN_LOCK Big;\n",
        "    NdisAllocateSpinLock(&Adapter->Lock);\n": (
            "    NdisAllocateSpinLock(&Adapter->Lock);\n    NdisAllocateSpinLock(&Adapter->Big);\n"
        ),
    },
    "small segments, each acknowledged": {
        "min(Room, (ULONG)min(Open, Unsent))": "min(min(Room, 536), (ULONG)min(Open, Unsent))",
        "return ++Connection->AcksDue > 1;": "return ++Connection->AcksDue > 0;",
    },
    "early data is dropped": {
        "    if (Chunk != NULL)\n        InsertTailList(&Connection->Early, &Chunk->Link);": (
            "    if (Chunk != NULL)\n        FreeChunk(Chunk);"
        ),
    },
    "received data is copied into requests a byte at a time": {
        "Part = min(Length - Filled, Chunk->Length - Chunk->Consumed);": "Part = 1;",
    },
    "frees a connection while the host has its data, which is memory of its own": {
        "Object->HandedBack && Object->Loans == 0": "Object->HandedBack",
        "        InterlockedDecrement(&Connection->Object.Loans);\n    }\n": "    }\n",
        "        Connection = Loan->Connection;\n        FreeLoan(Loan);\n": "        FreeLoan(Loan);\n",
        "    PNET_BUFFER_LIST Next;\n    PCONNECTION Connection;\n    PLOAN Loan;\n": (
            "    PNET_BUFFER_LIST Next;\n    PLOAN Loan;\n"
        ),
    },
    "expects all to be taken back before it is halted": {
        "    while (!IsListEmpty(&Adapter->Objects))\n"
        "        FreeObject(CONTAINING_RECORD(Adapter->Objects.Flink, STATE_OBJECT, Link));\n": "",
    },
    "members side by side, of which another processor writes the one in the middle": {
        "    BOOLEAN Urgent; /*": "    UCHAR First, Seen, Last;\n    BOOLEAN Urgent; /*",
        "\n    ProcessSegment(Connection, Segment);\n": (
            "\n    Connection->Seen = 1;\n    ProcessSegment(Connection, Segment);\n"
        ),
        "    QueueChain(&Connection->Requests, NetBufferList);\n": (
            "    if (Connection->First != 1 && Connection->Last != 2)\n"
            "        QueueChain(&Connection->Requests, NetBufferList);\n"
        ),
    },
    "copies each segment, and drops what it has no memory for": {
        "\n    ProcessSegment(Connection, Segment);\n": (
            "\n    static volatile ULONG None;\n"
            "    PVOID Copy = ExAllocatePoolWithTag(NonPagedPoolNx, 1, 1);\n\n    if (Copy != NULL) {\n"
            "        NdisMoveMemory(Copy, UlongToPtr(None), None);\n"
            "        ExFreePoolWithTag(Copy, 1);\n        ProcessSegment(Connection, Segment);\n    }\n"
        ),
    },
}
"""What a driver may do otherwise than the reference: what becomes what, in all of its files."""
FEW = Options(runs=40, seed=5, all=True)
needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc) on this machine")


def said(report: Any) -> list[str]:
    """What was said against a target."""
    return [trace.violation.property for trace in report.findings] + list(report.also_broken)


@pytest.mark.parametrize("target", LAWFUL, ids=lambda target: str(target.__name__))
def test_nothing_is_said_against_it(target: Any) -> None:
    report = conform(f"{HERE / 'lawful_targets.py'}:{target.__name__}", FEW)
    assert said(report) == []


@needs_cc
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: str(patch.stem))
def test_nothing_is_said_against_a_driver(patch: Path, tmp_path: Path) -> None:
    assert said(conform(str(with_patch(patch, tmp_path)), FEW)) == []


@needs_cc
@pytest.mark.parametrize("style", one_in(2, list(STYLES)))
def test_nothing_is_said_against_another_style(style: str, tmp_path: Path) -> None:
    folder = shutil.copytree(REFERENCE, tmp_path / "driver")
    left = set(STYLES[style])
    for file in (*folder.glob("*.c"), *folder.glob("*.h")):
        text = file.read_text(encoding="utf-8")
        left -= {old for old in left if old in text}
        for old, new in STYLES[style].items():
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    assert not left
    assert said(conform(str(folder), FEW)) == []


def test_a_refused_connection_leaves_the_others_to_be_judged() -> None:
    played = [InProcess(target).play(DIRECTED[name]) for target in LAWFUL[1:3] for name in DIRECTED]
    assert all(not outcome.breaches for outcome in played)
    assert any("MiniportTerminateOffload" in outcome.happened for outcome in played)


def test_no_move_reaches_a_connection_that_was_refused() -> None:
    for kind in MOVES.values():
        for shape in ("connection", "placeholder sibling"):
            scenario = Scenario((kind(0, 7, 1), kind(0), kind(0, 1)), shape)
            assert not InProcess(TakesNothing).play(scenario).breaches, kind.name


def test_what_is_failed_has_no_context() -> None:
    broken = [InProcess(StoresAndFails).play(scenario).breaches for scenario in DIRECTED.values()]
    assert any("target.nonsense" in found for found in broken)
    assert all(not InProcess(TakesNothing).play(scenario).breaches for scenario in DIRECTED.values())


class ByteByByte(Reference):
    """Indicates one byte at a time."""

    def _indicate(self, conn: Any) -> None:
        rest, conn.held = conn.held[1:], conn.held[:1]
        super()._indicate(conn)
        conn.held += rest


def test_a_call_may_make_as_many_calls_as_deliver_something() -> None:
    scenario = Scenario((Move("data", n=2000), Move("appetite", n=0), Move("data", n=2000)))
    assert not InProcess(ByteByByte).play(scenario).breaches


class CopiesIntoRequests(Reference):
    """What fits into a request that waits to be full takes no room in its own buffer."""

    def _room(self, conn: Any) -> int:
        return super()._room(conn) + min(len(conn.held), sum(len(nbl.data) for nbl in conn.requests))


def test_data_in_a_posted_request_takes_no_room() -> None:
    in_two = (Move("receive whole", n=2), Move("data", n=1), Move("ack timer"), Move("data", n=1))
    assert not InProcess(CopiesIntoRequests).play(Scenario(in_two)).breaches


class FinNeedsRoom(Reference):
    """Takes nothing but acknowledgements where the window is shut (RFC 9293, 3.10.7.4): no FIN either."""

    def _take(self, conn: Any, segment: Any) -> None:
        if self._room(conn):
            super()._take(conn, segment)
        else:
            self._transmit(conn)


class AsksInItsOwnTime(Reference):
    """Works no more when urgent data arrives, and asks to be relieved when it has time."""

    urgent: Any = None

    def urgent_arrives(self, context: Any, segment: Any) -> None:
        self.urgent = context, segment

    def segment_arrives(self, context: Any, segment: Any) -> None:
        if not self.urgent:
            super().segment_arrives(context, segment)

    def run(self) -> None:
        if self.urgent:
            super().urgent_arrives(*self.urgent)
        super().run()


class AnswersWhenItTerminated(Reference):
    """Completes updates last: the host terminates no connection before its updates are completed."""

    asked: Any = None

    def miniport_update_offload(self, block_list: Any) -> None:
        self.asked = block_list

    def run(self) -> None:
        super().run()
        if self.asked:
            super().miniport_update_offload(self.asked)
        self.asked = None


RELIED_ON = {
    FinNeedsRoom: Scenario((Move("fin"), Move("rest")), offloads=(Offload(capacity=0),)),
    AsksInItsOwnTime: Scenario((Move("urgent", n=1), Move("ack", m=9), Move("terminate"))),
    AnswersWhenItTerminated: Scenario((Move("grow window"), Move("terminate"))),
}


@pytest.mark.parametrize(
    ("target", "scenario"), RELIED_ON.items(), ids=lambda it: getattr(it, "__name__", "")
)
def test_what_a_target_may_rely_on_is_so(target: Any, scenario: Scenario) -> None:
    assert not InProcess(target).play(scenario).breaches


class SmallSegments(Reference):
    """Uses up the room on the wire with segments of one byte."""

    def transmit_opportunity(self, context: Any, room: int) -> None:
        for _ in range(room):
            super().transmit_opportunity(context, 1)


def test_or_send_something() -> None:
    scenario = Scenario((Move("send", n=700), Move("transmit", n=700), Move("terminate")))
    assert not InProcess(SmallSegments).play(scenario).breaches


def test_what_came_during_a_hand_off_is_the_hosts_to_acknowledge() -> None:
    """Its timestamp is not the target's to echo when the connection is offloaded again."""
    offloaded_again = (Move("again", m=2), Move("send", n=1), Move("transmit", n=1))
    scenario = Scenario((Move("timestamps"), Move("terminate"), Move("data", n=1), *offloaded_again))
    assert not InProcess(Reference).play(scenario).breaches
