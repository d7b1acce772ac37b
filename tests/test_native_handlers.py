"""Handlers of a driver that concern no connection are called in lawful order, and judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from native_stage import needs_cc

from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.launch import How, launch

pytestmark = needs_cc
HANDLERS = Path(__file__).parent / "drivers" / "handlers.c"
REGISTERED = "    Characteristics.UnloadHandler = MpUnload;\n"
RUN = "    ProcessForwards(Adapter);\n"
SEGMENT = "    if (!EnterUnlessTerminating(Connection)) { /*"
PLAYED = (
    *("sends, none transmitted", "data refused", "closed, and all acknowledged", "two paths"),
    "sends, at rest",
)
SENT_AGAIN = Scenario(
    (Move("send", n=9), Move("transmit", n=9), Move("retransmit"), Move("transmit", n=9), Move("rest"))
)
FAULTS = {
    "LENGTH_NOT_LOOKED_AT": "",
    "SUCCESS_FOR_ANYTHING": "there is no such OID",
    "COMPLETED_AND_RETURNED": "has completed the request besides",
    "COMPLETED_TWICE": "a request that waits no more",
    "REQUEST_FORGOTTEN": "is never completed",
    "SLEEPS_TOO_EARLY": "is granted before the offload of every connection has ended",
    "PAUSE_FORGOTTEN": "MiniportPause returned NDIS_STATUS_PENDING, and is never completed",
    "STAYS_STOPPED": "",
    "LOCK_KEPT": "",
    "RESET_COMPLETED_TWICE": "no MiniportResetEx waits for it",
    "FREED_WHEN_PULLED_OUT": "",
    "PAUSES_IN_SHUTDOWN": "no MiniportPause waits for it",
    "COUNTS_NOTHING": "InSegments is 0",
    "COUNTS_TWICE": "segments arrived on offloaded connections since it was reset",
    "COUNTS_REPEATED": "segments with anything new were sent",
    "COUNTERS_KEPT": "since it was reset",
    "COUNTS_PAYLOAD": "no room for the headers",
    "ONE_SET_FOR_BOTH": "and every offloaded connection is IPv4",
}
"""Of each the words in which it is told, where they are ours."""


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    """The reference, with all handlers."""
    folder = tmp_path / "driver"
    shutil.copytree(REFERENCE, folder)
    shutil.copy(HANDLERS, folder)
    stopped = SEGMENT.replace("if (!", "if (IsStopped())\n        return;\n    if (!")
    stopped = f"    Counted(FALSE, NULL, Segment);\n{stopped}"
    counted = (
        "VOID Counted(BOOLEAN Sent, PVOID NdisOffloadHandle, const SIM_SEGMENT *Segment);\n"
        "#define SimNicTransmit(Handle, Segment) \\\n"
        "    (Counted(TRUE, Handle, Segment), SimNicTransmit(Handle, Segment))\n"
    )
    declared = "VOID MpSegmentArrives(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment)\n"
    for name, old, new in (
        ("driver.c", REGISTERED, f"{REGISTERED}    AddHandlers(&Characteristics);\n"),
        ("offload.c", RUN, f"    Later(Adapter);\n{RUN}"),
        ("receive.c", SEGMENT, stopped),
        ("receive.c", declared, f"BOOLEAN IsStopped(VOID);\n{declared}"),
        ("driver.c", "static NDIS_HANDLE Mini", "VOID AddHandlers(PVOID);\nstatic NDIS_HANDLE Mini"),
        ("miniport.h", "#define TAG_ADAPTER", f"{counted}#define TAG_ADAPTER"),
        ("offload.c", "C_ASSERT(", "VOID Later(PADAPTER Adapter);\nC_ASSERT("),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def breaches(driver: Path, *flags: str) -> dict[str, str]:
    """What breaks, in words."""
    found: dict[str, str] = {}
    try:
        with launch(str(driver), How(flags=flags)) as runner:
            for scenario in (*(DIRECTED[name] for name in PLAYED), SENT_AGAIN):
                for rule, breach in runner.play(scenario).breaches.items():
                    found[rule] = "".join(broken.where for broken in breach.violation.broken)
    except BadTarget as refused:  # it shows already when the adapter starts
        found["start"] = str(refused)
    return found


def test_all_of_them_in_a_driver_that_keeps_the_rules(driver: Path) -> None:
    assert breaches(driver) == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_handler_does_wrong_is_found(fault: str, driver: Path) -> None:
    said = breaches(driver, f"-D{fault}")
    assert any(FAULTS[fault] in what for what in said.values()), said
