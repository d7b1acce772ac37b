"""Acknowledged sends are taken off the end of the list at which new ones are put on."""

from __future__ import annotations

from typing import Any

from ...interface import send_completed, set_conn
from ...logic import And, Value, pick
from ...state import PENDING, SUCCESS, World
from ..reference import REFERENCE
from ..steady import in_charge


def _may_complete(s: World, p: Any) -> Value:
    conn = s.conns[p.conn]
    last = pick(conn.bufs, conn.posted - 1)
    return And(in_charge(s, conn), last.status == PENDING, last.end <= conn.own.una)


def _complete(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    last = pick(conn.bufs, conn.posted - 1)
    return set_conn(s, p.conn, send_completed(conn, conn.posted - 1, SUCCESS, last.end - last.begin))


DESIGN = REFERENCE.replacing(
    "newest-completed-first",
    "CompleteSend",
    "Completes the newest acknowledged send before older ones.",
    guard=_may_complete,
    effect=_complete,
)
