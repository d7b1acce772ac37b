"""The C library that plays NDIS: what it does for a driver, and what it says of one that misbehaves."""

from __future__ import annotations

import random
import re

import pytest
from native_stage import (
    PENDING,
    Heard,
    complaints,
    needs_cc,
    offloaded,
    play,
    play_sanitized,
    posted,
    smallest,
)

from chimneysweep.targets.chimney.interface import NetBufferList, Segment, Status
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.judging.misbehaviour import LEAKED, MEMORY, NONSENSE
from chimneysweep.targets.machine.refusal import BadTarget

pytestmark = needs_cc

SEND = Move("send", n=5)
DATA = Move("data", n=3)
RECEIVE = Move("receive", n=4)


# -- registration --------------------------------------------------------------------


def refused(**statements: str) -> str:
    with pytest.raises(BadTarget) as caught:
        smallest(**statements)
    return str(caught.value).removeprefix("this driver cannot be played with: ")


def test_the_smallest_driver_is_taken_and_breaks_nothing() -> None:
    assert not play(smallest()).breaches


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("tcp.TcpOffloadSendHandler", "MiniportTcpOffloadSend"),
        ("tcp.TcpOffloadReceiveReturnHandler", "MiniportTcpOffloadReceiveReturn"),
        ("generic.QueryOffloadHandler", "MiniportQueryOffload"),
    ],
)
def test_a_handler_that_is_missing(field: str, name: str) -> None:
    assert f"the driver registers no {name}" in refused(ON_OPTIONS=f"{field} = NULL")


def test_a_table_that_is_missing() -> None:
    assert "the driver registers no NDIS_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS" in refused(
        ON_OPTIONS="return NdisSetOptionalHandlers(handle, (PNDIS_DRIVER_OPTIONAL_HANDLERS)&tcp)"
    )


@pytest.mark.parametrize(
    ("hook", "statement", "says"),
    [
        ("ON_OPTIONS", "tcp.Header.Revision = 7", "Header.Revision is 7; it should be 1"),
        ("ON_OPTIONS", "generic.Header.Size = 8", "Header.Size is 8; it should be"),
        ("ON_OPTIONS", "handle = object_of_another", "outside MiniportSetOptions, or with another handle"),
        ("ON_ENTRY", "characteristics.Header.Type = 0x80", "Header.Type is 0x80; it should be 0x8A"),
        ("ON_ENTRY", "characteristics.MajorNdisVersion = 5", "the chimney needs 6.0 or later"),
        (
            "ON_ENTRY",
            "characteristics.SetOptionsHandler = NULL",
            "the driver registers no MiniportSetOptions",
        ),
        ("ON_ENTRY", "return 0xC000009A", "DriverEntry returns 0xC000009A"),
        ("ON_ENTRY", "return 0", "NdisMRegisterMiniportDriver did not succeed"),
        ("ON_INITIALIZE", "nic.Run = NULL", "SimNicAttach needs the handlers"),
        ("ON_INITIALIZE", "return 0xC0000001", "MiniportInitializeEx returns 0xC0000001"),
        ("ON_INITIALIZE", "return 0", "does not call NdisMSetMiniportAttributes"),
    ],
)
def test_what_is_registered_wrongly(hook: str, statement: str, says: str) -> None:
    assert says in refused(**{hook: statement.replace("object_of_another", "&status")})


# -- locks ---------------------------------------------------------------------------

