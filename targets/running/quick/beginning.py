"""Where the runs of an exploration begin, taken over from a run that was begun as ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ....model.bounds import Bounds
from ....model.tcp.numbers import NULL
from ...chimney.native.block_trees import members, nodes
from ...chimney.native.codes import EVENTS, NAMED
from ...chimney.native.native_target import NativeTarget
from ...chimney.statuses import BLOCK_CODES, REQUEST_CODES
from ...judging.compiled.fast_monitor import FastMonitor
from ..branching import Branch
from .maker import SOURCES, QuickLibrary

DRIVER = re.compile(r"X\((chs_\w+)\)")
TOLD = {1: 0, 2: 1, 4: 3}
"""EventType of the events that are judged here, and their numbers in the model: a driver that asks for a
connection to be taken back is played as ever."""


class Beginning(Branch):
    """A run that goes no further than to the end of the offload."""

    begun = False

    def _play(self) -> None:
        self._begin()
        self.begun = True


def begin(branch: Beginning, quick: QuickLibrary, room: Bounds) -> bool:
    """Begin there with runs at the speed of C; whether that is possible. *room*: for what the host posts."""
    target, judge = branch.target, branch.judge
    if not (branch.begun and isinstance(target, NativeTarget) and isinstance(judge, FastMonitor)):
        return False
    usual = target.library.keeps and branch.listens("timer_expires") and not branch.handed.refused
    if not usual or judge.names or judge.breaches or _holds(branch) or not _handed(branch, target):
        return False
    functions = DRIVER.findall((SOURCES / "player.h").read_text(encoding="utf-8"))
    driver = quick.ffi.new("void *[]", [_pointer(target.library, quick, name) for name in functions])
    return bool(quick.lib.quick_begins(driver, _given(branch, target, judge, quick, room)))


def _holds(branch: Branch) -> bool:
    """Whether the host holds anything of before, or owes it: that is played as ever."""
    ndis, lines = branch.ndis, branch.lines
    stamps = any(line.options is None or line.options.stamps or line.there for line in lines)
    return bool(stamps or ndis.resend or ndis.waits or ndis.refused or ndis.freed or branch.interludes)


def _handed(branch: Branch, target: NativeTarget) -> bool:
    """Whether the target is in charge of all that was offloaded, under the handles of then."""
    pairs = [(block, block.miniport_offload_context) for _, block in branch.handed.blocks]
    known = target.trees.placed()
    return all(
        context is not None and known.get(context.handle) is block.ndis_offload_handle
        for block, context in pairs
    )


def _pointer(library: Any, quick: QuickLibrary, name: str) -> Any:
    function = getattr(library.lib, name)
    return quick.ffi.cast("void *", int(library.ffi.cast("uintptr_t", function)))


def _given(
    branch: Branch, target: NativeTarget, judge: FastMonitor, quick: QuickLibrary, room: Bounds
) -> Any:
    handed, given, lib = branch.handed, quick.ffi.new("struct quick_given *"), quick.lib
    for name, address in judge.addresses().items():
        setattr(given, name, quick.ffi.cast("void *", address))
    given.conns, given.buffers = handed.conns, judge.bounds.buffers
    given.sends, given.requests = room.buffers, room.requests
    handed.build_tree()
    blocks = members(handed.tree[0])
    places = {id(block): number for number, block in enumerate(handed.tree)}
    given.blocks, given.objects = len(blocks), len(handed.blocks)
    given.numbers = [places[id(block)] for block in blocks]
    given.nodes = nodes(blocks, target.trees.former)
    given.handles = [block.miniport_offload_context.handle for _, block in handed.blocks]
    given.conn_of = [NULL if node.conn == NULL else node.conn for node, _ in handed.blocks]
    for c, line in enumerate(branch.lines):
        given.offered[c] = line.offered
        for into, data in ((given.out, line.out), (given.peers, line.inbound)):
            quick.ffi.memmove(into[c], data(0, lib.QUICK_STREAM), lib.QUICK_STREAM)
    requests = {number: REQUEST_CODES[s] for number, s in NAMED.items() if s in REQUEST_CODES}
    own = {number: BLOCK_CODES[s] for number, s in NAMED.items() if s in BLOCK_CODES}
    for into, codes in (
        (given.requests_status, requests),
        (given.blocks_status, own),
        (given.events, {k: n for k, n in TOLD.items() if k in EVENTS}),
    ):
        _write(into, codes)
    return given


def _write(into: Any, codes: Mapping[int, int]) -> None:
    rows: Iterable[tuple[int, int]] = [*codes.items(), *[(NULL, NULL)] * (len(into) - len(codes))]
    for k, (number, code) in enumerate(rows):
        into[k].number, into[k].code = number, code
