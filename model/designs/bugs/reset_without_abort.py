"""An RST is indicated to the host, and the requests are left for the termination that will follow."""

from __future__ import annotations

from typing import Any

from ...interface import set_conn
from ...logic import If
from ...records import update
from ...state import World
from ..reference import REFERENCE
from ..wire import reset


def _reset(s: World, p: Any) -> World:
    old = s.conns[p.conn]
    marked = update(old, event=True, peer=update(old.peer, rst=True))
    return set_conn(s, p.conn, If(s.live(old), marked, reset(s, p).conns[p.conn]))


DESIGN = REFERENCE.replacing(
    "reset-without-abort",
    "RstArrives",
    "Indicates an RST without aborting the requests that are outstanding.",
    effect=_reset,
)
