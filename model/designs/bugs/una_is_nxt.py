"""The hardware keeps one send pointer, the next byte to transmit, and it is copied to SndUna too."""

from __future__ import annotations

from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    given = delegate(conn, base)
    return update(given, snd_una=given.snd_nxt)


DESIGN = REFERENCE.replacing(
    "una-is-nxt",
    "FillTree",
    "Reports SND.NXT in SndUna.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
