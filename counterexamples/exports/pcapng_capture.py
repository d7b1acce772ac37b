"""pcapng: the segments of a trace as Wireshark has them, checksums and sequence numbers right.

A handshake that the trace does not have comes first, so that a reader knows where positions begin and how
windows are scaled. Known limitation: payloads are letters that tell positions (a-z from here, A-Z from the
peer, position 0 is an a or an A), not the bytes of the run.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..harmless import printable
from ..trace import Scalar, Step, Trace
from .registry import CannotExport, library
from .state_tree import states

TICK = 0.001
"""Seconds from step to step."""
SPACE = 2**32
HERE = ("02:00:00:00:00:01", "192.0.2.1")
THERE = ("02:00:00:00:00:02", "198.51.100.1")
"""This host and the peer: addresses for documentation (RFC 5737), and of no maker's."""
PORT, SERVICE = 50000, 60000
MOST_PAYLOAD = 1400
"""Bytes in a frame; a longer segment is several."""
MOST_BYTES = 2**24
"""Bytes in a capture."""
MOST_SCALE = 14


@dataclasses.dataclass(frozen=True)
class Sent:
    """A segment: who sends it, its place in that stream, what it acknowledges, what it carries.

    ``shown`` is the position that its ``length`` bytes are of; ``scale`` is offered in a SYN.
    """

    conn: int
    outgoing: bool
    seq: int
    ack: int
    window: int
    flags: str = "A"
    shown: int = 0
    length: int = 0
    sack: tuple[int, ...] = ()
    scale: int | None = None


class _Line:
    """A connection before a step: its variables, as the segments need them."""

    def __init__(self, conn: int, state: Mapping[str, Scalar], step: Step | None = None) -> None:
        self.conn, self.state = conn, state
        self.changes = step.changes if step else {}

    def after(self, name: str) -> int:
        """A variable after the step."""
        changed = self.changes.get(f"conns[{self.conn}].{name}")
        return int(changed[1]) if changed else self[name]

    def __getitem__(self, name: str) -> int:
        return int(self.state.get(f"conns[{self.conn}].{name}", 0))

    def out(self, start: int, end: int, flags: str = "PA", shown: int | None = None) -> Sent:
        """Data of this side at positions [start, end)."""
        seq, ack = self["isn"] + start, self["irn"] + self["peer.acked_to"]
        at = start if shown is None else shown
        return Sent(self.conn, True, seq, ack, self["capacity"], flags, at, max(0, end - start))

    def back(self, start: int, length: int = 0, flags: str = "A") -> Sent:
        """What the peer sends, at a place in its stream."""
        seq, ack = self["irn"] + start, self["isn"] + self["peer.acked"]
        return Sent(self.conn, False, seq, ack, self["peer.wnd"], flags, start, max(0, length))

    @property
    def heard(self) -> int:
        """The place after what arrived in order, the peer's FIN included."""
        return self["peer.arrived"] + self["peer.fin"]


Numbers = Mapping[str, int]
Maker = Callable[[_Line, Numbers], Sent | None]


def _transmit(line: _Line, p: Numbers) -> Sent:
    start = p.get("start", line["own.nxt"])
    upto = p.get("upto", start + p.get("length", 0))  # a design says how much, a target up to where
    fin = p.get("fin", -1) >= 0 or upto > line["total"]
    return line.out(
        start, min(upto, line["total"], p["fin"] if p.get("fin", -1) >= 0 else upto), "FPA" if fin else "PA"
    )


def _host_transmits(line: _Line, p: Numbers) -> Sent | None:
    """The buffer that the host has at its SND.NXT, with the bytes that are in it."""
    at, k = line["host.nxt"], 0
    while f"conns[{line.conn}].bufs[{k}].host_at" in line.state:
        where, start, end = (line[f"bufs[{k}].{name}"] for name in ("host_at", "start", "end"))
        if where == at and start < end:
            return line.out(at, at + end - start, shown=start)
        k += 1
    return None


def _send_ack(line: _Line, p: Numbers) -> Sent:
    window = p.get("window", -1)
    held = (line["peer.sacked_from"], line["peer.sacked_to"])
    sack = tuple((line["irn"] + edge) % SPACE for edge in held) if held[0] < held[1] else ()
    seq, ack = line["isn"] + line["peer.sent"], line["irn"] + p.get("upto", line.after("peer.acked_to"))
    return Sent(line.conn, True, seq, ack, window if window >= 0 else line["capacity"], sack=sack)


def _ack_arrives(line: _Line, p: Numbers) -> Sent:
    return dataclasses.replace(line.back(line.heard), ack=line["isn"] + p["upto"], window=p["window"])


SEGMENTS: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "Transmit": (_transmit, ()),
    "SendAck": (_send_ack, ()),
    "HostTransmits": (_host_transmits, ()),
    "HostSendsFin": (lambda line, p: line.out(line["host.nxt"], line["host.nxt"], "FPA"), ()),
    "HostReceives": (lambda line, p: line.back(line["host.rcv"], p["length"], "PA"), ("length",)),
    "AckArrives": (_ack_arrives, ("upto", "window")),
    "DataArrives": (lambda line, p: line.back(line["peer.arrived"], p["length"], "PA"), ("length",)),
    "DataArrivesOutOfOrder": (
        lambda line, p: line.back(line["peer.arrived"] + p["gap"], p["length"], "PA"),
        ("gap", "length"),
    ),
    "SendReset": (lambda line, p: line.out(line["peer.sent"], line["peer.sent"], "RA"), ()),
    "FinArrives": (lambda line, p: line.back(line.heard, 0, "FA"), ()),
    "RstArrives": (lambda line, p: line.back(line.heard, 0, "RA"), ()),
}
"""Of each action that has a segment: what makes it of the connection before, and the parameters it needs."""


