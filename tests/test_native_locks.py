"""What a driver in C does wrong with its locks, and at which IRQL, each found under a name of its own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from native_stage import complaints, needs_cc, play, smallest

from chimneysweep.targets import chimney
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.judging.misbehaviour import LOCKING, NONSENSE

NDIS = Path(chimney.__file__).parent / "ndis"
SEND, DATA = Move("send", n=4), Move("data", n=4)
ACQUIRE, RELEASE = "NdisAcquireSpinLock(&adapter->lock)", "NdisReleaseSpinLock(&adapter->lock)"
COMPLETES = "adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, list)"
OWN = "PNDIS_SPIN_LOCK own = ExAllocatePoolZero(0, sizeof(*own), TAG); NdisAcquireSpinLock(own);"
OTHER = "static KSPIN_LOCK a, b, gate; KIRQL x, y, z;"
BOTH = "KeAcquireSpinLock(&{0}, &x); KeAcquireSpinLock(&{1}, &y);"
A_B = f"{BOTH.format('a', 'b')} KeReleaseSpinLock(&b, y); KeReleaseSpinLock(&a, x);"
B_A = f"{BOTH.format('b', 'a')} KeReleaseSpinLock(&a, y); KeReleaseSpinLock(&b, x);"
IN, OUT = "KeAcquireSpinLock(&gate, &z);", "KeReleaseSpinLock(&gate, z);"
RW = "PNDIS_RW_LOCK_EX lock = NdisAllocateRWLock(adapter->handle); LOCK_STATE_EX state;"
WRITE = "NdisAcquireRWLockWrite(lock, &state, 0);"
EVENT = "NDIS_EVENT event; NdisInitializeEvent(&event);"
HERE = r"at \S*smallest\.c:\d+"

MISUSED = [
    (f"{ACQUIRE}; {ACQUIRE}; {RELEASE}", "target.lock-twice", f"for itself forever; taken {HERE}"),
    (f"{RW} {WRITE} {WRITE}", "target.lock-twice", "NdisAcquireRWLockWrite: the lock is held already"),
    (RELEASE, "target.lock-not-held", "NdisReleaseSpinLock: the lock is not held"),
    (ACQUIRE, "target.lock-kept", f"MiniportTcpOffloadSend returns while it holds a lock, taken {HERE}"),
    (f"{RW} {WRITE} (void)0", "target.lock-kept", "MiniportTcpOffloadSend returns while it holds a lock"),
    (
        f"{ACQUIRE}; {COMPLETES}; {RELEASE}",
        "target.lock-across-call",
        f"NdisTcpOffloadSendComplete is called with a spin lock held, taken {HERE}",
    ),
    (f"adapter->lock.SpinLock = 77; {ACQUIRE}; {RELEASE}", NONSENSE, "the spin lock was never initialised"),
    (
        f"{ACQUIRE}; NdisFreeSpinLock(&adapter->lock); {RELEASE}",
        "target.lock-freed",
        "NdisFreeSpinLock: the spin lock is held",
    ),
    (f"{OWN} ExFreePool(own)", "target.lock-freed", f"with a spin lock in it that it holds, taken {HERE}"),
    (f"{OTHER} {A_B} {B_A}", "target.lock-order", f"in one order {HERE}, and in the other order {HERE}"),
    (
        f"{OTHER} {IN} {A_B} {OUT} {B_A}",
        "target.lock-order",
        "two processors that do so at once wait for each other",
    ),
    (
        f"{OTHER} KeAcquireSpinLock(&a, &x); KeReleaseSpinLock(&a, 2)",
        "target.irql",
        "KeReleaseSpinLock makes the IRQL 2; it was 0 before the lock was taken",
    ),
    (
        f"{OTHER} KeAcquireSpinLock(&a, &x); KeAcquireSpinLock(&b, &y); KeReleaseSpinLock(&a, x);"
        " KeReleaseSpinLock(&b, y)",
        "target.irql",
        "lowers the IRQL to 0 while another spin lock is held",
    ),
    (
        "NdisDprAcquireSpinLock(&adapter->lock); NdisDprReleaseSpinLock(&adapter->lock)",
        "target.irql",
        "it takes 2",
    ),
    (
        f"NDIS_HANDLE conf; {ACQUIRE}; NdisCloseConfiguration(NULL); {RELEASE}",
        "target.irql",
        "NdisCloseConfiguration is called at IRQL 2; it may be called up to 0",
    ),
    (
        "KIRQL before; KeRaiseIrql(2, &before); KeRaiseIrql(0, &before)",
        "target.irql",
        "lowers the IRQL from 2 to 0",
    ),
    (
        "KIRQL before; KeRaiseIrql(2, &before); (void)0",
        "target.irql",
        "MiniportTcpOffloadSend returns at IRQL 2; it was called at 0",
    ),
    (
        f"{EVENT} {ACQUIRE}; NdisWaitEvent(&event, 1); {RELEASE}",
        "target.waits",
        f"NdisWaitEvent waits with a spin lock held, taken {HERE}",
    ),
    (
        "KIRQL before; KeRaiseIrql(2, &before); NdisMSleep(7); KeLowerIrql(before)",
        "target.waits",
        "KeWaitForSingleObject waits at DISPATCH_LEVEL",
    ),
]


@needs_cc
@pytest.mark.parametrize(("statement", "rule", "says"), MISUSED)
def test_a_lock_that_is_misused(statement: str, rule: str, says: str) -> None:
    found = complaints(play(smallest(ON_SEND=statement), SEND))
    assert re.search(says, found[rule]), found[rule]


@needs_cc
def test_waiting_in_the_interrupt_of_the_nic() -> None:
    found = complaints(play(smallest(ON_SEGMENT="NdisMSleep(5)"), DATA))
    assert "waits at DISPATCH_LEVEL" in found["target.waits"]


LAWFUL = [
    f"{ACQUIRE}; {RELEASE}",
    "NdisDprAcquireSpinLock(&adapter->lock); NdisDprReleaseSpinLock(&adapter->lock)",
    f"{OTHER} {A_B} {A_B}",
    f"{OTHER} {IN} {A_B} {OUT} {IN} {B_A} {OUT}",
    f"{OTHER} KeAcquireSpinLock(&a, &x); KeAcquireSpinLock(&b, &y); KeReleaseSpinLock(&a, y);"
    " KeReleaseSpinLock(&b, x)",
    f"{OTHER} {A_B} KeAcquireSpinLock(&b, &x); if (KeTryToAcquireSpinLockAtDpcLevel(&a))"
    " KeReleaseSpinLockFromDpcLevel(&a); KeReleaseSpinLock(&b, x)",
    f"{RW} {WRITE} NdisReleaseRWLock(lock, &state); NdisFreeRWLock(lock)",
    f"{OWN} NdisReleaseSpinLock(own); ExFreePool(own)",
    # the NIC is no part of NDIS, and calls nobody back
    f"SIM_SEGMENT s = {{.Seq = 1000, .Ack = 5000, .Window = 10000}}; {ACQUIRE};"
    f" SimNicTransmit(object->handle, &s); {RELEASE}",
]


@needs_cc
@pytest.mark.parametrize("statement", LAWFUL)
def test_a_lock_that_is_used_well(statement: str) -> None:
    found = play(smallest(ON_SEGMENT=statement), DATA, DATA).breaches
    assert not found.keys() & {NONSENSE, *LOCKING}


@needs_cc
def test_an_order_that_is_reversed_in_another_call() -> None:
    order = "static KSPIN_LOCK a, b; static int turn; KIRQL x, y;"
    found = complaints(
        play(smallest(ON_SEND=f"{order} if (turn++) {{ {B_A} }} else {{ {A_B} }}"), SEND, SEND)
    )
    assert "two spin locks are taken in one order" in found["target.lock-order"]


def test_the_levels_are_those_of_the_table_and_are_looked_at() -> None:
    table = tomllib.loads((NDIS / "irql.toml").read_text(encoding="utf-8"))
    levels = {"PASSIVE_LEVEL": 0, "APC_LEVEL": 1, "DISPATCH_LEVEL": 2}
    written = re.findall(r'\{"(\w+)", (\w+), (\w+)\}', (NDIS / "src" / "irql.c").read_text(encoding="utf-8"))
    assert {name: [levels[least], levels[most]] for name, least, most in written} == {
        name: entry["irql"] for name, entry in table.items()
    }
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted((NDIS / "src").glob("*.c")))
    for name, entry in table.items():
        assert entry["source"].endswith(f"-{name.lower()}.md")
        assert re.search(rf"^\w+ {name}\([^;{{]*\)\n{{\n    CHS_LEVEL;", text, re.M), name
