"""The first chained send is advanced over everything transmitted, as if that were acknowledged."""

from __future__ import annotations

from ...interface import acknowledged_part
from ...logic import And, If, Value
from ...records import update
from ...state import Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    head, linked = link(conn, base)
    bufs = []
    for k, buf in enumerate(linked):
        sent = buf.begin + acknowledged_part(buf, conn.own.nxt)
        in_chain = And(conn.own.first <= k, k < conn.posted)
        bufs.append(update(buf, start=If(in_chain, sent, buf.start)))
    return head, tuple(bufs)


DESIGN = REFERENCE.replacing(
    "chain-from-nxt",
    "FillTree",
    "Advances the chained sends to SND.NXT, and cuts off bytes that may have been lost on the way.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
