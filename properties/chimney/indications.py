"""The part of the target's indications: those that are under way return before it completes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...model.chimney import answers, calls
from ...model.chimney.designs import charge, ending
from ...model.chimney.state import Connection, World
from ...model.logic import Not, Value
from ..property import Case, Holding, Property, case, clause, collected, conjunct
from ..situation import Situation
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import asked, completed

REMARKS = ("ddi/nf-ndischimney-ndismterminateoffloadcomplete.md", "Remarks, outstanding indications")


def _returned(name: str, function: str, out: Callable[[World], Value]) -> Property:
    says = f"A call of {function} that is under way has returned before the termination is completed."

    @clause(f"indications.{name}", *REMARKS, says=says)
    def back(world: World) -> Iterator[Case]:
        returned = conjunct(f"the call of {function} has returned", Not(out(world)), still_out=out(world))
        yield case(function, completed(world), returned)

    return back


ADAPTER_CLAUSES = (
    _returned("status", "NdisMIndicateStatusEx", lambda w: w.status_indication),
    _returned("offload-event", "NdisMOffloadEventIndicate", lambda w: w.event_indication),
)


@clause("indications.tcp-event", *REMARKS, each=each_connection)
def tcp_event(world: World, conn: Connection) -> Holding:
    """A call of NdisTcpOffloadEventHandler that is under way has returned before the termination is
    completed.
    """
    return world.handed_back(conn), conjunct(
        "the call of NdisTcpOffloadEventHandler has returned", Not(conn.event), still_out=conn.event
    )


def _during(what: str, out: Callable[[World], Value]) -> Situation:
    return Situation(f"termination during {what}", lambda s, p: out(s), "MiniportTerminateOffload")


INDICATIONS = Part(
    "indications",
    "status and events that the target indicates",
    needs=("termination",),
    events=(
        calls.ReturnStatusIndication,
        calls.ReturnOffloadEvent,
        calls.ReturnTcpEvent,
        answers.NdisTcpOffloadEventHandler,
        answers.NdisMIndicateStatusEx,
        answers.NdisMOffloadEventIndicate,
    ),
    steps=(charge.IndicateTcpEvent, charge.IndicateStatus, charge.IndicateOffloadEvent),
    choices=(ending.returned,),
    properties=collected(globals()),
    situations=(
        asked("termination during a TCP event", lambda s, c: c.event),
        _during("a status indication", lambda s: s.status_indication),
        _during("an offload event", lambda s: s.event_indication),
    ),
)
