"""Which byte lies where another belongs: what is known of it, and nothing that is not."""

from __future__ import annotations

import dataclasses

from ...model.chimney.state import NONE, World
from ...model.tcp.numbers import NULL
from ..trace import Trace


@dataclasses.dataclass(frozen=True)
class WrongByte:
    """A position, and that whose byte lies there (NULL: of none that was sent); the bytes, where known."""

    at: int
    whose: int
    byte: int | None = None
    expected: int | None = None

    def describe(self, world: World, conn: int) -> str:
        """In words, with the buffers that the positions lie in."""
        here, there = (_of(world, conn, position) for position in (self.at, self.whose))
        if self.whose == NULL:
            says = f"position {self.at}{here} holds a byte that is none of those sent"
        else:
            says = f"position {self.at}{here} holds the byte of position {self.whose}{there}"
        if self.byte is None or self.expected is None:
            return says
        return f"{says}: {self.byte:02x}, where {self.expected:02x} was expected"


def sent(trace: Trace, conn: int) -> WrongByte | None:
    """The first wrong byte that was sent; None if there is none, or if it is not known which."""
    watched = [f"conns[{conn}].peer.{name}" for name in ("altered", "shift")]
    for step in trace.steps:
        old, shift = next((step.changes[name] for name in watched if name in step.changes), (0, 0))
        if old == shift:
            continue
        known = [step.parameters.get(name) for name in ("wrong_at", "whose", "byte", "expected")]
        if all(type(value) is int for value in known):
            return WrongByte(*(int(value) for value in known if value is not None))
        begin = step.changes.get(f"conns[{conn}].peer.got", (NULL, NULL))[0]
        # A buffer that the host has at a wrong place is wrong from its first byte on.
        return WrongByte(begin, begin + shift) if step.action == "HostTransmits" and begin != NULL else None
    return None


def received(trace: Trace, conn: int) -> WrongByte | None:
    """The first wrong byte that the application has; None as above."""
    for step in trace.steps:
        old, gap = step.changes.get(f"conns[{conn}].peer.app_gap", (0, 0))
        begin = step.changes.get(f"conns[{conn}].peer.app_got", (NULL, NULL))[0]
        if old != gap:
            if begin == NULL:
                return None
            return WrongByte(begin, NULL if step.parameters.get("wrong") else begin + gap)
    return None


def _of(world: World, conn: int, position: int) -> str:
    held = (
        k for k, b in enumerate(world.conns[conn].bufs) if b.status != NONE and b.begin <= position < b.end
    )
    return next((f" (in B{k})" for k in held), "")
