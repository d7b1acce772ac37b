"""Progress: when everybody had all the time there is, nothing that somebody waits for is still to be done.

On a model this is liveness made safety. The target is bound to take the steps that it ``owes``, fairly: none
stays possible for ever and is not taken. So where a run comes to rest, no such step is possible, and what is
still to be done then will never be: the run goes on for ever in that one state. On an executable target it
is judged after bounded waiting: the wire takes whatever the target sends, the peer acknowledges and opens its
window, timers expire, the application takes what it is offered, until nothing changes any more.

A connection that is being terminated, or was, is not spoken of here: what comes back then is demanded by the
clauses on the hand-back. Known limitation: the window is opened without being probed for.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import NONE, OFFLOADED, PENDING, STATE_CALLS, Connection, World
from ...model.logic import And, If, Min, Not, Or, Value, any_of
from ...model.tcp.peer import is_over
from ...model.tcp.windows import edge
from ..property import Case, Holding, at_most, case, collected, conjunct, lemma, rule
from ..subject import Part
from ..tcp.wire import acked_data, each_connection, received
from .cases import at, buffers, connections

SENDING = ("RFC 9293", "section 3.9.1.2, SEND call in state ESTABLISHED")
AGAIN = ("RFC 9293", "section 3.8.1, Retransmission Timeout")
ACKNOWLEDGING = ("RFC 9293", "section 3.8.6.3, Delayed Acknowledgments; section 3.8.6: managing the window")
DELIVERING = ("RFC 9293", "section 3.10.7.4, seventh, process the segment text")
AT_REST = ", when all is quiet"


def _at_rest(world: World, conn: Connection) -> Value:
    """The target is in charge of a connection that works, and nothing happens any more."""
    return And(world.quiescent, world.live(conn), Not(world.lost(conn)), Not(is_over(conn)))


def _stream_end(conn: Connection) -> Value:
    """The position after all that is to be sent, the FIN included."""
    return conn.total + If(conn.disconnect == NONE, 0, 1)


@rule("progress.transmitted", *SENDING, each=at(each_connection, AT_REST))
def transmitted(world: World, conn: Connection) -> Holding:
    """Every byte that is posted, and the FIN behind them, is sent as far as the peer's window lets it."""
    limit = Min(_stream_end(conn), conn.peer.acked + conn.peer.wnd)
    return _at_rest(world, conn), at_most(
        "all that the window allows is sent", allowed_up_to=limit, sent_up_to=conn.peer.sent
    )


@rule("progress.retransmitted", *AGAIN, each=at(each_connection, AT_REST))
def retransmitted(world: World, conn: Connection) -> Holding:
    """What was lost on the way is sent again."""
    missing = conn.peer.missing
    return _at_rest(world, conn), conjunct("nothing is lost for good", Not(missing), missing=missing)


@rule("progress.completed", *SENDING)
def completed(world: World) -> Iterator[Case]:
    """A request is completed when what it asked for is done: a send and a disconnect, once acknowledged;
    a forwarded segment and a call on a state object, in the end."""
    for call, outstanding in zip(STATE_CALLS, world.calls, strict=True):
        done = conjunct("it is completed", Not(outstanding), outstanding=outstanding)
        yield case(f"{call}{AT_REST}", And(world.quiescent, world.phase == OFFLOADED), done)
    for _, conn, _, buf, where in buffers(world):
        done = conjunct("it is completed", buf.status != PENDING, status=buf.status)
        yield case(f"{where}{AT_REST}", And(_at_rest(world, conn), buf.end <= conn.peer.acked), done)
    for c, conn in connections(world):
        closed = conjunct("its disconnect is completed", conn.disconnect != PENDING, status=conn.disconnect)
        rest = _at_rest(world, conn)
        fin_acked = And(rest, conn.peer.acked > conn.total)
        yield case(f"connection {c}, FIN acknowledged{AT_REST}", fin_acked, closed)
        working = And(world.quiescent, world.live(conn), Not(world.lost(conn)), Not(conn.peer.rst))
        aborted = conjunct("its abortive disconnect is completed", conn.abort != PENDING, status=conn.abort)
        yield case(f"connection {c}, aborted{AT_REST}", working, aborted)
        told = conjunct("its query is completed", Not(conn.query.asked), outstanding=conn.query.asked)
        offloaded = And(world.quiescent, world.live(conn))
        yield case(f"connection {c}, queried{AT_REST}", offloaded, told)
        forwarded = conjunct("its forward request is completed", Not(conn.forward), outstanding=conn.forward)
        yield case(f"connection {c}{AT_REST}", rest, forwarded)


@rule("progress.acknowledged", *ACKNOWLEDGING, each=at(each_connection, AT_REST))
def acknowledged(world: World, conn: Connection) -> Holding:
    """What the peer sends, and sends again, is acknowledged in the end, and with room once it is read."""
    peer = conn.peer
    told = at_most(
        "all that arrived is acknowledged", arrived_up_to=received(conn), acknowledged_up_to=peer.acked_to
    )
    waits = Or(conn.capacity <= 0, peer.fin, peer.app_got < peer.arrived)
    says = "the window is open when the application has read everything"
    ends = {"window_ends_at": edge(conn), "arrived_up_to": peer.arrived}
    return _at_rest(world, conn), told, conjunct(says, Or(waits, edge(conn) > peer.arrived), **ends)


@rule("progress.delivered", *DELIVERING, each=at(each_connection, AT_REST))
def delivered(world: World, conn: Connection) -> Holding:
    """What was acknowledged to the peer reaches the application, if that takes it."""
    owed, got = acked_data(conn), conn.peer.app_got
    waits = any_of(And(r.no_push, r.status == PENDING, owed - got < r.size) for r in conn.requests)
    more = Not(conn.peer.fin)  # without it, nothing will fill a request
    return And(_at_rest(world, conn), Not(conn.refused), Not(And(waits, more))), at_most(
        "the application has it", acknowledged_up_to=owed, the_application_has=got
    )


@lemma("nothing-missing", each=each_connection)
def nothing_missing(w: World, conn: Connection) -> Value:
    """On a model, a wire loses nothing for good."""
    return Not(conn.peer.missing)


PROGRESS = Part(
    "progress",
    "what is to be done gets done, on connections that stay",
    needs=("termination", "calls", "sending", "receiving", "closing", "wire"),
    properties=collected(globals()),
    runs=((("Quiet", {}),),),
)
