"""Sequence numbers are compared as unsigned integers, which works until they wrap around."""

from __future__ import annotations

from typing import Any

from ...interface import set_conn
from ...logic import And, If, Not, serial
from ...records import update
from ...state import World
from ..reference import REFERENCE
from ..wire import ack


def _ack(s: World, p: Any) -> World:
    conn = s.conns[p.conn]
    usual = ack(s, p).conns[p.conn]
    new = serial(conn.isn + p.upto) > serial(conn.isn + conn.own.una)
    return set_conn(s, p.conn, update(usual, own=If(And(s.live(conn), Not(new)), conn.own, usual.own)))


DESIGN = REFERENCE.replacing(
    "unsigned-comparison",
    "AckArrives",
    "Compares sequence numbers as unsigned integers, and takes an ACK across the wrap-around for an old one.",
    effect=_ack,
)
