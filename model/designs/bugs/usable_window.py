"""The transmit path works with the usable window, and that is what ends up in SndWnd."""

from __future__ import annotations

from ...records import update
from ...state import Connection, Delegated
from ..ending import delegate, fill_tree
from ..reference import REFERENCE


def _delegate(conn: Connection, base: int) -> Delegated:
    usable = conn.peer.wnd - (conn.own.nxt - conn.own.una)
    return update(delegate(conn, base), snd_wnd=usable)


DESIGN = REFERENCE.replacing(
    "usable-window",
    "FillTree",
    "Reports in SndWnd the window less what is in flight.",
    effect=lambda s, p: fill_tree(s, delegated=_delegate),
)
