"""Which one drawing shows what broke: the connection and the side of it that the broken rule speaks of."""

from __future__ import annotations

import re

from ...model.bounds import Bounds
from ...model.chimney.state import NONE, World
from ..trace import Trace
from . import connection_rulers, drawn_blocks
from .wrong_bytes import sent

Drawn = tuple[str, list[str], str]
"""A title, lines, and what their characters mean."""

_CONNECTION = re.compile(r"connection (\d+)")
_TREE = ("block", "Status", "tree", "status", "complete", "NextBlock")
_RECEIVING = ("receiv", "rcv", "sack", "indicat", "Buffered", "application")
MOST_LINES = 4


def chosen(trace: Trace, world: World, bounds: Bounds, width: int) -> Drawn:
    """The drawing for *trace*, which ends in *world*."""
    violation = trace.violation
    broken = violation.broken if violation and violation.kind != "misbehaviour" else ()
    where = " ".join(b.where for b in broken)
    says = " ".join([violation.property if violation else "", where, *(n for b in broken for n in b.values)])
    named = _CONNECTION.search(where)
    conn = int(named[1]) if named and int(named[1]) < len(world.conns) else _last_touched(trace, world)
    if conn is None or (not named and any(word in says for word in _TREE)):
        return _tree(world, bounds)
    ways = [_receiving, _sending] if any(word in says for word in _RECEIVING) else [_sending, _receiving]
    found = (way(world, conn, width, trace) for way in ways)
    return next(filter(None, found), None) or _tree(world, bounds)


def _last_touched(trace: Trace, world: World) -> int | None:
    """The connection that changed last; none where no window has anything in it."""
    for step in reversed(trace.steps):
        for c in range(len(world.conns)):
            if any(name.startswith(f"conns[{c}].") for name in step.changes):
                return c
    return None


def _sending(world: World, c: int, width: int, trace: Trace) -> Drawn | None:
    conn = world.conns[c]
    if all(buf.status == NONE for buf in conn.bufs):
        return None
    found = sent(trace, c) if conn.peer.shift or conn.peer.altered else None
    wrong = found.at if found else None
    if conn.host.resumed and not conn.host.aborted:
        drawn = connection_rulers.host_queue(conn, wrong)
        return f"the host's queue of connection {c}:", drawn.draw(width), drawn.legend_line()
    drawn = connection_rulers.send_window(world, conn, wrong)
    facts = connection_rulers.send_facts(conn)
    while len(facts) > width - len(" connection 0 sends ():") and "; " in facts:
        facts = facts.rpartition("; ")[0]  # one line, and the rest is in the steps
    return f"connection {c} sends ({facts}):", drawn.draw(width), drawn.legend_line()


def _receiving(world: World, c: int, width: int, _: Trace) -> Drawn | None:
    conn = world.conns[c]
    if not connection_rulers.received(conn):
        return None
    drawn = connection_rulers.receive_window(conn)
    return f"connection {c} receives:", drawn.draw(width), drawn.legend_line()


def _tree(world: World, bounds: Bounds) -> Drawn:
    lines = drawn_blocks.lines(world, bounds)
    rest = len(lines) - MOST_LINES
    shown = [*lines[: MOST_LINES - 1], f"and {rest + 1} lines more"] if rest > 0 else lines
    return "the block tree (indented: linked by DependentBlockList):", shown, ""
