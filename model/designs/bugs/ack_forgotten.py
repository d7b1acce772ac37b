"""Stopping the delayed-ACK timer is taken for dealing with the ACK."""

from __future__ import annotations

from ...records import update
from ...state import Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    return update(drain_conn(world, conn), peer=conn.peer)


DESIGN = REFERENCE.replacing(
    "ack-forgotten",
    "Drain",
    "Stops the delayed-ACK timer without sending the ACK.",
    effect=lambda s, p: drain(s, _drain),
)
