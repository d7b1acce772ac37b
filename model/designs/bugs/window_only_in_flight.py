"""The send variables are written along with what is in flight; unsent data is not thought to need them."""

from __future__ import annotations

from ...logic import If
from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    given = delegate(conn, base)
    unsent = update(given, written=False, snd_una=0, snd_nxt=0, snd_max=0)
    waits = conn.own.first < conn.posted
    result: Delegated = If(conn.own.una < conn.own.max, given, If(waits, unsent, given))
    return result


DESIGN = REFERENCE.replacing(
    "window-only-in-flight",
    "FillTree",
    "Leaves SndUna, SndNxt and SndMax unwritten when the sends it hands over were not transmitted yet.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
