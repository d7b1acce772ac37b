"""The part of queries of a connection: what they tell is so when they are completed.

Known limitation: no model has them; they are judged where they are seen, of executable targets.
"""

from __future__ import annotations

from ...model.chimney import querying
from ...model.chimney.querying import NOT_SUPPORTED
from ...model.chimney.state import QUERIED, UNWRITTEN, Connection, World
from ...model.logic import And, Not, Or, Value
from ..property import Holding, clause, collected, conjunct, lemma
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import at

COMPLETE = "ddi/nf-ndischimney-ndismqueryoffloadstatecomplete.md"
STATUS, SEND_BACKLOG = (QUERIED.labels.index(name) for name in ("Status", "SendBacklogSize"))
each_query = at(each_connection, ", queried")


def _answered(conn: Connection) -> Value:
    """Whether a query of the connection came back."""
    return And(Not(conn.query.asked), conn.query.status != UNWRITTEN)


@clause(
    "query.status",
    "pages/returning-the-completion-status-of-a-query-offload-operation.md",
    "Returning the Completion Status of a Query Offload Operation",
    each=each_query,
    watched=True,
)
def status(world: World, conn: Connection) -> Holding:
    """A query comes back with SUCCESS, and with FAILURE where the hardware has lost the state."""
    told = conn.query.status
    right = conjunct("Status is what became of the query", conn.query.wrong != STATUS, Status=told)
    return _answered(conn), right


@clause("query.current", COMPLETE, "Remarks", each=each_query, watched=True)
def current(world: World, conn: Connection) -> Holding:
    """A query tells the values that the variables have when it is completed."""
    query = conn.query
    true = Or(query.wrong == 0, query.wrong == STATUS, query.wrong == SEND_BACKLOG)
    says = "each member has the value that it has in the connection"
    return _answered(conn), conjunct(says, true, wrong=query.wrong, told=query.told, true=query.true)


@clause(
    "query.send-backlog",
    "ddi/ns-ndischimney-_tcp_offload_state_delegated.md",
    "SendBacklogSize",
    each=each_query,
    watched=True,
    inferred="the best size is the target's to say, and none is given as 0xFFFFFFFF; 0 lets nothing be sent",
)
def send_backlog(world: World, conn: Connection) -> Holding:
    """SendBacklogSize is a size that the host may keep outstanding, or says that there is none."""
    some = conn.query.wrong != SEND_BACKLOG
    return _answered(conn), conjunct("SendBacklogSize is not 0", some, not_supported=NOT_SUPPORTED)


@lemma("query-true", each=each_connection)
def nothing_wrong(w: World, conn: Connection) -> Value:
    """No model has queries."""
    return And(Not(conn.query.asked), conn.query.status == UNWRITTEN, conn.query.wrong == 0)


QUERIES = Part(
    "queries",
    "queries of a connection",
    needs=("calls", "window", "members", "closing"),
    events=querying.EVENTS,
    properties=collected(globals()),
)
