"""The functions of NDIS and the kernel that any driver uses: they do what they should; misuse is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from native_stage import DRIVERS, SMALLEST, Heard, complaints, needs_cc, play, smallest

from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.native import surface
from chimneysweep.targets.chimney.native.compiler import NDIS, BuildOptions, build
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.judging.misbehaviour import LEAKED, NONSENSE
from chimneysweep.targets.machine.refusal import BadTarget

KERNEL = DRIVERS / "kernel.c"
SEND = Move("send", n=9)
GROUPS = "timers dpcs work_items events lists interlocked locks memory strings configuration buffers hardware"


def complaints_of(*flags: str) -> list[str]:
    """All that is told of one Run of the driver that uses everything."""
    heard = Heard()
    target = factory(KERNEL, BuildOptions(sanitize=False, flags=flags))(heard)
    target.run()
    leaks = target.halt()
    return [text for _, text in heard.only("misbehaves")] + leaks


@needs_cc
def test_what_is_behaviour_behaves() -> None:
    assert complaints_of() == []


@needs_cc
def test_each_group_can_fail() -> None:
    told = "\n".join(complaints_of("-DSKEW=1"))
    assert set(GROUPS.split()) <= set(re.findall(r": (\w+)$", told, re.MULTILINE))


TIMER = (
    "static KTIMER *timer; static KDPC dpc; timer = ExAllocatePoolZero(0, sizeof(*timer), TAG);"
    " KeInitializeTimer(timer); LARGE_INTEGER due = {.QuadPart = -10};"
)
OBJECT = (
    "NDIS_HANDLE made;"
    " NDIS_TIMER_CHARACTERISTICS of = {{0x97, 1, sizeof(of)}, TAG, (PVOID)KeFlushQueuedDpcs};"
    " NdisAllocateTimerObject(adapter->handle, &of, &made); LARGE_INTEGER due = {.QuadPart = -100000000};"
)
RW = "PNDIS_RW_LOCK_EX lock = NdisAllocateRWLock(adapter->handle); LOCK_STATE_EX state;"
WRITE = "NdisAcquireRWLockWrite(lock, &state, 0);"
EVENT = "NDIS_EVENT event; NdisInitializeEvent(&event);"
WORK = (
    "NDIS_HANDLE item = NdisAllocateIoWorkItem(adapter->handle);"
    " NdisQueueIoWorkItem(item, (PVOID)KeFlushQueuedDpcs, NULL);"
)


@needs_cc
@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"{TIMER} KeSetTimer(timer, due, NULL); ExFreePool(timer)", "a timer in it that is still set"),
        (f"{OBJECT} NdisSetTimerObject(made, due, 0, NULL); NdisFreeTimerObject(made)", "still set"),
        (f"{OBJECT} NdisFreeTimerObject(made); NdisCancelTimerObject(made)", "what is not a timer object"),
        (
            "PKDPC dpc = ExAllocatePoolZero(0, sizeof(*dpc), TAG); KeInsertQueueDpc(dpc, NULL, NULL);"
            " ExFreePool(dpc)",
            "a DPC in it that is still queued",
        ),
        (f"{WORK} NdisQueueIoWorkItem(item, NULL, NULL)", "a work item that is queued already"),
        (f"{WORK} NdisFreeIoWorkItem(item)", "a work item that is queued already"),
        (f"{EVENT} NdisWaitEvent(&event, 0)", "NdisWaitEvent waits for what nothing in the driver"),
        ("NdisFreeRWLock(NULL)", "NdisFreeRWLock is passed what is not a reader/writer lock"),
        ("NdisCloseConfiguration(adapter)", "NdisCloseConfiguration is passed what is not a configuration"),
        ("NdisInitiateOffload(NULL, NULL)", "NdisInitiateOffload is called; it is for protocols"),
        (
            "NdisMOidRequestComplete(adapter->handle, NULL, 0)",
            "a request that waits no more, or was never made",
        ),
        ("KeBugCheckEx(0xD1, 1, 2, 3, 4)", "the driver stops the machine: KeBugCheckEx(0xD1"),
    ],
)
def test_misuse_is_told(statement: str, says: str) -> None:
    assert says in complaints(play(smallest(ON_SEND=statement), SEND))[NONSENSE]


@needs_cc
@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"{OBJECT} (void)0", "a timer object"),
        ("NdisAllocateIoWorkItem(adapter->handle)", "a work item"),
        ("NdisAllocateRWLock(adapter->handle)", "a reader/writer lock"),
        (
            "PVOID at; PHYSICAL_ADDRESS bus; NdisMAllocateSharedMemory(adapter->handle, 9, 0, &at, &bus)",
            "9 bytes",
        ),
    ],
)
def test_what_is_not_given_back_is_a_leak_with_its_line(statement: str, what: str) -> None:
    found = complaints(play(smallest(ON_SEND=statement), SEND))[LEAKED]
    assert f"MiniportHaltEx returns and {what}" in found
    assert re.search(r"taken at .*smallest\.c:\d+$", found)


LATER = """
static VOID later(PVOID context, NDIS_HANDLE item)
{
    struct adapter *adapter = context;
    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list = adapter->terminating;

    adapter->terminating = NULL;
    hand_back(list);
    NdisMTerminateOffloadComplete(adapter->handle, list);
    free_all(adapter, list);
    NdisFreeIoWorkItem(item);
}