def segments(trace: Trace) -> Iterator[tuple[int, Sent, str]]:
    """The step of each segment (0: the handshake), the segment, and what was told since the last one."""
    values = states(trace)
    conns = [n for n in range(len(values[0])) if f"conns[{n}].isn" in values[0]]
    for conn in conns:
        yield from (
            (0, sent, "opened before the trace begins") for sent in _handshake(conn, trace, values[0])
        )
    lines: list[str] = []
    for number, (step, before) in enumerate(zip(trace.steps, values, strict=False), 1):
        lines.append(f"{number}. {printable(step.says or step.action)}")
        sent = _sent(step, before, conns)
        if sent is not None:
            yield number, sent, "\n".join(lines)
            lines = []


def _sent(step: Step, before: Mapping[str, Scalar], conns: list[int]) -> Sent | None:
    """The segment of a step, if it has one: it is of a connection, and has the numbers for it."""
    p = _numbers(step)
    if step.action not in SEGMENTS or p.get("conn") not in conns:
        return None
    make, needs = SEGMENTS[step.action]
    return make(_Line(p["conn"], before, step), p) if all(name in p for name in needs) else None


def _numbers(step: Step) -> dict[str, int]:
    return {name: value for name, value in step.parameters.items() if isinstance(value, int)}


def _handshake(conn: int, trace: Trace, first: Mapping[str, Scalar]) -> Iterator[Sent]:
    line = _Line(conn, first)
    windows = [line["capacity"], line["peer.wnd"]]
    windows += [numbers["window"] for numbers in map(_numbers, trace.steps) if "window" in numbers]
    scale = min(MOST_SCALE, max(0, max(windows).bit_length() - 16))
    here, there = line["isn"], line["irn"]
    yield Sent(conn, True, here - 1, 0, line["capacity"], "S", scale=scale)
    yield Sent(conn, False, there - 1, here, line["peer.wnd"], "SA", scale=scale)
    yield Sent(conn, True, here, there, line["capacity"])


def export(trace: Trace) -> bytes:
    """The capture. Raises CannotExport without the library, or for a trace that is no capture."""
    found = list(segments(trace))
    if not found:
        raise CannotExport(
            "the trace has no TCP connection (conns[0].isn ...), so there is nothing on a wire"
        )
    if sum(sent.length for _, sent, _ in found) > MOST_BYTES:
        raise CannotExport(
            f"the trace has more than {MOST_BYTES // 2**20} MiB on the wire, too much for a capture"
        )
    packets = list(_packets(found))
    descriptor, name = tempfile.mkstemp(suffix=".pcapng")  # the library writes files, and no streams
    os.close(descriptor)
    try:
        writer = library("scapy.utils", "pcapng").PcapNgWriter(name)
        writer.write(packets)
        writer.close()
        with open(name, "rb") as file:
            return file.read()
    finally:
        os.unlink(name)


def _packets(found: list[tuple[int, Sent, str]]) -> Iterator[Any]:
    scales: dict[int, int] = {}
    for number, (step, sent, comment) in enumerate(found):
        scales.setdefault(sent.conn, sent.scale or 0)
        for packet in _frames(sent, scales[sent.conn]):
            packet.time = step * TICK + number * TICK / 1000
            packet.comments = [comment.encode()]
            yield packet


def _frames(sent: Sent, scale: int) -> Iterator[Any]:
    """The segment in frames of Ethernet; the window is scaled, but in a SYN."""
    link, inet = library("scapy.layers.l2", "pcapng"), library("scapy.layers.inet", "pcapng")
    (mac, address), (to_mac, to) = (HERE, THERE) if sent.outgoing else (THERE, HERE)
    own = PORT + sent.conn
    ports = (own, SERVICE) if sent.outgoing else (SERVICE, own)
    opens = sent.scale is not None
    options: list[tuple[str, Any]] = [("WScale", sent.scale), ("SAckOK", b"")] if opens else []
    options += [("SAck", sent.sack)] if sent.sack else []
    window = min(max(0, sent.window if opens else sent.window >> scale), 65535)
    for start in range(0, max(1, sent.length), MOST_PAYLOAD):
        last = start + MOST_PAYLOAD >= sent.length
        numbers = {"seq": (sent.seq + start) % SPACE, "ack": sent.ack % SPACE, "window": window}
        flags = sent.flags if last else sent.flags.replace("F", "")
        tcp = inet.TCP(sport=ports[0], dport=ports[1], flags=flags, options=options, **numbers)
        ip = inet.IP(src=address, dst=to, id=0, flags="DF")
        yield link.Ether(src=mac, dst=to_mac) / ip / tcp / _letters(sent, start)


def _letters(sent: Sent, start: int) -> bytes:
    """Letters that tell the positions of their places."""
    first, length = ord("a" if sent.outgoing else "A"), min(MOST_PAYLOAD, sent.length - start)
    return bytes(first + (sent.shown + start + k) % 26 for k in range(length))
