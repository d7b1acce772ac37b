"""A stage for drivers in C: building small ones with statements of a test's own, and playing them."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chimneysweep.targets.chimney.delegated import TcpDelegatedState
from chimneysweep.targets.chimney.interface import (
    BlockList,
    Factory,
    Ndis,
    NetBufferList,
    StateType,
    Status,
    Target,
)
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.native.compiler import BuildOptions, build
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import JUDGED

DRIVERS = Path(__file__).resolve().parent / "drivers"
SMALLEST = DRIVERS / "smallest.c"
CC = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), "")
needs_cc = pytest.mark.skipif(not CC, reason="no C compiler (cc, gcc, clang) on this machine")


def altered(folder: Path, name: str, old: str, new: str) -> Path:
    """The C reference in *folder*, with one place of its file *name* changed."""
    shutil.copytree(REFERENCE, folder)
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def hooks(**statements: str) -> tuple[str, ...]:
    """Flags that put statements into the functions of smallest.c."""
    return tuple(f"-D{name}={text}" for name, text in statements.items())


def smallest(**statements: str) -> Factory:
    """The smallest driver with statements of the test's own, without sanitizers, in this process."""
    return factory(SMALLEST, BuildOptions(sanitize=False, flags=hooks(**statements)))


def play_scenario(make: Factory, scenario: Scenario) -> Play:
    """Play one scenario with every property watched."""
    run = Play(make, scenario, JUDGED)
    run.run()
    return run


def play(make: Factory, *moves: Move) -> Play:
    """Play one scenario of these moves."""
    return play_scenario(make, Scenario(moves))


def complaints(run: Play) -> dict[str, str]:
    """What broke first, in words, by rule."""
    return {name: breach.violation.broken[0].where for name, breach in run.breaches.items()}


def play_sanitized(cases: dict[str, tuple[Move, ...]], **statements: str) -> dict[str, str]:
    """Build with the sanitizers and play each case in a process of its own: all that it prints, by case.

    Skips where there are no sanitizers.
    """
    built = build(SMALLEST, BuildOptions(flags=hooks(**statements)))
    if "address" not in built.sanitizers:
        pytest.skip("the compiler has no AddressSanitizer")
    scenarios = [json.dumps(Scenario(moves).to_json()) for moves in cases.values()]
    command = [sys.executable, str(DRIVERS.parent / "native_child.py"), str(built.library), *scenarios]
    env = {**os.environ, **built.env}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    return dict(zip(cases, done.stdout.split("\nEND OF CASE"), strict=False))


class Heard(Ndis):
    """An NDIS that judges nothing: ``calls`` has the name and arguments of each call."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, Callable[..., Any]] = {}

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or name in ("calls", "answers", "only"):
            return object.__getattribute__(self, name)

        def called(*args: Any) -> Any:
            self.calls.append((name, *args))
            return self.answers[name](*args) if name in self.answers else None

        return called

    def only(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of the calls of that name."""
        return [call[1:] for call in self.calls if call[0] == name]


def offloaded(target: Target, una: int = 1000, rcv_nxt: int = 5000) -> BlockList:
    """A connection on a path and a neighbor, taken over by the target."""
    neighbor, path, tcp = (BlockList(kind) for kind in StateType)
    neighbor.dependent_block_list, path.dependent_block_list = path, tcp
    for block in (neighbor, path, tcp):
        block.ndis_offload_handle = object()
    tcp.state = TcpDelegatedState(una, una, una, 60_000, rcv_nxt, 60_000)
    target.miniport_initiate_offload(neighbor)
    target.run()
    return tcp


def terminated(target: Target, offload: BlockList) -> BlockList:
    """The block of the connection, as the target hands it back."""
    block = BlockList(StateType.TCP, miniport_offload_context=offload.miniport_offload_context)
    block.ndis_offload_handle = offload.ndis_offload_handle
    block.state = TcpDelegatedState()
    target.miniport_terminate_offload(block)
    target.run()
    return block


def posted(*data: bytes) -> NetBufferList:
    """A linked list of buffers, in this order."""
    buffers = [NetBufferList(d) for d in data]
    for nbl, following in itertools.pairwise(buffers):
        nbl.next = following
    return buffers[0]


COMPLETE = "adapter->ndis.NdisTcpOffloadSendComplete(adapter->handle, list)"
PENDING = Status.PENDING
