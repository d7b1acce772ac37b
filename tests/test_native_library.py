"""The C library that plays NDIS: what it does for a driver, and what it says of one that misbehaves."""

from __future__ import annotations

import re

import pytest
from native_stage import (
    COMPLETE,
    Heard,
    complaints,
    needs_cc,
    offloaded,
    play,
    play_sanitized,
    posted,
    smallest,
)

from chimneysweep.targets.chimney.interface import Segment
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.judging.misbehaviour import LEAKED, MEMORY, NONSENSE
from chimneysweep.targets.machine.refusal import BadTarget

pytestmark = needs_cc

ABOUT_NEIGHBOR = "NDIS_MINIPORT_OFFLOAD_BLOCK_LIST query = {{NeighborOffloadState, 1, sizeof(query)}};"
ASKS = "NdisMOffloadEventIndicate(adapter->handle, &query, NeighborReachabilityQuery)"
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
        ("ON_OPTIONS", "tcp.OffloadType = 7", "OffloadType is 7; it should be NdisTcpChimneyOffload"),
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
        (
            "ON_INITIALIZE",
            "attributes.RegistrationAttributes.Header.Revision = 0",
            "NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES: Header.Revision is 0",
        ),
        ("ON_INITIALIZE", "return 0", "does not call NdisMSetMiniportAttributes"),
    ],
)
def test_what_is_registered_wrongly(hook: str, statement: str, says: str) -> None:
    assert says in refused(**{hook: statement.replace("object_of_another", "&status")})


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
        (f"{ABOUT_NEIGHBOR} query.Status = 1; {ASKS}", "or a Status that is not NDIS_STATUS_SUCCESS"),
        (f"{ABOUT_NEIGHBOR} query.Header.Revision = 0; {ASKS}", "Header.Revision is 0; it should be 1"),
        (f"{ABOUT_NEIGHBOR} query.Header.Size = 8; {ASKS}", "Header.Size is 8; it should be"),
        ("NdisFreeMemory(NULL, 0, 4)", "MemoryFlags 0x4"),
        ("NdisAllocateNetBufferListContext(list, 8, 0, 0)", "8 bytes of context and 0 before them"),
        ("NdisAllocateNetBufferListContext(list, 16, 1, 0)", "16 bytes of context and 1 before them"),
        (f"{ABOUT_NEIGHBOR} query.DependentBlockList = &query; {ASKS}", "has a DependentBlockList"),
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
