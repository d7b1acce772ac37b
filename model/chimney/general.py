"""The most general target: it may do anything at its interface, restrained by nothing.

Its steps are the target events of the vocabulary with every value left open. What it wrote into
the tree is first seen when it hands the tree back, so the writing and the call are one step.
It transmits only what it has not transmitted yet: a repetition changes nothing.

It has no memory of its own: ``own`` stays blank, and no property reads it.
"""

from __future__ import annotations

from typing import Any

from ..design import Choice, Design, Step, opened
from ..logic import And
from . import answers, handover
from .world import EVENTS


def _hand_back(design: Any, s: Any, p: Any) -> Choice:
    """the target writes the tree and calls NdisMTerminateOffloadComplete with block {root}"""
    writing, write = opened(handover.WriteTree).chooses(design, s, p)
    calling, call = opened(handover.NdisMTerminateOffloadComplete).chooses(design, s, p)
    return And(writing, calling), [*write, *call]


def _steps() -> tuple[Step, ...]:
    call = handover.NdisMTerminateOffloadComplete
    special = {
        "Transmit": opened(answers.Transmit, lambda s, p: s.conns[p.conn].peer.sent < p.upto),
        call.name: Step(call.name, _hand_back.__doc__ or "", _hand_back, call.ranges, many=handover.written),
    }
    mine = (e for e in EVENTS if e.actor == "target" and e is not handover.WriteTree)
    return tuple(special.get(e.name) or opened(e) for e in mine)


GENERAL = Design("general", "Does anything at its interface; the clauses alone restrain it.", _steps())
