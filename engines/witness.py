"""Scripted runs of the model that reach the premises: a witness that replays needs no solver.

Each script is a run of the reference world, step by step. A premise counts as reached
where the Python semantics, following a script, comes to a state in which it holds. What
no script reaches is left to the search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..counterexamples.trace import Trace, flat, run
from ..model.chimney.state import LINKER, NEIGHBOR, PATH, PLACEHOLDER, STATE, TCP, World, world_size
from ..model.design import Design
from ..model.kernel import System, arguments
from ..model.records import update
from ..properties.chimney.subject import CHIMNEY
from ..properties.property import Property

Script = tuple[tuple[str, Mapping[str, int]], ...]


def _on(conn: int, *steps: tuple[str, Mapping[str, int]]) -> Script:
    return tuple((name, {"conn": conn, **parameters}) for name, parameters in steps)


END: Script = (
    ("Drain", {}),
    ("FillTree", {}),
    ("NdisMTerminateOffloadComplete", {}),
)
TERMINATE: Script = (("MiniportTerminateOffload", {}),)
SETTLE: Script = (
    *_on(0, ("HostResumes", {}), ("MiniportTcpOffloadReceiveReturn", {})),
    *_on(1, ("HostResumes", {}), ("MiniportTcpOffloadReceiveReturn", {})),
    *_on(0, ("Free", {})),
    *_on(1, ("Free", {})),
    ("Quiet", {}),
)

SENDING: Script = (
    *_on(
        0,
        ("MiniportTcpOffloadSend", {"length": 10}),
        ("MiniportTcpOffloadSend", {"length": 20}),
        ("MiniportTcpOffloadSend", {"length": 5}),
        ("Transmit", {"length": 25}),
        ("PeerReceives", {"upto": 20}),
        ("AckArrives", {"upto": 12, "window": 100}),
        ("CompleteSend", {}),
        ("DataArrives", {"length": 7}),
        ("SendAck", {}),
        ("DataArrivesOutOfOrder", {"gap": 3, "length": 4}),
        ("MiniportTcpOffloadReceive", {"size": 0}),
    ),
    *_on(
        1,
        ("MiniportTcpOffloadSend", {"length": 4}),
        ("DataArrives", {"length": 3}),
        ("MiniportTcpOffloadForward", {}),
        ("MiniportTcpOffloadDisconnect", {}),
    ),
    *TERMINATE,
    *_on(0, ("DataArrives", {"length": 1})),
    *END,
    *SETTLE,
)
CLOSING: Script = (
    *_on(
        0,
        ("MiniportTcpOffloadSend", {"length": 4}),
        ("MiniportTcpOffloadSend", {"length": 2}),
        ("MiniportTcpOffloadDisconnect", {}),
        ("Transmit", {"length": 7}),
        ("PeerReceives", {"upto": 7}),
        ("AckArrives", {"upto": 7, "window": 100}),
        ("CompleteSend", {}),
        ("CompleteSend", {}),
        ("CompleteDisconnect", {}),
    ),
)
RESET: Script = (
    *_on(0, ("MiniportTcpOffloadSend", {"length": 4}), ("RstArrives", {}), ("ReturnTcpEvent", {})),
    *TERMINATE,
    *END,
)
FAILURE: Script = (
    *_on(0, ("MiniportTcpOffloadSend", {"length": 4})),
    *TERMINATE,
    ("HardwareFails", {"block": 2}),
    *END,
    *_on(0, ("HostResumes", {})),
)
SCRIPTS: Sequence[Script] = (SENDING, CLOSING, RESET, FAILURE)


ENOUGH = world_size(buffers=3, blocks=5, connections=2, requests=1)
"""The world that the scripts need; a run in it is a run in any larger one."""


def first_world(system: System) -> World:
    """A tree with a neighbor, a path, two connections and a placeholder."""
    world: World = system.template
    shape: list[dict[str, Any]] = [
        {"layer": NEIGHBOR, "kind": STATE, "dependent": 1},
        {"layer": PATH, "kind": LINKER, "dependent": 2},
        {"layer": TCP, "kind": STATE, "next": 3, "conn": 0},
        {"layer": TCP, "kind": STATE, "next": 4, "conn": 1},
        {"layer": TCP, "kind": PLACEHOLDER},
    ]
    blocks = list(world.blocks)
    for n, fields in enumerate(shape):
        back = {"next_back": fields.get("next", -1), "dependent_back": fields.get("dependent", -1)}
        blocks[n] = update(blocks[n], in_tree=True, **fields, **back)
    conns = list(world.conns)
    for c in range(2):
        peer = update(conns[c].peer, wnd=100)
        conns[c] = update(conns[c], block=2 + c, isn=1000 * (c + 1), irn=5000, capacity=100, peer=peer)
    return update(world, blocks=tuple(blocks), conns=tuple(conns))


def scripted(design: Design, properties: Iterable[Property]) -> dict[str, Trace]:
    """For each property whose premise a script reaches: the run that reaches it."""
    system = CHIMNEY.system(design, ENOUGH)
    first = first_world(system)
    found: dict[str, Trace] = {}
    for script in SCRIPTS:
        states = _states(system, first, script)
        for prop in properties:
            if prop.name not in found:
                reached = next((n for n, s in enumerate(states) if prop.premise(s)), None)
                if reached is not None:
                    steps, _ = run(system, first, script[:reached])
                    found[prop.name] = Trace("model", system.name, ENOUGH, flat(first), steps, None)
    return found


def _states(system: System, first: World, script: Script) -> list[World]:
    """The states of a script, as far as the system can follow it."""
    states = [first]
    for name, parameters in script:
        action, p = system.action(name), arguments(parameters)
        if not action.guard(states[-1], p):
            break
        states.append(action.effect(states[-1], p))
    return states
