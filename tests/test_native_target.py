"""Drivers in C as targets: what Python sees of C and C of Python, and exceptions that pass between them."""

from __future__ import annotations

from typing import Any

import pytest
from native_stage import (
    PENDING,
    Heard,
    complaints,
    needs_cc,
    offloaded,
    play,
    posted,
    smallest,
    terminated,
)

from chimneysweep.targets.campaign import generate
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.delegated import TcpDelegatedState
from chimneysweep.targets.chimney.interface import Factory, NetBufferList, Segment, Status, TcpEvent, Timer
from chimneysweep.targets.chimney.miniports import REFERENCE
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.judging.misbehaviour import HUNG, LEAKED, NONSENSE
from chimneysweep.targets.running.direct import JUDGED

pytestmark = needs_cc

RANDOM_RUNS = 60


@pytest.fixture(scope="module")
def reference() -> Factory:
    """The reference miniport in C."""
    return factory(REFERENCE, BuildOptions(sanitize=False))


# -- the C reference against the Python reference ------------------------------------


def observed(make: Factory, scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    """What happens in a run, the order in which independent calls are completed left aside."""
    run = Play(make, scenario, JUDGED)
    run.run()
    assert not run.breaches
    events = [(step.action, dict(step.parameters)) for step in run.monitor.steps()]
    at = 0
    while at < len(events):
        end = at
        while end < len(events) and events[end][0] == "CompleteStateCall":
            end += 1
        events[at:end] = sorted(events[at:end], key=lambda event: event[1]["call"])
        at = end + 1
    return events


FOR_C = {
    "interrupted",
    "run short",
    "offload short",
    "start short",
    "load short",
    "answers late",
    "answers early",
}


BOTH = [name for name, s in DIRECTED.items() if not any(move.kind in FOR_C for move in s.moves)]


@pytest.mark.parametrize("name", BOTH)
def test_both_references_do_the_same(reference: Factory, name: str) -> None:
    assert observed(reference, DIRECTED[name]) == observed(Reference, DIRECTED[name])


def test_both_references_do_the_same_in_random_runs(reference: Factory) -> None:
    """But for those in which C alone is refused something, or interrupted."""
    runs: list[Scenario] = []
    generate.visit(RANDOM_RUNS, 5, runs.append)
    both = [s for s in runs if not any(move.kind in FOR_C for move in s.moves)]
    assert len(runs) == RANDOM_RUNS > len(both) > 0.8 * RANDOM_RUNS
    for scenario in both:
        assert observed(reference, scenario) == observed(Reference, scenario)


# -- what arrives in C, and what comes back ------------------------------------------

COMPLETE = "adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, list)"


def test_a_send_comes_back_as_the_driver_left_it() -> None:
    heard = Heard()
    writes = (
        "list->Status = NDIS_STATUS_REQUEST_ABORTED;"
        " NET_BUFFER_LIST_INFO(list, TcpOffloadBytesTransferred) = (PVOID)(ULONG_PTR)2;"
        " ULONG left = 2, part;"
        " for (PNET_BUFFER nb = list->FirstNetBuffer; nb; nb = nb->Next, left -= part)"
        " { part = min(left, nb->DataLength); NdisAdvanceNetBufferDataStart(nb, part, FALSE, NULL); }"
        " list->Next = NULL"
    )
    target = smallest(ON_SEND=f"{writes}; {COMPLETE}")(heard)
    first = posted(b"hello", b"world")
    assert target.miniport_tcp_offload_send(offloaded(target).miniport_offload_context, first) is PENDING
    assert heard.only("tcp_offload_send_complete") == [(first,)]
    assert first.status is Status.REQUEST_ABORTED
    assert (first.bytes_transferred, first.data_start, first.next) == (2, 2, None)
    assert first.data == b"llo"


def test_what_the_driver_never_wrote_is_none() -> None:
    heard = Heard()
    target = smallest(ON_SEND=COMPLETE)(heard)
    nbl = NetBufferList(b"hello")
    target.miniport_tcp_offload_send(offloaded(target).miniport_offload_context, nbl)
    assert (nbl.status, nbl.bytes_transferred, nbl.data_start) == (None, 0, 0)
    assert nbl.memory == b"hello"


def test_a_send_buffer_that_was_written_shows() -> None:
    first = "PNET_BUFFER nb = list->FirstNetBuffer; PUCHAR at = nb->CurrentMdl->MappedSystemVa"
    make = smallest(ON_SEND=f"{first}; at[nb->CurrentMdlOffset] ^= 1; {COMPLETE}")
    found = complaints(play(make, Move("send", n=40)))
    assert "the target wrote into the data to be sent" in found[NONSENSE]


def test_a_status_without_a_name_is_its_number() -> None:
    target = smallest(ON_SEND="return 0xC0230099")
    assert "returns str '0xC0230099'" in complaints(play(target, Move("send", n=1)))[NONSENSE]


BLOCK = "if (object && block->Header.Type == TcpOffloadDelegatedState)"


def test_the_delegated_structure_comes_back() -> None:
    target = smallest(ON_BLOCK=f"{BLOCK} {{ state->SndUna = 0; state->RcvWnd = 7; }}")(Heard())
    block = terminated(target, offloaded(target, una=2**32 - 1, rcv_nxt=2**32 - 2))
    assert isinstance(block.state, TcpDelegatedState)
    assert (block.state.snd_una, block.state.snd_nxt, block.state.rcv_nxt) == (0, 2**32 - 1, 2**32 - 2)
    assert (block.state.snd_wnd, block.state.rcv_wnd) == (60_000, 7)
    assert block.state.send_data_head is block.state.buffered_data is None
    assert block.status is Status.SUCCESS


def test_a_field_that_was_not_written_is_told_from_one_that_is_zero() -> None:
    forgets = "memset((PUCHAR)state + sizeof(state->Header), 0xCC, sizeof(*state) - sizeof(state->Header))"
    unwritten = f"{BLOCK} {{ {forgets}; state->SndNxt = 0; block->Status = (NDIS_STATUS)0xCCCCCCCC; }}"
    target = smallest(ON_BLOCK=unwritten)(Heard())
    block = terminated(target, offloaded(target))
    assert isinstance(block.state, TcpDelegatedState)
    assert (block.state.snd_una, block.state.snd_nxt) == (None, 0)
    assert block.state.send_data_tail is block.state.buffered_data is block.status is None


def test_the_chain_is_made_of_the_buffers_that_were_sent() -> None:
    chains = (
        f"{BLOCK} {{ block->NetBufferListChain = object->adapter->kept;"
        " state->SendDataHead = object->adapter->kept; state->SendDataTail = object->adapter->kept->Next; }"
    )
    target = smallest(ON_SEND="adapter->kept = list", ON_BLOCK=chains)(Heard())
    offload, first = offloaded(target), posted(b"one", b"two")
    target.miniport_tcp_offload_send(offload.miniport_offload_context, first)
    block = terminated(target, offload)
    assert isinstance(block.state, TcpDelegatedState)
    assert block.net_buffer_list_chain is block.state.send_data_head is first
    assert block.state.send_data_tail is first.next


def test_a_chain_of_the_drivers_own_buffers_is_no_send() -> None:
    own = "NdisAllocateNetBufferAndNetBufferList(object->adapter->pool, 0, 0, NULL, 0, 0)"
    chains = f"{BLOCK} {{ state->SendDataHead = {own}; block->NetBufferListChain = {own}; }}"
    assert "chain.null" in play(smallest(ON_BLOCK=chains)).breaches


def test_an_event_has_its_connection_its_kind_and_its_reason() -> None:
    heard = Heard()
    call = "adapter->ndis.NdisTcpOffloadEventHandler(object->handle, {}, {})"
    calls = [call.format("TcpIndicateRetrieve", "HardwareFailure"), call.format("9", "0")]
    target = smallest(ON_SEGMENT="; ".join(calls))(heard)
    block = offloaded(target)
    target.segment_arrives(block.miniport_offload_context, Segment(1, 2, 3))
    assert heard.only("tcp_offload_event_handler") == [
        (block.ndis_offload_handle, TcpEvent.RETRIEVE, "HardwareFailure"),
        (block.ndis_offload_handle, 9, 0),
    ]


STRAYS = [
    (
        "adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, (PVOID)0x1234)",
        "leads to an object of UnknownPointer",
    ),
    ("adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, NULL)", "is passed None instead of"),
    ("adapter->ndis.NdisTcpOffloadReceiveComplete(adapter->handle, list)", "is passed a send buffer"),
    (f"list->Next = (PVOID)0x1234; {COMPLETE}", "leads to an object of UnknownPointer"),
    (f"list->Next = list; {COMPLETE}", "its Next pointers run in a circle"),
    ("NdisMTerminateOffloadComplete(adapter->handle, (PVOID)0x1234)", "no terminate request is outstanding"),
    ("NdisMQueryOffloadStateComplete(adapter->handle, (PVOID)0x1234)", "not the block list of the call"),
    ("SIM_SEGMENT s = {0}; SimNicTransmit((PVOID)0x1234, &s)", "as a handle, which no connection has"),
    ("adapter->ndis.NdisTcpOffloadEventHandler((PVOID)0x1234, 2, 0)", "as a handle, which no connection"),
    (
        "ULONG n; adapter->ndis.NdisTcpOffloadReceiveHandler(object->handle, (PVOID)0x1234, 0, &n)",
        "instead of a NET_BUFFER_LIST",
    ),
]


@pytest.mark.parametrize(("statement", "says"), STRAYS)
def test_pointers_that_lead_nowhere_are_not_followed(statement: str, says: str) -> None:
    found = complaints(play(smallest(ON_SEND=statement), Move("send", n=5)))
    assert says in found[NONSENSE]


@pytest.mark.parametrize("pointer", ["NetBufferListChain", "NextBlock", "DependentBlockList"])
def test_a_tree_with_pointers_that_lead_nowhere(pointer: str) -> None:
    run = play(smallest(ON_COMPLETE=f"list->{pointer} = (PVOID)0x1234", AFTERWARDS="list = NULL"))
    expected = "chain" if pointer == "NetBufferListChain" else "complete.same-tree"
    assert any(name.startswith(expected) for name in run.breaches)


def test_what_is_the_drivers_in_a_block_holds_anything() -> None:
    read = "if (!list->Scratch[0] || !list->Scratch[1]) list->NextBlock = (PVOID)0x1234"
    assert "complete.same-tree" not in play(smallest(ON_COMPLETE=read)).breaches


@pytest.mark.parametrize(
    "write",
    [
        "list->Status = NDIS_STATUS_FAILURE",
        "list->Scratch[0] = adapter",
        "state->CWnd = 5",
        "state->SndUna = 5",
    ],
)
def test_a_block_that_is_written_after_it_was_handed_back(write: str) -> None:
    of_tcp = "list->Header.Type == TcpOffloadDelegatedState"  # only such a block has that state behind it
    state = "PTCP_OFFLOAD_STATE_DELEGATED state = (PVOID)(list + 1); (void)state"
    assert "complete.untouched-after" in play(smallest(AFTERWARDS=f"{state}; if ({of_tcp}) {write}")).breaches


# -- freeing, failing, halting -------------------------------------------------------


def test_freeing_the_memory_of_a_context_frees_its_resources() -> None:
    heard = Heard()
    target = smallest()(heard)
    offload = offloaded(target)
    context = offload.miniport_offload_context
    terminated(target, offload)
    assert heard.only("free_resources") == [(context,)]


def test_a_driver_whose_contexts_are_no_memory_says_what_it_releases() -> None:
    heard = Heard()
    target = smallest(
        ON_COMPLETE="PVOID context = *list->MiniportOffloadContext",
        AFTERWARDS="SimNicRelease(context); list = NULL",
    )(heard)
    offload = offloaded(target)
    terminated(target, offload)
    assert heard.only("free_resources") == [(offload.miniport_offload_context,)]
    target.halt()
    assert len(heard.only("free_resources")) == 1


def test_a_driver_that_has_no_handler_for_failures_sees_none(reference: Factory) -> None:
    deaf, listens = play(smallest()), play(reference)
    assert not deaf.listens("hardware_fails")
    assert listens.listens("hardware_fails")


def test_handlers_that_the_driver_does_not_have_are_not_called(reference: Factory) -> None:
    target = smallest()(Heard())
    context = offloaded(target).miniport_offload_context
    target.timer_expires(context, Timer.RETRANSMIT)  # a call of NULL would end this process
    target.neighbor_silent(context)
    target.link_changes()
    deaf, listens = play(smallest()), play(reference)
    for handler in ("timer_expires", "neighbor_silent", "link_changes"):
        assert not deaf.listens(handler)
        assert listens.listens(handler)


def test_a_leak_is_a_finding() -> None:
    run = play(smallest(ON_HALT="ExAllocatePoolWithTag(NonPagedPool, 1, TAG)"))
    assert set(run.breaches) == {LEAKED}


@pytest.mark.parametrize(
    ("leaks", "rule", "says"),
    [(["it lost a page"], LEAKED, "it lost a page"), (None, NONSENSE, "halt returns None, no list of")],
)
def test_any_target_may_say_what_it_leaks(leaks: Any, rule: str, says: str) -> None:
    class Halted(Reference):
        def halt(self) -> list[str]:
            return leaks

    assert says in complaints(play(Halted))[rule]


def test_one_adapter_after_the_other() -> None:
    make = smallest()
    for _ in range(3):
        assert not play(make, Move("send", n=4)).breaches.keys() & {NONSENSE, LEAKED}


# -- exceptions ----------------------------------------------------------------------

FOREVER = "for (;;) NdisMIndicateStatusEx(adapter->handle, &status)"
STATUS = "NDIS_STATUS_INDICATION status = {{NDIS_OBJECT_TYPE_STATUS_INDICATION, 1, sizeof(status)}}"


def test_a_driver_that_calls_forever_is_left_where_it_stands() -> None:
    make = smallest(ON_SEND=f"{STATUS}; {FOREVER}")
    found = complaints(play(make, Move("send", n=1)))
    assert found[HUNG] == "miniport_tcp_offload_send has made 500 calls and has not returned"
    assert not play(make).breaches, "the next adapter is a new one"


def test_a_driver_that_complains_forever_is_left_too() -> None:
    make = smallest(ON_SEND="for (;;) NdisReleaseSpinLock(&adapter->lock)")
    assert HUNG in play(make, Move("send", n=1)).breaches


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_is_raised_in_a_callback_is_raised_again(error: type[BaseException]) -> None:
    def fail(*args: object) -> None:
        raise error("here")

    heard = Heard()
    make = smallest(ON_SEND=f"{STATUS}; {FOREVER}")
    target = make(heard)
    context = offloaded(target).miniport_offload_context
    heard.answers["m_indicate_status_ex"] = fail
    with pytest.raises(error, match="here"):
        target.miniport_tcp_offload_send(context, NetBufferList(b"x"))
    assert len(heard.only("m_indicate_status_ex")) == 1


def test_what_is_raised_deep_inside_passes_through_every_call() -> None:
    depth: list[int] = []

    def deeper(*args: object) -> None:
        depth.append(len(depth))
        if len(depth) == 4:
            raise ZeroDivisionError("at the bottom")
        target.miniport_tcp_offload_send(context, NetBufferList(b"x"))
        pytest.fail("the call above returned")

    heard = Heard()
    target = smallest(ON_SEND=f"{STATUS}; {FOREVER}")(heard)
    context = offloaded(target).miniport_offload_context
    heard.answers["m_indicate_status_ex"] = deeper
    with pytest.raises(ZeroDivisionError, match="at the bottom"):
        target.miniport_tcp_offload_send(context, NetBufferList(b"x"))
    assert depth == [0, 1, 2, 3]
