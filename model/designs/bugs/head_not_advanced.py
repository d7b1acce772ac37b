"""A send is chained as it was posted, although the peer has acknowledged its first bytes."""

from __future__ import annotations

from ...logic import Value
from ...records import update
from ...state import Buffer, Connection
from ..ending import fill_tree, link
from ..reference import REFERENCE


def _chain(conn: Connection, base: int) -> tuple[Value, tuple[Buffer, ...]]:
    head, linked = link(conn, base)
    bufs = (update(new, start=old.start) for new, old in zip(linked, conn.bufs, strict=True))
    return head, tuple(bufs)


DESIGN = REFERENCE.replacing(
    "head-not-advanced",
    "FillTree",
    "Chains a partly acknowledged send without advancing its start to SndUna.",
    effect=lambda s, p: fill_tree(s, chain=_chain),
)
