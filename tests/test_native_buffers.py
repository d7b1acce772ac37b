"""Where the data of lists of buffers lies, and whose they are: what the C library makes of it."""

from __future__ import annotations

import random

import pytest
from native_stage import (
    COMPLETE,
    PENDING,
    Heard,
    complaints,
    needs_cc,
    offloaded,
    play,
    smallest,
)

from chimneysweep.targets.chimney.interface import NetBufferList, Segment, Status
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.judging.misbehaviour import LEAKED, MEMORY, NONSENSE

pytestmark = needs_cc

SEND = Move("send", n=5)
DATA = Move("data", n=3)
RECEIVE = Move("receive", n=4)


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


def test_what_is_the_drivers_in_a_list_of_the_hosts_holds_anything() -> None:
    words = "list->MiniportReserved[0] && list->Scratch && list->FirstNetBuffer->MiniportReserved[0]"
    heard = Heard()
    target = smallest(ON_SEND=f"SIM_SEGMENT s = {{.Seq = {words}}}; SimNicTransmit(object->handle, &s)")(
        heard
    )
    target.miniport_tcp_offload_send(offloaded(target).miniport_offload_context, NetBufferList(b"1"))
    assert [segment.seq for _, segment in heard.only("transmit")] == [1]


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


def test_mdls_without_a_byte_lie_at_the_head_in_between_and_at_the_end() -> None:
    count = "PMDL m; int n = 0, seen = 0; for (m = list->FirstNetBuffer->MdlChain; m; m = m->Next, n = 1)"
    found = "if (!m->ByteCount) seen |= m == list->FirstNetBuffer->CurrentMdl ? 8 : !n ? 1 : m->Next ? 2 : 4"
    told = "SIM_SEGMENT s = {.Seq = seen}; SimNicTransmit(object->handle, &s)"
    heard = Heard()
    object_of = "struct object *object = *(PVOID *)offloaded"
    target = smallest(ON_RECEIVE=f"{object_of}; {count} {found}; {told}")(heard)
    context = offloaded(target).miniport_offload_context
    for size in range(300):
        target.miniport_tcp_offload_receive(context, NetBufferList(bytes(size)))
    seen = [segment.seq for _, segment in heard.only("transmit")]
    assert {place for place in (1, 2, 4, 8) for n in seen if n & place} == {1, 2, 4, 8}
    assert 0 in seen, "many have none"


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
        ("NdisAdvanceNetBufferDataStart(list->FirstNetBuffer, 1, TRUE, NULL)", "is told to free MDLs"),
    ],
)
def test_a_data_start_that_is_moved_wrongly(statement: str, says: str) -> None:
    assert says in complaints(play(smallest(ON_SEND=f"{statement}; {COMPLETE}"), SEND))[NONSENSE]


ANOTHER = "NdisAllocateNetBufferAndNetBufferList(adapter->pool, 0, 0, NULL, 0, 0)"
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
        (lends("", before=f"list->Next = {ANOTHER}"), NONSENSE, "is passed a linked list; it takes one"),
        (
            lends("", before=f"list->FirstNetBuffer->Next = {ANOTHER}->FirstNetBuffer"),
            NONSENSE,
            "is passed a list of several NET_BUFFERs; it takes one",
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
