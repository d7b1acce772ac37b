"""Bugs that leave something undone for ever, on connections that the target is in charge of."""

from __future__ import annotations

from typing import Any

from ....design import Choice, bug
from ....logic import And, Value
from ...state import OFFLOADED, Connection, World


def _never(choice: Choice) -> Choice:
    return False, choice[1]


@bug("progress.transmitted", 2, "Transmit")
def never_transmits(reference: Any, s: World, p: Any) -> Choice:
    """Sends nothing, ever, and hands everything over unsent."""
    return _never(reference.Transmit(s, p))


@bug("progress.transmitted", 6, "in_charge")
def others_frozen_too(reference: Any, s: World, conn: Connection) -> Value:
    """Terminating one connection freezes the adapter's others as well, and only those handed back wake up."""
    return And(reference.in_charge(s, conn), s.phase == OFFLOADED)


@bug("progress.completed", 5, "CompleteSend")
def completed_at_hand_off(reference: Any, s: World, p: Any) -> Choice:
    """Completes sends when a connection is handed back, and not before."""
    return _never(reference.CompleteSend(s, p))


@bug("progress.acknowledged", 4, "SendAck")
def acks_at_hand_off(reference: Any, s: World, p: Any) -> Choice:
    """Holds acknowledgements back until a connection is handed back."""
    return _never(reference.SendAck(s, p))


@bug("progress.delivered", 3, "IndicateReceive")
def waits_for_requests(reference: Any, s: World, p: Any) -> Choice:
    """Received data waits until a receive request is posted for it."""
    return _never(reference.IndicateReceive(s, p))


@bug("event.retrieve-told", 2, "TellFailure")
def failure_kept_quiet(reference: Any, s: World, p: Any) -> Choice:
    """Stops to work on a connection that the hardware lost, and tells nobody."""
    # The failure is looked for when a termination comes, and only then.
    return _never(reference.TellFailure(s, p))
