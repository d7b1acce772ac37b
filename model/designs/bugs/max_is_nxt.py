"""SndMax is taken from SND.NXT, which the retransmit timer may have moved back."""

from __future__ import annotations

from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    given = delegate(conn, base)
    return update(given, snd_max=given.snd_nxt)


DESIGN = REFERENCE.replacing(
    "max-is-nxt",
    "FillTree",
    "Reports SND.NXT in SndMax, which is too low while it retransmits.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
