"""The part of telling: the host learns of the peer's FIN and RST, and of failed hardware, when it is due."""

from __future__ import annotations

from ...model.chimney.designs import charge
from ...model.chimney.state import Connection, World
from ...model.logic import And, Implies, Not, Or, Value
from ...model.tcp.numbers import NULL
from ...model.tcp.peer import is_over
from ..property import Holding, clause, collected, conjunct, lemma
from ..subject import Part
from ..tcp.wire import each_connection
from .cases import back, moment
from .runs import on

EVENT = "ddi/nc-ndischimney-ndis_tcp_offload_event_indicate.md"
FAILED = (
    "pages/returning-the-completion-status-of-a-query-offload-operation.md",
    "step 2",
)
RESPONDING = (
    "pages/responding-to-the-reception-of-a-fin-or-rst-segment.md",
    "Responding to the Reception of a FIN or RST Segment",
)


@clause("event.end-due", EVENT, "Indicating a Graceful Disconnect", each=each_connection)
def end_due(world: World, conn: Connection) -> Holding:
    """TcpIndicateDisconnect is indicated only after a FIN, when the application has all data before it."""
    received = conjunct("the peer's FIN was received", conn.peer.fin, FIN_received=conn.peer.fin)
    consumed = conjunct(
        "the application has all data that came before it",
        conn.peer.app_got >= conn.peer.arrived,
        the_application_has=conn.peer.app_got,
        received_up_to=conn.peer.arrived,
    )
    return conn.ends_told > 0, received, consumed


@clause(
    "event.end-once",
    EVENT,
    "Indicating a Graceful Disconnect",
    each=each_connection,
    inferred="The sentence says when, and not how often; a stream has one end.",
)
def end_once(world: World, conn: Connection) -> Holding:
    """TcpIndicateDisconnect is indicated once."""
    indication = conjunct("it was indicated once", conn.ends_told == 1, times=conn.ends_told)
    return conn.ends_told > 0, indication


def _at_rest(world: World, conn: Connection) -> Value:
    """A connection that stays with the target, when everybody has had all the time there is."""
    return And(world.quiescent, world.live(conn), Not(world.lost(conn)))


@clause("event.end-told", *RESPONDING, each=each_connection)
def end_told(world: World, conn: Connection) -> Holding:
    """TcpIndicateDisconnect is indicated in response to a FIN, once the application has all data."""
    peer = conn.peer
    counted = And(peer.fin, peer.acked_to > peer.arrived, peer.app_got >= peer.arrived)
    indication = conjunct("it was indicated", conn.ends_told > 0, times=conn.ends_told)
    return And(_at_rest(world, conn), counted, Not(is_over(conn))), indication


@clause("event.abort-due", EVENT, "TcpIndicateAbort", each=each_connection)
def abort_due(world: World, conn: Connection) -> Holding:
    """TcpIndicateAbort is indicated only after an acceptable RST, or where the hardware lost a connection."""
    # pages/returning-the-completion-status-of-a-query-offload-operation.md, step 3
    came = Or(conn.peer.rst, world.lost(conn))
    return conn.aborts_told > 0, conjunct("an RST was received", came, RST_received=conn.peer.rst)


@clause("event.abort-told", EVENT, "Indicating an Abortive Disconnect", each=each_connection)
def abort_told(world: World, conn: Connection) -> Holding:
    """TcpIndicateAbort is indicated in response to an acceptable RST."""
    indication = conjunct("it was indicated", conn.aborts_told > 0, times=conn.aborts_told)
    return And(_at_rest(world, conn), conn.peer.rst, Not(conn.peer.abandoned)), indication


@clause(
    "event.retrieve-told",
    *FAILED,
    each=each_connection,
    inferred="The step follows a query that found the hardware broken. Who finds it otherwise has the same "
    "connection, which nobody can serve any more.",
)
def retrieve_told(world: World, conn: Connection) -> Holding:
    """A connection that the hardware lost is asked to be taken back, by TcpIndicateRetrieve."""
    stranded = And(world.quiescent, world.live(conn), world.lost(conn), Not(is_over(conn)))
    indication = conjunct(
        "the host was asked to take it back", conn.retrieves_told > 0, times=conn.retrieves_told
    )
    return stranded, indication


@lemma("indicated", each=each_connection)
def indicated(w: World, conn: Connection) -> Value:
    """What was told had come."""
    peer = conn.peer
    return And(
        conn.ends_told >= 0,
        conn.ends_told <= 1,
        Implies(conn.ends_told > 0, And(peer.fin, peer.app_got >= peer.arrived)),
        conn.aborts_told >= 0,
        Implies(conn.aborts_told > 0, peer.rst),
        conn.retrieves_told >= 0,
    )


SITUATIONS = (
    back("the end of the stream was told", lambda c: c.ends_told > 0),
    back(
        "the end of the stream is due and not told",
        lambda c: And(c.peer.fin, c.peer.app_got == c.peer.arrived, c.ends_told == 0),
    ),
    moment("a FIN on a connection that stays", "FinArrives", lambda s, c, p: c.block == NULL),
    moment("an RST during an event", "RstArrives", lambda s, c, p: And(s.live(c), c.event)),
)

HALF_CLOSED = (
    *on(
        0,
        ("DataArrives", {"length": 5}),
        ("FinArrives", {}),
        ("MiniportTcpOffloadReceive", {"size": 5}),
        ("CompleteReceive", {}),
        ("TellEnd", {}),
        ("ReturnTcpEvent", {}),
        ("SendAck", {}),
    ),
    ("Quiet", {}),
)
RESET_TOLD = (*on(0, ("RstArrives", {}), ("ReturnTcpEvent", {})), ("Quiet", {}))

FAILED_HARDWARE = (
    ("HardwareFails", {"block": 2}),
    *on(0, ("TellFailure", {}), ("ReturnTcpEvent", {})),
    ("Quiet", {}),
)

TELLING = Part(
    "telling",
    "the host learns of the peer's FIN and RST, and of a connection that the hardware lost",
    needs=("tree", "indications", "receiving", "closing"),
    steps=(charge.TellEnd, charge.TellReset, charge.TellFailure),
    choices=(charge.end_reached, charge.reset_told, charge.tells_reset),
    properties=collected(globals()),
    situations=SITUATIONS,
    runs=(HALF_CLOSED, RESET_TOLD, FAILED_HARDWARE),
)
