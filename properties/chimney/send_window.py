"""The part of the windows that are handed over: SndUna, SndNxt, SndMax, SndWnd, SendWL1, RcvWnd."""

from __future__ import annotations

from ...model.chimney.designs import charge, ending
from ...model.chimney.state import Connection, World
from ...model.logic import SEQUENCE_SPACE, And, If, Implies, Max, Not, Value, serial
from ...model.tcp.numbers import MAX_WINDOW, NULL
from ...model.tcp.windows import edge
from ..property import Holding, at_most, clause, collected, conjunct, lemma, same
from ..subject import Part
from ..tcp.wire import each_connection, received
from .cases import back, buffered, chained, fresh, handed, handed_over

DELEGATED = "ddi/ns-ndischimney-_tcp_offload_state_delegated.md"
SPECIFIED = ("seed.txt", "Remarks, SndUna, SndNxt and SndMax")


@clause("delegated.written", "seed.txt", "Remarks, Status of each block", each=each_connection)
def written(world: World, conn: Connection) -> Holding:
    """Where a block says SUCCESS, the delegated structure that follows it has been filled in."""
    return handed_over(world, conn), conjunct(
        "the delegated structure is filled in", conn.given.written, written=conn.given.written
    )


@clause("snd.una", DELEGATED, "SndUna", each=each_connection)
def una(world: World, conn: Connection) -> Holding:
    """SndUna is the sequence number of the first byte that is not acknowledged."""
    true = serial(conn.isn + conn.peer.acked)
    return handed_over(world, conn), same(
        "SndUna is the first sequence number that is not acknowledged",
        SndUna=conn.given.snd_una,
        first_unacknowledged=true,
    )


@clause("snd.max", DELEGATED, "SndMax", each=each_connection)
def highest(world: World, conn: Connection) -> Holding:
    """SndMax is the highest sequence number that has been sent (RFC 9293's SND.MAX: the one after it)."""
    true = serial(conn.isn + conn.peer.sent)
    return handed_over(world, conn), same(
        "SndMax is the sequence number after the last one sent",
        SndMax=conn.given.snd_max,
        after_the_last_one_sent=true,
    )


@clause("snd.max", DELEGATED, "SndMax", reading="last", each=each_connection)
def highest_sent(world: World, conn: Connection) -> Holding:
    """Read literally, SndMax is the last sequence number that was sent, not the one after it."""
    last = serial(conn.isn + If(conn.peer.sent > 0, conn.peer.sent - 1, 0))
    return handed_over(world, conn), same(
        "SndMax is the last sequence number sent", SndMax=conn.given.snd_max, last_one_sent=last
    )


@clause("snd.nxt", DELEGATED, "SndNxt", each=each_connection)
def nxt(world: World, conn: Connection) -> Holding:
    """SndNxt is the next sequence number to send: not before SndUna, not behind SndMax."""
    ahead = serial(conn.given.snd_nxt - (conn.isn + conn.peer.acked))
    flight = conn.peer.sent - conn.peer.acked
    return handed_over(world, conn), conjunct(
        "SndNxt lies between SndUna and SndMax, both included",
        ahead <= flight,
        **{"SndNxt": conn.given.snd_nxt, "SndNxt - SndUna": ahead, "SndMax - SndUna": flight},
    )


@clause("snd.wnd", DELEGATED, "SndWnd", each=each_connection)
def wnd(world: World, conn: Connection) -> Holding:
    """SndWnd is the send window in bytes."""
    return handed_over(world, conn), same(
        "SndWnd is the window that the peer advertised last",
        SndWnd=conn.given.snd_wnd,
        advertised=conn.peer.wnd,
    )


@clause("snd.wl1", DELEGATED, "SendWL1", each=each_connection)
def wl1(world: World, conn: Connection) -> Holding:
    """SendWL1 is the sequence number of the segment by which the window was last updated (SND.WL1).

    Each segment that is not older updates it, also where the window stays the same (RFC 9293, 3.10.7.4).
    So one before that which changed it is wrong, by which an old window would be taken; so is one that
    never came, by which none would. Between them, and up to RCV.NXT, a target may have what it will.
    """
    given, peer = conn.given, conn.peer
    ahead = serial(given.snd_wl1 - (conn.irn + peer.wnd_at))
    newest = Max(received(conn), peer.sacked_from)
    return And(fresh(world, conn), Not(peer.rst), given.snd_wl1 != NULL), conjunct(
        "SendWL1 is that of the segment that changed the window, or of a newer one",
        ahead <= newest - peer.wnd_at,
        **{"SendWL1": given.snd_wl1, "behind it": ahead, "the newest is behind it": newest - peer.wnd_at},
    )


@clause("rcv.wnd", DELEGATED, "RcvWnd", each=each_connection)
def rcv_wnd(world: World, conn: Connection) -> Holding:
    """RcvWnd is the receive window: it takes back nothing that the peer was offered, and fits the buffer."""
    given, peer = conn.given, conn.peer
    owed = edge(conn) - peer.acked_to
    kept = at_most("RcvWnd covers what the peer was offered", still_offered=owed, RcvWnd=given.rcv_wnd)
    fits = at_most("RcvWnd fits the receive buffer", RcvWnd=given.rcv_wnd, buffer=conn.capacity)
    # After its FIN the peer sends nothing more.
    return And(fresh(world, conn), Not(peer.rst), Not(peer.fin)), kept, fits