ACQUIRE, RELEASE = "NdisAcquireSpinLock(&adapter->lock)", "NdisReleaseSpinLock(&adapter->lock)"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"{ACQUIRE}; {ACQUIRE}; {RELEASE}", "the lock is held already"),
        (RELEASE, "NdisReleaseSpinLock: the lock is not held"),
        (ACQUIRE, "MiniportTcpOffloadSend returns while it holds a lock"),
        (
            f"{ACQUIRE}; adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, list); {RELEASE}",
            "NdisTcpOffloadSendComplete is called with a spin lock held",
        ),
        (f"adapter->lock.SpinLock = 77; {ACQUIRE}; {RELEASE}", "the spin lock was never initialised"),
        (
            f"{ACQUIRE}; NdisFreeSpinLock(&adapter->lock); {RELEASE}",
            "NdisFreeSpinLock: the spin lock is held",
        ),
        (
            "PNDIS_SPIN_LOCK own = ExAllocatePoolZero(0, sizeof(*own), TAG);"
            " NdisAcquireSpinLock(own); ExFreePool(own)",
            "frees memory with a spin lock in it that it holds",
        ),
    ],
)
def test_a_lock_that_is_misused(statement: str, says: str) -> None:
    assert says in complaints(play(smallest(ON_SEND=statement), SEND))[NONSENSE]


def test_a_lock_that_is_used_well() -> None:
    assert NONSENSE not in play(smallest(ON_SEGMENT=f"{ACQUIRE}; {RELEASE}"), DATA).breaches


# -- memory --------------------------------------------------------------------------


def test_a_leak_has_a_source_line() -> None:
    make = smallest(ON_RECEIVE="ExAllocatePoolWithTag(NonPagedPool, 33, 'kaeL')")
    found = complaints(play(make, RECEIVE))[LEAKED]
    assert found.startswith(
        "MiniportHaltEx returns and 33 bytes with the tag 'Leak' are not freed, taken at "
    )
    line = int(found.rpartition(":")[2])
    with open(found.partition("taken at ")[2].rpartition(":")[0], encoding="utf-8") as source:
        assert "ON_RECEIVE;" in source.readlines()[line - 1]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("NdisAllocateMdl(adapter->handle, adapter, 8)", "an MDL"),
        ("NdisAllocateNetBufferAndNetBufferList(adapter->pool, 0, 0, NULL, 0, 0)", "a NET_BUFFER_LIST"),
        ("NdisAllocateNetBufferListPool(adapter->handle, (PVOID)adapter)", "a pool of"),
    ],
)
def test_whatever_else_is_leaked(statement: str, what: str) -> None:
    assert f"returns and {what}" in complaints(play(smallest(ON_SEGMENT=statement), DATA))[LEAKED]


def test_what_the_driver_takes_in_driver_entry_is_no_leak() -> None:
    assert not play(smallest(ON_ENTRY="ExAllocatePoolWithTag(NonPagedPool, 33, TAG)")).breaches


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("ExFreePool(&adapter->count)", "frees memory that it never took, or freed before"),
        (
            "PVOID p = ExAllocatePoolWithTag(0, 8, 'eno1'); ExFreePoolWithTag(p, 'owtT')",
            "frees memory with the tag '1one' as 'Ttwo'",
        ),
        ("NdisFreeMdl((PMDL)adapter)", "NdisFreeMdl is passed what the driver never allocated"),
        ("NdisFreeNetBufferList(list)", "NdisFreeNetBufferList is passed what the driver never allocated"),
        ("NdisFreeMdl(list->FirstNetBuffer->MdlChain)", "NdisFreeMdl is passed what the driver never"),
        ("NT_ASSERT(adapter->count == 99)", "an assertion of the driver fails at"),
    ],
)
def test_what_is_freed_wrongly(statement: str, says: str) -> None:
    found = complaints(play(smallest(ON_SEND=statement), SEND))[NONSENSE]
    assert says in found


COMPLETE = "adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, list)"
TOUCHES = (
    "list->MiniportReserved[0] = adapter",
    "*(PUCHAR)list->FirstNetBuffer->MdlChain->MappedSystemVa += 1",
)


@pytest.mark.parametrize("touch", TOUCHES)
def test_a_write_to_what_was_completed_is_found_without_sanitizers(touch: str) -> None:
    found = complaints(play(smallest(ON_SEND=f"{COMPLETE}; {touch}"), SEND))
    assert found[MEMORY] == "the driver writes into a send NET_BUFFER_LIST after it gave it away"


