"""The part of the calls on state objects, and of forwarded segments: all are completed first."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import answers, calls
from ...model.chimney.designs import charge, ending
from ...model.chimney.state import STATE_CALLS, Connection, World
from ...model.logic import Not
from ..property import Case, Holding, Property, case, clause, collected, conjunct
from ..situation import Situation
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import asked, at, completed

REMARKS = ("ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks, outstanding calls")


def _state_call(name: str, index: int) -> Property:
    call = STATE_CALLS[index]

    says = f"A {call} call that is outstanding is completed before the termination is."

    @clause(f"calls.{name}", *REMARKS, says=says)
    def done(world: World) -> Iterator[Case]:
        out = world.calls[index]
        over = conjunct(f"the call of {call} is completed", Not(out), outstanding=out)
        yield case(call, completed(world), over)

    return done


STATE_CALL_CLAUSES = (_state_call("invalidate", 0), _state_call("query", 1), _state_call("update", 2))


@clause("calls.forward", *REMARKS, each=at(each_connection, ", forward request"))
def forward(world: World, conn: Connection) -> Holding:
    """A MiniportTcpOffloadForward call that is outstanding is completed before the termination is."""
    return world.handed_back(conn), conjunct("it is completed", Not(conn.forward), outstanding=conn.forward)


def _while_called(call: int) -> Situation:
    return Situation(
        f"termination while {STATE_CALLS[call]} is outstanding",
        lambda s, p: s.calls[call],
        "MiniportTerminateOffload",
    )


CALLS = Part(
    "calls",
    "calls on state objects, and forwarded segments",
    needs=("termination",),
    events=(
        calls.MiniportTcpOffloadForward,
        calls.StateCall,
        answers.NdisTcpOffloadForwardComplete,
        answers.CompleteStateCall,
    ),
    steps=(charge.CompleteForward, charge.CompleteStateCall),
    choices=(ending.end_forward, ending.end_state_calls),
    properties=collected(globals()),
    situations=(
        *(_while_called(call) for call in range(len(STATE_CALLS))),
        asked("termination while a forward request is outstanding", lambda s, c: c.forward),
    ),
)