@clause("snd.specified", *SPECIFIED, each=each_connection)
def specified(world: World, conn: Connection) -> Holding:
    """With send data handed over, SndUna, SndNxt and SndMax are specified."""
    return chained(world, conn), conjunct(
        "the three variables are written", conn.given.written, written=conn.given.written
    )


@clause("snd.specified", *SPECIFIED, reading="literal", impossible_with=("snd.una",), each=each_connection)
def never_zero(world: World, conn: Connection) -> Holding:
    """Read literally, a value that is NULL may not be given: none of the three is ever 0."""
    given = conn.given
    named = {"SndUna": given.snd_una, "SndNxt": given.snd_nxt, "SndMax": given.snd_max}
    nonzero = (conjunct(f"{name} is not 0", value != 0, **{name: value}) for name, value in named.items())
    return And(chained(world, conn), handed_over(world, conn)), *nonzero


@lemma("rigid", each=each_connection)
def rigid(w: World, conn: Connection) -> Value:
    """Sequence numbers and windows are in range."""
    numbers = And(conn.isn >= 0, conn.isn < SEQUENCE_SPACE, conn.irn >= 0, conn.irn < SEQUENCE_SPACE)
    windows = And(conn.capacity >= 0, conn.capacity <= MAX_WINDOW)
    return And(numbers, windows, conn.peer.wnd >= 0, conn.peer.wnd <= MAX_WINDOW)


@lemma("own", each=each_connection)
def own(w: World, conn: Connection) -> Value:
    """The target's own variables say what the wire says."""
    mine, peer = conn.own, conn.peer
    return And(
        mine.una == peer.acked,
        mine.max == peer.sent,
        mine.rcv_nxt == peer.arrived,
        peer.wnd_at >= 0,
        peer.wnd_at <= received(conn),
        Implies(Not(conn.host.resumed), mine.consumed == peer.app_got),
    )


@lemma("given", each=each_connection)
def given(w: World, conn: Connection) -> Value:
    """The delegated structure says what the target knows."""
    structure, mine = conn.given, conn.own
    here = And(w.filled, conn.block != NULL, Not(w.lost(conn)))
    same = And(
        structure.written,
        structure.snd_una == serial(conn.isn + mine.una),
        structure.rcv_nxt == serial(conn.irn + received(conn)),
        structure.snd_wl1 == structure.rcv_nxt,
        structure.buffered_from == mine.consumed,
        structure.buffered_to == mine.rcv_nxt,
        structure.rcv_wnd == charge.window(conn),
    )
    blank = And(Not(structure.written), structure.buffered_from == 0, structure.buffered_to == 0)
    return And(Implies(here, same), Implies(Not(w.filled), blank))


def _una(conn: Connection) -> Value:
    return serial(conn.isn + conn.peer.acked)


def _max(conn: Connection) -> Value:
    return serial(conn.isn + conn.peer.sent)


def _straddles(start: Value, end: Value, limit: int) -> Value:
    return And(start < limit, limit <= end)


_HALF = SEQUENCE_SPACE // 2

WINDOW = Part(
    "window",
    "the windows that are handed over",
    needs=("sending",),
    choices=(ending.delegated, ending.window_from),
    properties=collected(globals()),
    situations=(
        back("unacknowledged data runs across 2^32", lambda c: _max(c) < _una(c)),
        back("unacknowledged data runs across 2^31", lambda c: _straddles(_una(c), _max(c), _HALF)),
        back(
            "buffered data runs across 2^32",
            lambda c: And(
                buffered(c), serial(c.irn + c.given.buffered_to) < serial(c.irn + c.given.buffered_from)
            ),
        ),
        back("SndUna is 0, with a chain", lambda c: And(c.given.snd_una == 0, handed(c))),
        back("SndNxt is 0, SndUna is not", lambda c: And(c.given.snd_nxt == 0, c.given.snd_una != 0)),
        back("SndMax is 0, SndUna is not", lambda c: And(c.given.snd_max == 0, c.given.snd_una != 0)),
        back("RcvNxt is 0, with buffered data", lambda c: And(c.given.rcv_nxt == 0, buffered(c))),
        back("the window is shut, with data to send", lambda c: And(c.peer.wnd == 0, c.peer.sent < c.total)),
        back("the window was withdrawn", lambda c: c.peer.acked + c.peer.wnd < c.peer.sent),
        back(
            "going back, nothing sent again",
            lambda c: And(c.given.snd_nxt == _una(c), c.peer.acked < c.peer.sent),
        ),
        back(
            "going back, some sent again",
            lambda c: And(c.given.snd_nxt != _una(c), c.given.snd_nxt != c.given.snd_max),
        ),
    ),
)