TOUCHES_BY_LENGTH = f"""
    volatile PUCHAR start = list->FirstNetBuffer->MdlChain->MappedSystemVa;
    ULONG length = 0;
    for (PNET_BUFFER nb = list->FirstNetBuffer; nb; nb = nb->Next) length += nb->DataLength;
    switch (length) {{
    case 1: {COMPLETE}; {TOUCHES[0]}; break;
    case 2: {COMPLETE}; {TOUCHES[1]}; break;
    case 3: {COMPLETE}; adapter->count += list->Status; break;
    case 4: {TOUCHES[0]}; {COMPLETE}; break;
    case 5: adapter->count = 1 << (31 + adapter->count); break;
    case 400: adapter->count += start[399]; break;
    }}
"""
KEEPS_SEGMENT = "static const SIM_SEGMENT *last; if (last) adapter->count += (int)last->Seq; last = segment"


def test_a_sanitized_driver_is_stopped_by_every_touch() -> None:
    cases = {
        "written": (Move("send", n=1),),
        "data written": (Move("send", n=2),),
        "read": (Move("send", n=3),),
        "its own": (Move("send", n=4),),
        "undefined": (Move("send", n=5),),
        "read in one piece": (Move("send", n=400),) * 6,
        "a segment of before": (Move("data", n=3),) * 2,
    }
    said = play_sanitized(cases, ON_SEND=TOUCHES_BY_LENGTH.replace("\n", " "), ON_SEGMENT=KEEPS_SEGMENT)
    for case in ("written", "data written", "read"):
        assert "AddressSanitizer: use-after-poison" in said[case]
        assert "in send" in said[case]
        assert "smallest.c:" in said[case]
    assert re.search("heap-buffer-overflow|heap-use-after-free", said["read in one piece"])
    assert "heap-use-after-free" in said["a segment of before"]
    assert "AddressSanitizer" not in said["its own"]
    assert said["its own"].endswith("ends with 0")
    assert "smallest.c" in said["undefined"]
    assert "runtime error: shift exponent 32 is too large" in said["undefined"]


# -- buffers -------------------------------------------------------------------------

SHOWS_DATA = """
    UCHAR storage[512];
    SIM_SEGMENT segment = {0};
    for (PNET_BUFFER nb = list->FirstNetBuffer; nb; nb = nb->Next) {
        ULONG skip = nb->DataLength / 3;
        NdisAdvanceNetBufferDataStart(nb, skip, FALSE, NULL);
        NdisAdvanceNetBufferDataStart(nb, skip, FALSE, NULL);
        for (int k = 0; k < 2; k++) {
            NdisRetreatNetBufferDataStart(nb, skip, 0, NULL);
            segment.Seq = skip;
            segment.PayloadLength = nb->DataLength;
            segment.Payload = NdisGetDataBuffer(nb, nb->DataLength, storage, 1, 0);
            SimNicTransmit(object->handle, &segment);
        }
    }
"""


def test_data_starts_are_moved_across_mdls() -> None:
    heard, rng = Heard(), random.Random(1)
    target = smallest(ON_SEND=SHOWS_DATA.replace("\n", " "))(heard)
    block = offloaded(target)
    context, buffers = block.miniport_offload_context, []
    for length in (1, 2, 3, *(rng.randrange(1, 512) for _ in range(200))):
        data = rng.randbytes(length)
        assert target.miniport_tcp_offload_send(context, NetBufferList(data)) is PENDING
        told = heard.only("transmit")
        heard.calls.clear()
        assert all(handle is block.ndis_offload_handle for handle, _ in told)
        shorter, whole = ([segment.payload for _, segment in told[k::2]] for k in (0, 1))
        assert b"".join(whole) == data
        assert shorter == [part[segment.seq :] for part, (_, segment) in zip(whole, told[::2], strict=True)]
        buffers.append(len(whole))
    assert set(buffers) == {1, 2, 3}


