"""The part of the calls on state objects, and of forwarded segments: all are completed first."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney import answers, calls
from ...model.chimney.designs import charge, ending
from ...model.chimney.state import (
    BLOCK_FAILURE,
    BLOCK_SUCCESS,
    PENDING,
    REQUEST_ABORTED,
    STATE_CALLS,
    SUCCESS,
    UNWRITTEN,
    UPLOAD_IN_PROGRESS,
    Connection,
    World,
)
from ...model.logic import And, Not, Or, Value
from ..property import Case, Holding, Property, case, clause, collected, conjunct
from ..situation import Situation
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import asked, at, completed

INVALIDATED = ("ddi/nf-ndischimney-ndisminvalidateoffloadcomplete.md", "Remarks")
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


def settled(status: Value) -> Value:
    """Whether a request has a status in which it came back."""
    return status > PENDING


@clause(
    "forward-complete.status",
    "ddi/nc-ndischimney-ndis_tcp_offload_forward_complete.md",
    "Remarks",
    each=at(each_connection, ", forward request"),
    inferred="the page promises a list of statuses and has none; those of other requests are taken",
)
def forward_status(world: World, conn: Connection) -> Holding:
    """A forward request comes back with a status that it can have: of an upload only where there is one."""
    status = conn.forwarded
    upload = Or(Not(world.live(conn)), conn.retrieves_told > 0)
    uploaded = And(status == UPLOAD_IN_PROGRESS, upload)
    may = Or(status == SUCCESS, status == REQUEST_ABORTED, uploaded)
    return settled(status), conjunct("its status is one that it can have", may, status=status)


@clause("calls.status", *INVALIDATED)
def call_status(world: World) -> Iterator[Case]:
    """A call on state objects comes back with SUCCESS or FAILURE; an invalidation and a query fail only where
    the hardware has lost something."""
    for call, status in zip(STATE_CALLS, world.answered, strict=True):
        may_fail = Or(call == STATE_CALLS[2], world.above_lost())
        right = Or(status == BLOCK_SUCCESS, And(status == BLOCK_FAILURE, may_fail))
        yield case(
            call, status != UNWRITTEN, conjunct("its Status is one that it can have", right, Status=status)
        )


def _while_called(call: int) -> Situation:
    return Situation(
        f"termination while {STATE_CALLS[call]} is outstanding",
        lambda s, p: s.calls[call],
        "MiniportTerminateOffload",
    )


ANSWERED = (("StateCall", {"call": 1}), ("CompleteStateCall", {"call": 1}))

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
    choices=(ending.end_forward, ending.end_state_calls, charge.call_status, charge.forward_status),
    properties=collected(globals()),
    situations=(
        *(_while_called(call) for call in range(len(STATE_CALLS))),
        asked("termination while a forward request is outstanding", lambda s, c: c.forward),
    ),
    runs=(ANSWERED,),
)
