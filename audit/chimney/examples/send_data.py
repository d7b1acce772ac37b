"""Replays of the figures on send data: MDL chains, and where SndUna, SndNxt and SndMax point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....model.bounds import Bounds
from ....model.chimney.answers import NdisTcpOffloadSendComplete, Transmit
from ....model.chimney.calls import MiniportTcpOffloadSend
from ....model.chimney.handover import terminate_completed
from ....model.chimney.resuming import resume
from ....model.chimney.state import (
    BLOCK_SUCCESS,
    STATE,
    SUCCESS,
    TCP,
    TERMINATING,
    Block,
    Delegated,
    World,
    pointer,
    template,
    world_size,
)
from ....model.event import Event
from ....model.kernel import arguments
from ....model.logic import put, serial, serial_difference
from ....model.records import update
from ....model.tcp.numbers import NULL
from ....properties.chimney.chimney import CHIMNEY


def mdl_chain(given: Mapping[str, Any]) -> dict[str, str]:
    """Sends made of MDLs, and three arrows into them.

    ``sends``: the data bytes of each MDL of each send; ``acked``: bytes of the first send
    that were acknowledged before; ``isn``: the sequence number of that send's first byte;
    ``SndNxt`` and ``SndMax``: send and MDL (from 1) at whose first byte the figure's arrow
    stands; ``ahead``: distances from SndUna that the text gives.
    """
    sends = given["sends"]
    offset = {name: _at(sends, *given[name]) for name in ("SndNxt", "SndMax")}
    acked, isn = given["acked"], given["isn"]
    lengths = [sum(mdls) for mdls in sends]
    lengths[0] += acked
    world = handed_over(lengths, acked, acked + offset["SndMax"], acked + offset["SndNxt"], isn)
    handed = world.conns[0].given
    host = resume(world, 0).host
    computed = {
        "SndNxt - SndUna": str(serial_difference(handed.snd_nxt, handed.snd_una)),
        "SndMax - SndUna": str(serial_difference(handed.snd_max, handed.snd_una)),
        "bytes in the host's queue": str(host.end - host.una),
        "byte of SndUna": f"byte {world.conns[0].bufs[0].start - acked} of the chain",
    }
    for distance in given["ahead"]:
        computed[f"byte {distance}"] = _place(sends, distance)
        computed[f"bytes to byte {distance}"] = str(serial(handed.snd_una + distance) - handed.snd_una)
    return computed | verdicts(world, given.get("clauses", ()))


def _at(sends: list[list[int]], send: int, mdl: int) -> int:
    before = sum(sum(mdls) for mdls in sends[: send - 1])
    return before + sum(sends[send - 1][: mdl - 1])


def _place(sends: list[list[int]], distance: int) -> str:
    left = distance
    for s, mdls in enumerate(sends, 1):
        for m, length in enumerate(mdls, 1):
            if left < length:
                return f"send {s}, MDL {m}, byte {left}"
            left -= length
    return "beyond the chain"


def segments(given: Mapping[str, Any]) -> dict[str, str]:
    """A window with *acked*, *next*, *sent* and *posted* bytes counted from its first byte.

    What the model takes for the three variables, and what becomes of a SndMax that names
    the last byte sent instead of the one after it.
    """
    acked, nxt, sent, posted, isn = (given[k] for k in ("acked", "next", "sent", "posted", "isn"))
    world = handed_over([posted], acked, sent, nxt, isn)
    handed = world.conns[0].given
    literal = _with(world, snd_max=serial(isn + sent - 1))
    last = literal.conns[0].given
    holds = {True: "holds", False: "broken"}
    return {
        "sent and not acknowledged": str(serial_difference(handed.snd_max, handed.snd_una)),
        "to be sent again": str(serial_difference(handed.snd_max, handed.snd_nxt)),
        "first byte not sent": str(serial_difference(handed.snd_max, serial(isn))),
        "not sent": str(posted - sent),
        "first byte to send": str(serial_difference(handed.snd_nxt, serial(isn))),
        "SndMax as a sequence number": str(handed.snd_max),
        "snd.max on the last byte sent": holds[CHIMNEY.find("snd.max").holds(literal)],
        "to be sent again, as ULONG": str(serial(handed.snd_max - handed.snd_nxt)),
        "to be sent again, SndMax being the last byte sent": str(serial(last.snd_max - last.snd_nxt)),
    }


def handed_over(lengths: list[int], acked: int, sent: int, nxt: int, isn: int) -> World:
    """A connection back at the host: sends of the lengths given, positions from the first byte posted."""
    bounds = world_size(buffers=max(len(lengths), 1), blocks=1, connections=1, requests=1)
    blank = template(bounds)
    world = blank.change(0, block=0, isn=isn)
    for length in lengths:
        world = _after(MiniportTcpOffloadSend, world, length=length)
    world = _after(Transmit, world, upto=sent)
    world = world.change(0, peer=update(world.conns[0].peer, got=sent, acked=acked))
    conn = _chained(world, bounds, acked).conns[0]
    first = next((k for k in range(len(lengths)) if conn.bufs[k].end > acked), NULL)
    head = first if first == NULL else pointer(bounds, 0, first)
    tail = head if first == NULL else pointer(bounds, 0, len(lengths) - 1)
    handed = Delegated(
        written=True,
        snd_una=serial(isn + acked),
        snd_nxt=serial(isn + nxt),
        snd_max=serial(isn + sent),
        head=head,
        tail=tail,
    )
    block = Block(in_tree=True, layer=TCP, kind=STATE, conn=0, status=BLOCK_SUCCESS, chain=head)
    world = update(blank, phase=TERMINATING, filled=True, blocks=(block,))
    return terminate_completed(update(world, conns=(update(conn, given=handed),)), 0)


def _after(happens: Event, world: World, **values: int) -> World:
    after: World = happens.happens(world, happens.completed(world, arguments({"conn": 0, **values})))[1]
    return after


def _chained(world: World, bounds: Bounds, acked: int) -> World:
    """Sends that are acknowledged are completed; the others are advanced and linked in order."""
    conn = world.conns[0]
    for k, buf in enumerate(conn.bufs[: conn.posted]):
        if buf.end <= acked:
            size = buf.end - buf.begin
            done = {"buffer": k, "status": SUCCESS, "bytes": size, "advanced": size}
            world = _after(NdisTcpOffloadSendComplete, world, **done)
            continue
        following = pointer(bounds, 0, k + 1) if k + 1 < conn.posted else NULL
        linked = update(buf, start=max(buf.begin, acked), next=following)
        world = world.change(0, bufs=put(world.conns[0].bufs, k, linked))
    return world


def _with(world: World, **changes: Any) -> World:
    conn = world.conns[0]
    return update(world, conns=(update(conn, given=update(conn.given, **changes)),))


def verdicts(world: World, names: tuple[str, ...]) -> dict[str, str]:
    """Whether each clause or guarantee holds in the state, by its name."""
    return {name: "holds" if CHIMNEY.find(name).holds(world) else "broken" for name in names}