def test_the_data_is_scattered_in_many_ways() -> None:
    shape = "list->FirstNetBuffer->DataOffset + 1000 * (list->FirstNetBuffer->MdlChain->Next != NULL)"
    moved = "10000 * (list->FirstNetBuffer->CurrentMdl != list->FirstNetBuffer->MdlChain)"
    statement = f"SIM_SEGMENT segment = {{{shape} + {moved}}}; SimNicTransmit(object->handle, &segment)"
    make, seen = smallest(ON_SEND=statement), []
    for _ in range(2):
        heard = Heard()
        target = make(heard)
        context = offloaded(target).miniport_offload_context
        for _ in range(30):
            target.miniport_tcp_offload_send(context, NetBufferList(bytes(50)))
        seen.append([segment.seq for _, segment in heard.only("transmit")])
    assert seen[0] == seen[1], "the same in every run"
    assert {n // 1000 for n in seen[0]} == {0, 1, 11}
    assert len({n % 1000 for n in seen[0]}) > 10


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("list->FirstNetBuffer->DataLength -= 2", "comes back with a data start that makes no sense"),
        ("list->FirstNetBuffer->DataOffset += 2", "comes back with a data start that makes no sense"),
        ("list->FirstNetBuffer->CurrentMdl = (PMDL)adapter", "comes back with a data start that makes no"),
        (
            "NdisAdvanceNetBufferDataStart(list->FirstNetBuffer, 6, FALSE, NULL)",
            "is told to advance 6 bytes; the NET_BUFFER has ",
        ),
        ("NdisAdvanceNetBufferDataStart((PNET_BUFFER)adapter, 1, FALSE, NULL)", "what is no NET_BUFFER"),
    ],
)
def test_a_data_start_that_is_moved_wrongly(statement: str, says: str) -> None:
    assert says in complaints(play(smallest(ON_SEND=f"{statement}; {COMPLETE}"), SEND))[NONSENSE]


LOAN = """
    static UCHAR bytes[64];
    PMDL mdl = NdisAllocateMdl(adapter->handle, {memory}, 8);
    PNET_BUFFER_LIST list = NdisAllocateNetBufferAndNetBufferList(adapter->pool, 0, 0, mdl, 2, 5);
    ULONG taken;
    memcpy(mdl->MappedSystemVa, "??", 2);
    memcpy((PUCHAR)mdl->MappedSystemVa + 2, segment->Payload, min(segment->PayloadLength, 5));
    {before};
    adapter->ndis.NdisTcpOffloadReceiveHandler(object->handle, list, {status}, &taken);
    {afterwards}
"""


def lends(afterwards: str, memory: str = "bytes", status: str = "0", before: str = "") -> str:
    text = LOAN.format(afterwards=afterwards, memory=memory, status=status, before=before)
    return text.replace("\n", " ")


@pytest.mark.parametrize(
    ("statement", "rule", "says"),
    [
        (lends("bytes[3] = 0"), MEMORY, "writes into one of the driver's NET_BUFFER_LISTs after it gave"),
        (lends("NdisFreeNetBufferList(list)"), NONSENSE, "a NET_BUFFER_LIST that the host still holds"),
        (lends("NdisFreeMdl(mdl)"), NONSENSE, "an MDL that the host still holds"),
        (
            lends("ExFreePool(mdl->MappedSystemVa)", "ExAllocatePoolWithTag(0, 8, TAG)"),
            MEMORY,
            "the driver frees received data that the host still holds",
        ),
        (lends("", status="1"), NONSENSE, "with status 0x00000001; it takes only NDIS_STATUS_SUCCESS"),
        (
            lends("", before="list->FirstNetBuffer->CurrentMdlOffset = 1"),
            NONSENSE,
            "a data start that makes no",
        ),
        (lends("", before="list->FirstNetBuffer->DataLength = 7"), NONSENSE, "than its MDLs have bytes"),
        (lends("", before="list->FirstNetBuffer->Next = (PVOID)adapter"), NONSENSE, "what is no NET_BUFFER"),
        (lends("", before="mdl->Next = (PVOID)adapter; mdl->ByteCount = 4"), NONSENSE, "what is no MDL"),
    ],
)
def test_a_loan_that_is_touched(statement: str, rule: str, says: str) -> None:
    assert says in complaints(play(smallest(ON_SEGMENT=statement), Move("data", n=5)))[rule]


