"""What there is to see of a hand-off in one state: windows, queues, delegated structures, the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...model.bounds import Bounds
from ...model.chimney.state import NONE, World
from ..panels import Entry, Outline, Panel, Row, Table, Window
from ..trace import Step, Violation
from ..words import Words
from . import connection_rulers, delegated_table, drawn_blocks


def panels(
    world: World,
    before: World | None,
    bounds: Bounds,
    words: Words,
    broken: Violation | None,
    steps: Sequence[Step] = (),
) -> Iterator[Panel]:
    """The panels of *world*, which *steps* led to.

    *before* is the state before it, for what changed; *broken* what broke in it, if anything did.
    """
    for c in range(len(world.conns)):
        yield from windows(world, c, steps)
        members_shown = delegated_table.members(world, c, words)
        was = delegated_table.members(before, c, words) if before else []
        if members_shown:
            wrong = accused(broken, f"connection {c}")
            rows = tuple(
                Row(row, bool(was) and row not in was, _names(row[0], wrong)) for row in members_shown
            )
            title = f"delegated state of connection {c}, as handed back"
            yield Table(title, f"connection {c}", ("member", "value", "stands for"), rows)
    yield _tree(world, bounds, broken)


def windows(world: World, c: int, steps: Sequence[Step] = ()) -> Iterator[Window]:
    """The rulers of connection *c* that have anything on them, after *steps*."""
    conn, name = world.conns[c], f"connection {c}"
    if any(buf.status != NONE for buf in conn.bufs):
        facts = connection_rulers.send_facts(conn)
        pieces = tuple(connection_rulers.in_memory(steps, c))
        ruler = connection_rulers.send_window(world, conn, pieces=pieces)
        yield Window(f"{name} sends", name, ruler, facts)
    if connection_rulers.received(conn):
        yield Window(f"{name} receives", name, connection_rulers.receive_window(conn))
    if conn.host.resumed and not conn.host.aborted:
        wrong = "; ".join(connection_rulers.misplaced(conn))
        yield Window(f"the host's queue of {name}", name, connection_rulers.host_queue(conn), wrong)


def accused(broken: Violation | None, where: str) -> Sequence[str]:
    """The names of the values that failed in a place: ``SndUna``."""
    found = broken.broken if broken else ()
    return [name for b in found if re.search(rf"\b{where}\b", b.where) for name in b.values]


def _names(member: str, wrong: Sequence[str]) -> bool:
    return any(re.match(rf"{re.escape(member)}\b", name) for name in wrong)


def _tree(world: World, bounds: Bounds, broken: Violation | None) -> Outline:
    entries = [
        Entry(depth, drawn_blocks.label(world, index), bool(accused(broken, f"block {index}")))
        for depth, index in drawn_blocks.tree(world)
    ]
    wrong = broken is not None and broken.property.startswith("chain.")
    entries += [Entry(0, chain, wrong) for chain in drawn_blocks.chains(world, bounds)]
    return Outline("the block tree", "", tuple(entries))
