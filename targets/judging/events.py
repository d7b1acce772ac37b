"""What can happen in a run of a target, as actions on the model's world: its vocabulary, observed.

Each event is the model's own; the values are those that were seen. What the target does needs
nothing to be possible: a target may do anything.
"""

from __future__ import annotations

from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.state import REQUEST_STATUS, SUCCESS, World
from ...model.event import Event
from ...model.kernel import Action, arguments
from ...model.logic import Value
from ...model.records import update
from ...properties.chimney.chimney import CHIMNEY

REQUEST_CODES = {name: code for code, name in enumerate(REQUEST_STATUS.labels) if code >= SUCCESS}
"""The statuses of a completed request, by name, in the model's numbers."""


def actions(bounds: Bounds) -> dict[str, Action]:
    """Everything that can happen, by name. What a target wrote into the tree is read in one piece when it
    hands it back (:mod:`.hand_back`).
    """
    return {event.name: _observed(event, bounds) for event in CHIMNEY.events if not event.many}


def _observed(event: Event, bounds: Bounds) -> Action:
    def guard(s: World, p: Any) -> Value:
        return event.actor == "target" or event.happens(s, p)[0]

    def effect(s: World, p: Any) -> World:
        return _transmitting(event.name, event.happens(s, p)[1], p)

    return Action(event.name, event.actor, event.parameters(bounds), guard, effect, event.told or event.says)


def _transmitting(name: str, after: World, p: Any) -> World:
    """SND.NXT as the wire shows it: no property reads it, but drawings do."""
    if name not in ("Transmit", "RetransmitTimeout"):
        return after
    conn = after.conns[p.conn]
    nxt = p.upto if name == "Transmit" else conn.peer.acked
    return after.change(p.conn, own=update(conn.own, nxt=nxt))


def coded(values: dict[str, Any]) -> Any:
    """Values as a trace has them, as what the events read: a status by its number."""
    status = values.get("status")
    return arguments({**values, "status": REQUEST_CODES[status]} if isinstance(status, str) else values)
