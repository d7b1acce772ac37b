"""Each send is pushed onto the front of the chain, as onto a stack."""

from __future__ import annotations

from ...logic import And, If, Value
from ...records import update
from ...state import NULL, Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    _, linked = link(conn, base)
    bufs = []
    for k, buf in enumerate(linked):
        before = If(conn.own.first < k, base + k - 1, NULL)
        in_chain = And(conn.own.first <= k, k < conn.posted)
        bufs.append(update(buf, next=If(in_chain, before, buf.next)))
    return If(conn.own.first < conn.posted, base + conn.posted - 1, NULL), tuple(bufs)


DESIGN = REFERENCE.replacing(
    "chain-reversed",
    "FillTree",
    "Chains the outstanding sends with the newest first.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
