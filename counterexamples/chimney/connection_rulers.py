"""Drawings of a connection: its send window and buffers, its receive side, the host's queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...model.chimney.state import NONE, PENDING, REQUEST_STATUS, Buffer, Connection, World
from ...model.tcp.numbers import NULL
from ..ruler import Mark, Ruler, Span
from ..trace import Step

LEGEND = {"=": "acknowledged by the peer", "~": "sent, not acknowledged", ".": "not sent yet"}
RECEIVE_LEGEND = {"=": "the application has it", "~": "held, not passed on", "?": "out of order", ".": "hole"}

_SENDING = (
    "bufs[",
    "own.una",
    "own.nxt",
    "own.max",
    "own.first",
    "peer.sent",
    "peer.got",
    "peer.acked",
    "disconnect",
)
_RECEIVING = (
    "requests[",
    "indicated_",
    "own.rcv_nxt",
    "own.consumed",
    "own.sack_",
    "given.buffered_",
    "peer.arrived",
    "peer.sacked_",
    "peer.fin",
    "peer.acked_to",
    "peer.app_",
    "host.rcv",
)
_QUEUE = ("host.una", "host.nxt", "host.end", "host.resumed")


def touched(changed: Iterable[str], conn: int) -> tuple[bool, bool, bool]:
    """Whether a step touched a connection's sending, its receiving, the host's queue."""
    prefix = f"conns[{conn}]."
    own = [name.removeprefix(prefix) for name in changed if name.startswith(prefix)]
    sending, receiving, queue = (
        any(name == part or (part[-1] in "[_" and name.startswith(part)) for name in own for part in parts)
        for parts in (_SENDING, _RECEIVING, _QUEUE)
    )
    return sending, receiving, queue


def has(world: World, conn: Connection, buf: Buffer) -> str:
    """Who has a buffer that was posted: its owner, and how it came back if it did."""
    if buf.status == PENDING:
        return "host (handed back)" if world.handed_back(conn) else "target"
    return f"host ({REQUEST_STATUS.show(buf.status)})"


def in_memory(steps: Iterable[Step], conn: int) -> Iterator[Span]:
    """The MDLs in which what is sent on a connection lies, where they are several for a buffer."""
    for step in steps:
        at, end = step.changes.get(f"conns[{conn}].total", (0, 0))  # of all that was posted
        if sum(map(len, step.mdls)) < 2 or sum(map(sum, step.mdls)) != end - at:
            continue
        for part in step.mdls:
            for number, size in enumerate(part):
                yield Span(at, at + size, f"m{number}")
                at += size


def send_window(
    world: World, conn: Connection, wrong: int | None = None, pieces: Sequence[Span] = ()
) -> Ruler:
    """The buffers posted, and SND.UNA, SND.NXT, SND.MAX against them; where the peer has a *wrong* byte.

    *pieces* are the MDLs that they lie in.
    """
    own = conn.own
    posted = [(k, buf) for k, buf in enumerate(conn.bufs) if buf.status != NONE]
    spans = [Span(b.begin, b.end, f"B{k}", has(world, conn, b)) for k, b in posted]
    marks = [Mark(own.una, "una"), Mark(own.nxt, "nxt"), Mark(own.max, "max"), Mark(conn.total, "end")]
    marks += [] if wrong is None else [Mark(wrong, "WRONG BYTE")]
    if conn.disconnect != NONE:
        spans.append(Span(conn.total, conn.total + 1, "FIN"))
    for k, buf in enumerate(conn.bufs):
        if buf.status != NONE and buf.start not in (buf.begin, buf.end):
            marks.append(Mark(buf.start, f"B{k}.data"))

    def fill(begin: int, end: int) -> str:
        return "=" if end <= own.una else "~" if end <= own.max else "."

    legend = LEGEND | ({"m0, m1": "the MDLs of a NET_BUFFER"} if pieces else {})
    return Ruler(spans, marks, fill, legend, pieces)


def send_facts(conn: Connection) -> str:
    """What the ruler does not show: the window, the peer, who has which buffer."""
    facts = [f"SND.WND {conn.peer.wnd}", f"the peer has all below {conn.peer.got}"]
    states: dict[str, list[str]] = {}
    for k, buf in enumerate(conn.bufs):
        if buf.status not in (NONE, PENDING):
            states.setdefault(REQUEST_STATUS.show(buf.status), []).append(f"B{k}")
    facts += [f"{', '.join(names)} completed with {status}" for status, names in states.items()]
    return "; ".join(facts)


def host_queue(conn: Connection, wrong: int | None = None) -> Ruler:
    """Where the resuming host puts each buffer, its SND.UNA, SND.NXT; where the peer has a *wrong* byte."""
    spans = []
    for k, buf in enumerate(conn.bufs):
        if buf.host_at != NULL and buf.start < buf.end:
            spans.append(Span(buf.host_at, buf.host_at + buf.end - buf.start, f"B{k}", "host"))
    host = conn.host
    marks = [Mark(host.una, "una"), Mark(host.nxt, "nxt"), Mark(host.end, "end")]
    marks += [] if wrong is None else [Mark(wrong, "WRONG BYTE")]

    def fill(begin: int, end: int) -> str:
        return "=" if end <= host.una else "~" if end <= host.nxt else "."

    return Ruler(spans, marks, fill, LEGEND)


def misplaced(conn: Connection) -> list[str]:
    """The buffers that the host puts where they do not belong, in words."""
    return [
        f"B{k}'s data starts at position {buf.start}, but the host has it at {buf.host_at}"
        for k, buf in enumerate(conn.bufs)
        if buf.host_at != NULL and buf.host_at != buf.start
    ]


def received(conn: Connection) -> bool:
    """Whether anything has come in, in order or out of it."""
    return not conn.own.rcv_nxt == conn.peer.arrived == conn.peer.acked_to == conn.own.sack_to == 0


def receive_window(conn: Connection) -> Ruler:
    """What the application has, what was acknowledged, what is held."""
    own, peer, given = conn.own, conn.peer, conn.given
    spans = [
        Span(begin, end, name, owner)
        for begin, end, name, owner in (
            (conn.indicated_from, conn.indicated_to, "indicated", "target (lent to the host)"),
            (own.sack_from, own.sack_to, "out of order", "target"),
        )
        if begin < end and (name != "indicated" or conn.indication)
    ]
    fin = peer.arrived if peer.fin else NULL
    spans += [Span(fin, fin + 1, "FIN")] if peer.fin else []
    marks = [Mark(peer.app_got, "app"), Mark(peer.acked_to, "acked"), Mark(own.rcv_nxt, "rcv_nxt")]
    if given.written:
        begin, end = given.buffered_from, given.buffered_to
        marks += [Mark(begin, "buffered_from"), Mark(end, "buffered_to")] if begin < end else []
    if conn.host.resumed and not conn.host.aborted:
        marks.append(Mark(conn.host.rcv, "host_rcv"))

    def fill(begin: int, end: int) -> str:
        if begin == fin:
            return "F"
        if end <= peer.app_got:
            return "="
        held = own.sack_from <= begin and end <= own.sack_to
        return "~" if end <= own.rcv_nxt else "?" if held else "."

    return Ruler(spans, marks, fill, RECEIVE_LEGEND | ({"F": "the peer's FIN"} if peer.fin else {}))
