"""The disconnect that termination ends comes back as aborted, and the FIN is never sent."""

from __future__ import annotations

from ...logic import If
from ...records import update
from ...state import REQUEST_ABORTED, UPLOAD_IN_PROGRESS, Connection, World
from ..ending import drain, drain_conn
from ..reference import REFERENCE


def _drain(world: World, conn: Connection) -> Connection:
    drained = drain_conn(world, conn)
    return update(
        drained, disconnect=If(drained.disconnect == UPLOAD_IN_PROGRESS, REQUEST_ABORTED, drained.disconnect)
    )


DESIGN = REFERENCE.replacing(
    "disconnect-aborted",
    "Drain",
    "Completes an outstanding disconnect as aborted, so the host gives the FIN up.",
    effect=lambda s, p: drain(s, _drain),
)