def test_a_refused_loan_is_the_drivers_again() -> None:
    make = smallest(ON_SEGMENT=lends("bytes[3] = 0; NdisFreeNetBufferList(list); NdisFreeMdl(mdl)"))
    found = complaints(play(make, Move("appetite", n=0), Move("data", n=5)))
    assert not {NONSENSE, MEMORY, LEAKED} & set(found)


def test_a_loan_is_the_drivers_again_when_it_is_returned() -> None:
    heard = Heard()
    heard.answers["tcp_offload_receive_handler"] = lambda handle, nbl: (Status.SUCCESS, nbl.data_length)
    target = smallest(ON_SEGMENT=lends("adapter->kept = list"), ON_HALT=GIVES_LOAN_BACK)(heard)
    context = offloaded(target).miniport_offload_context
    target.segment_arrives(context, Segment(5000, 1000, 60_000, b"12345"))
    (_, lent), *_ = heard.only("tcp_offload_receive_handler")
    assert lent.data == b"12345"
    assert target.miniport_tcp_offload_receive_return(lent) is Status.SUCCESS
    assert target.halt() == []
    assert not heard.only("misbehaves")


GIVES_LOAN_BACK = (
    "if (adapter->kept) { NdisFreeMdl(adapter->kept->FirstNetBuffer->MdlChain);"
    " NdisFreeNetBufferList(adapter->kept); }"
)


# -- the rest of NDIS ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (COMPLETE.replace("adapter->handle", "adapter"), "a handle that NDIS did not give out"),
        ("SimNicTransmit(object->handle, NULL)", "SimNicTransmit is passed no segment"),
        ("NdisMIndicateStatusEx(adapter->handle, NULL)", "NdisMIndicateStatusEx is passed a structure"),
        (
            "NdisMIndicateReceiveNetBufferLists(adapter->handle, (PVOID)adapter, 0, 1, 0)",
            "what is no NET_BUFFER_LIST of the driver's",
        ),
        (
            "NdisMOffloadEventIndicate(adapter->handle, NULL, NeighborReachabilityQuery)",
            "it takes a block list",
        ),
        ("NdisMSendNetBufferListsComplete(adapter->handle, list, 0)", "no frame was ever sent"),
    ],
)
def test_calls_that_make_no_sense(statement: str, says: str) -> None:
    assert says in complaints(play(smallest(ON_SEND=statement), SEND))[NONSENSE]


def test_a_segment_in_a_list_of_buffers() -> None:
    statement = (
        "SIM_SEGMENT copy; if (SimNicParseFrame(segment->Frame, &copy)) SimNicTransmit(object->handle, &copy)"
    )
    heard = Heard()
    target = smallest(ON_SEGMENT=statement)(heard)
    context = offloaded(target).miniport_offload_context
    sent = Segment(5000, 1000, 1_000_000, b"abc", fin=True, sack=((7000, 7010), (8000, 2**32 - 1)))
    target.segment_arrives(context, sent)
    assert [segment for _, segment in heard.only("transmit")] == [sent]


def test_a_segment_that_is_not_processed() -> None:
    heard = Heard()
    indicate = "NdisMIndicateReceiveNetBufferLists(adapter->handle, segment->Frame, 0, 1, 0)"
    target = smallest(ON_SEGMENT=indicate)(heard)
    context = offloaded(target).miniport_offload_context
    sent = Segment(2**32 - 1, 0, 5, b"abc", rst=True)
    target.segment_arrives(context, sent)
    assert heard.only("m_indicate_receive_net_buffer_lists") == [(sent,)]


def test_a_list_of_sends_keeps_its_order() -> None:
    heard = Heard()
    target = smallest(ON_SEND=COMPLETE)(heard)
    context = offloaded(target).miniport_offload_context
    first = posted(b"one", b"two", b"three")
    target.miniport_tcp_offload_send(context, first)
    ((completed,),) = heard.only("tcp_offload_send_complete")
    assert completed is first
    assert completed.next.next.data == b"three"
    assert completed.next.next.next is None
