"""SndNxt is computed from the end of the send queue, as if everything posted had been transmitted."""

from __future__ import annotations

from ...logic import serial
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    return update(delegate(conn, base), snd_nxt=serial(conn.isn + conn.total))


DESIGN = REFERENCE.replacing(
    "nxt-counts-queued",
    "FillTree",
    "Reports in SndNxt the end of what was posted, not of what was transmitted.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