static VOID terminate(NDIS_HANDLE context, PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST list)
{
    struct adapter *adapter = context;

    adapter->terminating = list;
    NdisQueueIoWorkItem(NdisAllocateIoWorkItem(adapter->handle), later, adapter);
}

"""
"""A driver that hands back from a work item, as drivers do that may not be at DISPATCH_LEVEL for it."""


@needs_cc
def test_a_driver_may_do_its_work_in_work_items(tmp_path: Path) -> None:
    source = SMALLEST.read_text(encoding="utf-8")
    start, end = source.index("static VOID terminate("), source.index("static VOID update(")
    for later, broken in ((LATER, False), (LATER.replace("NdisQueueIoWorkItem(", "(void)("), True)):
        (tmp_path / "driver.c").write_text(source[:start] + later + source[end:], encoding="utf-8")
        run = play(factory(tmp_path, BuildOptions(sanitize=False)), Move("terminate"))
        assert bool(run.breaches) == broken


# -- what there is -------------------------------------------------------------------


def test_the_list_names_functions_structures_constants_and_stubs() -> None:
    there = {(one.name, one.kind): one for one in surface.offered()}
    assert there["NdisSetTimerObject", "function"].header == "ndistimers.h"
    assert there["NDIS_TCP_CONNECTION_OFFLOAD", "structure"].stub == ""
    assert "OID_GEN_STATISTICS" in there["OID_GEN_*", "constants"].names
    assert there["TCP_UPLOAD_REASON", "enumeration"]
    assert there["NdisInitiateOffload", "function"].stub.startswith("reported")
    assert not any(name.startswith(("Chs", "CHS_")) for name, _ in there)


def test_what_is_a_stub_says_so() -> None:
    """Whatever stubs.c defines is declared as a stub, and nothing else but two that do half of it."""
    text = (NDIS / "src" / "stubs.c").read_text(encoding="utf-8")
    defined = set(re.findall(r"^[A-Z]\w+ (\w+)\([^;]*?\)\n\{", text, re.MULTILINE))
    defined |= set(re.findall(r"^HOSTS_\w+\((\w+)\)$", text, re.MULTILINE))
    stubs = {one.name for one in surface.offered() if one.stub}
    assert len(defined) > 20
    assert defined - {"ChsReadPort"} <= stubs
    assert stubs - defined == {"NdisWriteConfiguration", "NdisMRegisterInterruptEx"}


@needs_cc
def test_every_function_of_the_list_is_there(tmp_path: Path) -> None:
    names = [one.name for one in surface.offered() if one.kind == "function"]
    uses = ", ".join(f"(PVOID){name}" for name in names)
    source = SMALLEST.read_text(encoding="utf-8") + f"\n#include <ntintsafe.h>\nPVOID Uses[] = {{{uses}}};\n"
    (tmp_path / "driver.c").write_text(source, encoding="utf-8")
    assert build(tmp_path, BuildOptions(sanitize=False))
    (tmp_path / "driver.c").write_text(
        source.replace("(PVOID)KeSetTimer,", "(PVOID)KeSetNoTimer,"), encoding="utf-8"
    )
    with pytest.raises(BadTarget, match="KeSetNoTimer"):
        build(tmp_path, BuildOptions(sanitize=False))
