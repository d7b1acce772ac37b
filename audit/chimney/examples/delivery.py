"""Replays on received data: buffered data against RcvNxt, and the delivery flowcharts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....model.chimney.handover import terminate_completed
from ....model.chimney.resuming import resume
from ....model.chimney.state import (
    BLOCK_SUCCESS,
    STATE,
    SUCCESS,
    TCP,
    TERMINATING,
    Block,
    World,
    template,
    world_size,
)
from ....model.kernel import arguments
from ....model.logic import serial, serial_difference
from ....model.records import update
from ....properties.chimney.chimney import CHIMNEY
from .send_data import verdicts

BOUNDS = world_size(buffers=1, blocks=1, connections=1, requests=1)


def _world(irn: int, arrived: int) -> World:
    blank = template(BOUNDS)
    conn = update(blank.conns[0], block=0, irn=irn)
    conn = update(conn, peer=update(conn.peer, arrived=arrived, acked_to=arrived))
    block = Block(in_tree=True, layer=TCP, kind=STATE, conn=0)
    return update(blank, blocks=(block,), conns=(update(conn, own=update(conn.own, rcv_nxt=arrived)),))


def _terminated(world: World, start: int, end: int) -> World:
    """The connection handed over with the positions [start, end) as BufferedData."""
    conn = world.conns[0]
    rcv_nxt = serial(conn.irn + conn.peer.acked_to)
    given = update(conn.given, written=True, rcv_nxt=rcv_nxt, buffered_from=start, buffered_to=end)
    block = update(world.blocks[0], status=BLOCK_SUCCESS)
    conns = (update(conn, given=given),)
    return terminate_completed(update(world, phase=TERMINATING, filled=True, blocks=(block,), conns=conns), 0)


def buffered(given: Mapping[str, Any]) -> dict[str, str]:
    """*length* bytes of acknowledged data that nobody took, the last of *received*; ``irn`` starts them."""
    received, length = given["received"], given["length"]
    world = _world(given["irn"], received)
    conn = update(world.conns[0], peer=update(world.conns[0].peer, app_got=received - length))
    world = _terminated(update(world, conns=(conn,)), received - length, received)
    handed = world.conns[0].given
    end = serial(given["irn"] + handed.buffered_to)
    taken = resume(world, 0)
    return {
        "from the data's end to RcvNxt": str(serial_difference(handed.rcv_nxt, end)),
        "bytes the application has after the upload": str(taken.peer.app_got),
        "bytes skipped or repeated": str(taken.peer.app_gap),
    } | verdicts(world, given.get("clauses", ()))


def refused(given: Mapping[str, Any]) -> dict[str, str]:
    """An indication of *indicated* bytes of which the application takes *consumed*.

    What is left to deliver, and what comes of keeping the bytes from ``kept_from`` on.
    """
    size, consumed = given["indicated"], given["consumed"]
    world = _world(given["irn"], size)
    conn = update(world.conns[0], indication=True, indicated_from=0, indicated_to=size)
    returns = CHIMNEY.system("reference", BOUNDS).action("ReturnReceiveIndication")
    choice = arguments({"conn": 0, "bytes": consumed})
    world = returns.effect(update(world, conns=(conn,)), choice)
    left = world.conns[0].own.consumed
    asked = _terminated(world, left, size)
    drawn = _terminated(world, given["kept_from"], size)
    return {
        "first byte kept": str(left),
        "bytes repeated": str(-resume(asked, 0).peer.app_gap),
        "bytes repeated by the figure": str(-resume(drawn, 0).peer.app_gap),
        "receive.once by the figure": verdicts(drawn, ("receive.once",))["receive.once"],
    }


def push_timer(given: Mapping[str, Any]) -> dict[str, str]:
    """When a partly filled request in push mode comes back, if each arrival restarts the timer or not.

    ``arrivals`` and ``timer`` are in milliseconds. No segment has PSH set or fills the request.
    """
    arrivals, timer = given["arrivals"], given["timer"]
    once = arrivals[0] + timer
    again = arrivals[0] + timer
    for at in arrivals[1:]:
        again = at + timer if at <= again else again
    return {"comes back, timer restarted": f"{again} ms", "comes back, timer left alone": f"{once} ms"}


def delivery(given: Mapping[str, Any]) -> dict[str, str]:
    """What the reference design does with *data* bytes in order and requests of the sizes *requests*.

    Posted requests are completed as long as there are any to complete; what is left is indicated.
    """
    bounds = BOUNDS.but(requests=max(len(given["requests"]), 1))
    actions = {action.name: action for action in CHIMNEY.system("reference", bounds).actions}
    blank = template(bounds)
    conn = update(blank.conns[0], block=0, capacity=given["data"])
    world = update(blank, blocks=_world(0, 0).blocks, conns=(conn,))
    for size in given["requests"]:
        choice = arguments({"conn": 0, "size": size})
        world = actions["MiniportTcpOffloadReceive"].effect(world, choice)
    world = actions["DataArrives"].effect(world, arguments({"conn": 0, "length": given["data"]}))
    own = arguments({"conn": 0})
    while actions["CompleteReceive"].guard(world, own):
        world = actions["CompleteReceive"].effect(world, own)
    if actions["IndicateReceive"].guard(world, own):
        world = actions["IndicateReceive"].effect(world, own)
    done = [str(r.bytes) for r in world.conns[0].requests if r.status == SUCCESS]
    left = world.conns[0].indicated_to - world.conns[0].indicated_from
    return {"requests completed with": ", ".join(done) or "none", "bytes indicated": str(left)}


def push_expiry(given: Mapping[str, Any]) -> dict[str, str]:
    """Whether the push timer's expiry completes a request, for each case: *partial* and *push*."""
    return {
        case["id"]: "completed" if case["partial"] and case["push"] else "left" for case in given["cases"]
    }
