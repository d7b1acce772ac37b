"""Bugs that leave something undone for ever, on connections that the target is in charge of."""

from __future__ import annotations

from typing import Any

from ....design import Choice, Deed, bug
from ....logic import And, Not, Value
from ....tcp.windows import news
from ...answers import SendAck
from ...state import OFFLOADED, Connection, World
from ..charge import received


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


@bug("progress.acknowledged", 5, "acknowledges")
def window_never_opens(reference: Any, s: World, c: int, when: Value = True) -> Deed:
    """Counts what the application has read as if it still lay in the receive buffer."""
    # What is received makes the window smaller, and nothing that is read tells it so.
    conn = s.conns[c]
    room = conn.capacity - conn.own.rcv_nxt
    heard = And(when, Not(s.lost(conn)), Not(conn.peer.rst), news(conn, received(conn), room))
    return SendAck(heard, conn=c, upto=received(conn), window=room)


@bug("progress.delivered", 3, "IndicateReceive")
def waits_for_requests(reference: Any, s: World, p: Any) -> Choice:
    """Received data waits until a receive request is posted for it."""
    return _never(reference.IndicateReceive(s, p))


@bug("event.retrieve-told", 2, "TellFailure")
def failure_kept_quiet(reference: Any, s: World, p: Any) -> Choice:
    """Stops to work on a connection that the hardware lost, and tells nobody."""
    # The failure is looked for when a termination comes, and only then.
    return _never(reference.TellFailure(s, p))
