"""A hand-made counterexample: the reference design really runs, the violation is made up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from chimneysweep.counterexamples.trace import Trace, flat, run, traced, violation
from chimneysweep.model.chimney.shapes import Offload, neighbor, offloaded, path
from chimneysweep.model.chimney.state import LINKER, World, template, world_size
from chimneysweep.model.kernel import System
from chimneysweep.model.tcp.numbers import NULL
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Case, Conjunct, Property, Source

BOUNDS = world_size(buffers=3, blocks=4, connections=2, requests=1)

Choice = tuple[str, Mapping[str, int | bool]]

# Two sends, one acknowledged and two bytes of the next one; a reset timer; the hand-off.
CHOICES: tuple[Choice, ...] = (
    ("MiniportTcpOffloadSend", {"conn": 0, "length": 10}),
    ("MiniportTcpOffloadSend", {"conn": 0, "length": 1400}),
    ("Transmit", {"conn": 0, "length": 400}),
    ("PeerReceives", {"conn": 0, "upto": 12}),
    ("AckArrives", {"conn": 0, "upto": 12, "window": 4000}),
    ("CompleteSend", {"conn": 0}),
    ("DataArrives", {"conn": 0, "length": 7}),
    ("MiniportTcpOffloadReceive", {"conn": 0, "size": 3}),
    ("CompleteReceive", {"conn": 0}),
    ("RetransmitTimeout", {"conn": 0}),
    ("MiniportTerminateOffload", {}),
    ("Drain", {}),
    ("FillTree", {}),
    ("NdisMTerminateOffloadComplete", {}),
    ("HostResumes", {"conn": 0}),
)


def _cases(world: World) -> tuple[Case, ...]:
    buf = world.conns[0].bufs[1]
    placed = Conjunct(
        "the host has the buffer's first byte where the application posted it",
        buf.host_at == buf.begin,
        {"in the host's queue at": buf.host_at, "Next": buf.next, "status": buf.status},
    )
    return (Case("connection 0, send buffer 1", world.conns[0].host.resumed, (placed,)),)


# No real rule: an advanced buffer is rightly not where it was posted.
FAKE = Property(
    "sample.posted",
    "guarantee",
    "The host sends each buffer from its first byte on.",
    Source("sample.md", "the second paragraph"),
    _cases,
)


def find(name: str) -> Property:
    """The catalogue of this file."""
    if name != FAKE.name:
        raise KeyError(name)
    return FAKE


@cache
def system() -> System:
    """The reference design in the sample's world."""
    return CHIMNEY.system("reference", BOUNDS)


def first() -> World:
    """neighbor -> path linker -> two TCP blocks, of which block 2 carries connection 0."""
    tree = (neighbor(path(0, NULL, kind=LINKER)),)
    return offloaded(template(BOUNDS), tree, [Offload(2**32 - 6, 100, window=5000, capacity=65536)])


@cache
def sample() -> Trace:
    """The counterexample."""
    steps, last = run(system(), first(), CHOICES)
    broken = violation(FAKE, last)
    return Trace(
        "model", "reference", BOUNDS, flat(first()), steps, broken, {"seed": 7}, subject=traced(CHIMNEY)
    )
