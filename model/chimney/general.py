"""Where the most general target does not simply take an event with every value left open.

It may do anything at its interface, restrained by nothing. What it wrote into the tree is first seen
when it hands the tree back, so the writing and the call are one step. It transmits only what it has
not transmitted yet, or what it had transmitted otherwise: a repetition changes nothing.

It has no memory of its own: ``own`` stays blank, and no property reads it.
"""

from __future__ import annotations

from typing import Any

from ..design import Choice, DesignStep, opened
from ..logic import And, Not, Or
from ..tcp.numbers import NULL
from . import answers, handover


def _anything_new(s: Any, p: Any) -> Any:
    p, peer = answers.Transmit.completed(s, p), s.conns[p.conn].peer
    fin = And(p.fin != NULL, p.fin != peer.fin_sent)
    late = And(answers.silenced(s.conns[p.conn]), Not(peer.after_reset))
    return Or(peer.sent < p.upto, fin, And(p.shift != 0, peer.altered == 0), late)


TRANSMITTING = {answers.Transmit.name: opened(answers.Transmit, _anything_new)}


def _hand_back(design: Any, s: Any, p: Any) -> Choice:
    """the target writes the tree and calls NdisMTerminateOffloadComplete with block {root}"""
    writing, write = opened(handover.WriteTree).chooses(design, s, p)
    calling, call = opened(handover.NdisMTerminateOffloadComplete).chooses(design, s, p)
    return And(writing, calling), [*write, *call]


_CALL = handover.NdisMTerminateOffloadComplete

HANDING_BACK = {
    handover.WriteTree.name: None,
    _CALL.name: DesignStep(
        _CALL.name, _hand_back.__doc__ or "", _hand_back, _CALL.ranges, many=handover.written
    ),
}
