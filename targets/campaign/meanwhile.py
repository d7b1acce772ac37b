"""Directed scenarios in which one thing happens while another one is under way, or again and again."""

from __future__ import annotations

from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario

_SENT = (Move("send", n=100), Move("transmit", n=100))
_ABORTS = Move("meanwhile", then=(Move("disconnect", n=1),))
_ARRIVES = Move("meanwhile", then=(Move("data", n=5),))
_AGAIN = (*(Move("ack", m=10000),) * 4, Move("transmit", n=100), Move("rest"))

MEANWHILE: dict[str, Scenario] = {
    "requests are posted from within completions": Scenario((
        *(Move("meanwhile", then=(Move("receive", n=n),)) for n in (3, 0, 9)), Move("receive", n=4),
        Move("data", n=9), Move("data", n=9), Move("rest"),
    )),
    "aborted while data is indicated": Scenario((*_SENT, _ABORTS, Move("data", n=9))),
    "aborted while the peer's FIN is told": Scenario((*_SENT, _ABORTS, Move("fin"))),
    "an RST while data is indicated": Scenario((
        *_SENT, Move("meanwhile", then=(Move("rst"),)), Move("data", n=9), Move("rest")
    )),
    "data arrives while other data is indicated, and refused": Scenario((
        Move("appetite", n=0), _ARRIVES, Move("data", n=9), Move("receive", n=6), Move("receive", n=8),
        Move("rest"),
    )),
    "data arrives while other data is indicated, and taken in part": Scenario((
        Move("appetite", n=4), _ARRIVES, Move("data", n=9), Move("receive", n=6), Move("receive", n=4),
        Move("rest"),
    )),
    "acknowledgements come three times": Scenario((
        *_SENT, *_AGAIN, *_SENT, Move("peer gets", n=90), Move("ack", n=90, m=10000), *_AGAIN
    )),
    "the receive window is enlarged while data waits, before a hole and behind it": Scenario((
        Move("appetite", n=0), Move("data", n=9), Move("early data", n=20, m=30), Move("grow window"),
        Move("run"), Move("fill", m=1), Move("receive", n=80), Move("rest"),
    )),
}  # fmt: skip
"""Name -> scenario, in the order in which they are played."""
