"""The moves of a scenario, each declared once: what happens, with which amounts, what the target is told.

A move is an event of host, peer, wire or hardware with amounts, and it is played if the event is possible:
what is asked besides stands here, with its reason. A part that a user adds brings events of its own, and
:func:`moves_of` makes moves of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from ...model.bounds import Bounds
from ...model.chimney import answers, calls, only_seen, querying
from ...model.chimney.shapes import SHAPES
from ...model.chimney.state import COMPLETED, NEIGHBOR, OFFLOADED, PATH, PLACEHOLDER, STATE_CALLS
from ...model.event import Event, spelled
from ...model.logic import serial
from ...model.tcp import peer
from ...model.tcp.numbers import NULL
from . import (
    agreed_options,
    forwarded_data,
    held_back,
    last_data,
    more_offloads,
    nonpush_mode,
    old_segments,
    peer_segments,
    stray_syns,
    terminations,
    urgent_data,
    whole_run,
    window_updates,
)
from .agreed_options import stamped
from .amounts import APPETITE, LENGTH, MORE, POINT, SIZE, WINDOW, up_to
from .delegated import TcpDelegatedState
from .interface import BlockList, NetBufferList, StateType, Status, Timer
from .move_kinds import Happens, Move, MoveKind, move, told_of
from .peer_segments import arrives, brings, end_of, heard, in_stream, is_within, newest, resets, segment
from .returned_buffers import give_back as give_back
from .returned_buffers import return_buffers as return_buffers
from .stage import NdisStage
from .wire_bytes import STREAM

TIMES_TO_RUN = 3
"""How often a target gets time for what it puts off."""
HARDWARE = ("nic", "run")
"""Lanes of moves that nobody makes for a connection alone."""

# -- what the host asks for --------------------------------------------------------------


def _ask(stage: NdisStage, move: Move, request: str, first: NetBufferList) -> None:
    stage.ask(f"miniport_tcp_offload_{request}", Status.PENDING, stage.handed.context(move.conn), first)


def _ask_in_a_list(stage: NdisStage, move: Move, request: str, buffers: list[NetBufferList]) -> None:
    for nbl, following in itertools.pairwise(buffers):
        nbl.next = following
    if buffers:
        _ask(stage, move, request, buffers[0])


@move("send", calls.MiniportTcpOffloadSend, n=LENGTH, m=up_to(2), fills="buffers", lanes=("sending",))
def send(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host posts a send of {n} bytes, and {m} more of the same size in the same call"""
    conn = stage.conn(move.conn)
    start, posted = conn.total, conn.posted
    buffers = []
    for k in range(1 + move.m if in_stream(start + (1 + move.m) * move.n) else 0):
        at = start + k * move.n
        if happens(length=move.n):
            nbl = NetBufferList(stage.lines[move.conn].out(at, at + move.n))
            buffers.append(stage.handed.pass_on(nbl, "send", move.conn, posted + k))
    _ask_in_a_list(stage, move, "send", buffers)


@move(
    "transmit",
    n=LENGTH,
    late=True,
    prompts=(answers.Transmit,),
    back=lambda s, p: (p.upto - s.conns[p.conn].own.nxt,),
    lanes=("nic",),
)
def transmit(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the wire takes {n} bytes"""
    world, conn = stage.judge.world, stage.conn(move.conn)
    if not world.handed_back(conn) and not world.lost(conn):
        stage.call("transmit_opportunity", stage.handed.context(move.conn), max(0, move.n))


@move(
    "peer gets",
    peer.PeerReceives,
    n=LENGTH,
    late=True,
    back=lambda s, p: (p.upto - s.conns[p.conn].peer.got,),
)
def peer_gets(stage: NdisStage, move: Move, happens: Happens) -> None:
    """up to {n} transmitted positions reach the peer"""
    line, got = stage.lines[move.conn], stage.conn(move.conn).peer.got
    upto = min(got + max(0, move.n), line.reach(got))
    fin = NULL if line.fin_at is None else line.fin_at
    happens(upto=upto, fin=fin, **line.seen(got, upto, stage.conn(move.conn).total))


# -- what arrives ------------------------------------------------------------------------


@move(
    "ack",
    peer.AckArrives,
    n=LENGTH,
    m=WINDOW,
    late=True,
    back=lambda s, p: (p.upto - s.conns[p.conn].peer.acked, p.window),
    lanes=("nic",),
)
def ack(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the peer acknowledges up to {n} more positions it has, with a window of {m}"""
    conn = stage.conn(move.conn)
    at, upto = newest(conn), min(conn.peer.got, conn.peer.acked + max(0, move.n))
    # beside a forwarded segment with the same numbers, no target could tell whose window is newer
    window = conn.peer.wnd if conn.forward and upto == conn.peer.acked else move.m
    if heard(stage, move) and happens(upto=upto, window=window):
        arrives(stage, move, segment(conn, at, ack=serial(conn.isn + upto), window=window))


@move("retransmit", only_seen.RetransmitTimeout, lanes=("nic",))
def retransmit(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the retransmit timer expires"""
    _expires(stage, move, happens, Timer.RETRANSMIT)


def _expires(stage: NdisStage, move: Move, happens: Happens, timer: Timer) -> None:
    world, conn = stage.judge.world, stage.conn(move.conn)
    if timer is Timer.RETRANSMIT:
        stage.ndis.recovering.add(move.conn)
    # on a connection that is terminated or over, too: nothing may come of it
    if happens() or not (world.handed_back(conn) or world.lost(conn)):
        stage.call("timer_expires", stage.handed.context(move.conn), timer)


@move("lose", only_seen.BytesAreLost)
def lose(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the wire loses what is under way to the peer"""
    # of a target that is told of no timer nobody knows when it sends again
    if stage.listens("timer_expires") and happens():
        stage.lines[move.conn].lose(stage.conn(move.conn).peer.got)


@move("disconnect", calls.MiniportTcpOffloadDisconnect, n=up_to(1), lanes=("sending",))
def disconnect(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host asks for a graceful (n=0) or abortive (1) disconnect"""
    kind = int(move.n > 0)
    request = ("disconnect", "disconnect_abortive")[kind]
    if stage.listens(f"miniport_tcp_offload_{request}") and happens(kind=kind, length=0):
        nbl = stage.handed.pass_on(NetBufferList(), "disconnect", move.conn, kind)
        _ask(stage, move, request, nbl)
        if kind:
            held_back.check_reset(stage, move.conn)


@move(
    "data",
    peer.DataArrives,
    n=LENGTH,
    late=True,
    prompts=(answers.NdisTcpOffloadReceiveHandler,),
    lanes=("nic",),
)
def data(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{n} bytes arrive in order"""
    start = stage.conn(move.conn).peer.arrived
    if in_stream(start + move.n) and happens(length=move.n):
        brings(stage, move, start, start + move.n)


@move("early data", peer.DataArrivesOutOfOrder, n=LENGTH, m=LENGTH, lanes=("nic",))
def early_data(stage: NdisStage, move: Move, happens: Happens) -> None:
    """{m} bytes arrive, {n} bytes too early"""
    start = stage.conn(move.conn).peer.arrived + move.n
    if in_stream(start + move.m) and happens(gap=move.n, length=move.m):
        brings(stage, move, start, start + move.m)


@move("fin", peer.FinArrives, late=True, prompts=(answers.NdisTcpOffloadEventHandler,), lanes=("nic",))
def fin(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the peer's FIN arrives"""
    conn = stage.conn(move.conn)
    at = end_of(conn)
    # a FIN takes a sequence number, for which a window that never opens has no room (RFC 9293, 3.10.7.4)
    if conn.capacity > 0 and happens():
        arrives(stage, move, segment(conn, at, fin=True))


@move("receive", calls.MiniportTcpOffloadReceive, n=SIZE, m=MORE, fills="requests", lanes=("receiving",))
def receive(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host posts a receive request of {n} bytes, and {m} more of the same size in the same call"""
    # a buffer is memory that passes to the target; the peer sends no more than a stream into it
    size, index, buffers = min(max(0, move.n), STREAM), stage.conn(move.conn).requested, list[NetBufferList]()
    for k in range(1 + max(0, move.m)):
        if happens(size=size, no_push=False):
            nbl = NetBufferList(bytes(size))
            buffers.append(stage.handed.pass_on(nbl, "receive", move.conn, index + k))
    if buffers and size == 0 and not stage.inside:
        stage.ndis.refused.discard(move.conn)  # what the application refused may be indicated again
    _ask_in_a_list(stage, move, "receive", buffers)


@move("appetite", n=APPETITE)
def appetite(stage: NdisStage, move: Move, happens: Happens) -> None:
    """from now on the application takes at most {n} bytes of an indication (-1: all)"""
    stage.ndis.appetite[move.conn] = None if move.n < 0 else move.n


@move("ack timer", only_seen.AckTimeout, late=True, prompts=(answers.SendAck,), lanes=("nic",))
def ack_timer(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the delayed acknowledgement timer expires"""
    _expires(stage, move, happens, Timer.DELAYED_ACK)


# -- the rest ----------------------------------------------------------------------------


@move("forward", calls.MiniportTcpOffloadForward, lanes=("forwarding",))
def forward(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host forwards a segment that came another way, and {m} more in the same call"""
    conn = stage.conn(move.conn)
    if happens():
        repeats = stamped(stage, move.conn, segment(conn, end_of(conn)))  # acknowledges what the target knows
        several = [NetBufferList(segment=repeats) for _ in range(1 + max(0, move.m))]
        _ask_in_a_list(stage, move, "forward", [stage.handed.forward(nbl, move.conn) for nbl in several])


@move("call", calls.StateCall, n=up_to(2), lanes=("calling",), whole=True)
def state_call(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host calls MiniportInvalidate- (n=0), Query- (1) or UpdateOffload (2) on a path"""
    call = max(0, move.n) % len(STATE_CALLS)
    between = only_seen.StateCallBetween
    if happens(call=call) or (stage.handed.path_is_next() and stage.judge.if_possible(between, call=call)):
        context = stage.handed.contexts(PATH)[0]
        block = stage.handed.calls[call] = BlockList(StateType.PATH, miniport_offload_context=context)
        stage.call(spelled(STATE_CALLS[call]), block)


@move("query", querying.MiniportQueryOffload, lanes=("calling", "run"))  # and it waits
def query(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host queries the state of the connection, and waits for it"""
    if not happens():
        return
    context, state = stage.handed.context(move.conn), TcpDelegatedState()
    block = BlockList(StateType.TCP, miniport_offload_context=context, state=state)
    stage.handed.queries[move.conn] = block
    stage.call("miniport_query_offload", block)
    for _ in range(TIMES_TO_RUN):
        if stage.conn(move.conn).query.asked:
            stage.call("run")


@move("link", prompts=(answers.NdisMIndicateStatusEx,), lanes=("nic",), whole=True)
def link(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the link goes down and up"""
    stage.call("link_changes")


@move("neighbor", prompts=(answers.NdisMOffloadEventIndicate,), lanes=("nic",), whole=True)
def neighbor(stage: NdisStage, move: Move, happens: Happens) -> None:
    """a neighbor is not heard of"""
    # not of one that was handed back: what the target held for it is freed
    world = stage.judge.world
    first = next((b for b, block in enumerate(world.blocks) if block.layer == NEIGHBOR), None)
    back = first is not None and (world.phase == COMPLETED or stage.handed.is_back(first))
    if first is None or not back or world.blocks[first].kind == PLACEHOLDER:
        stage.call("neighbor_silent", stage.handed.contexts(NEIGHBOR)[0])


@move(
    "run",
    prompts=(answers.NdisTcpOffloadForwardComplete, answers.CompleteStateCall),
    lanes=("run",),
    whole=True,
)
def give_time(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the target gets time"""
    stage.call("run")


@move("rst", peer.RstArrives, late=True, prompts=(answers.NdisTcpOffloadEventHandler,), lanes=HARDWARE)
def rst(stage: NdisStage, move: Move, happens: Happens) -> None:
    """an acceptable RST arrives"""
    conn = stage.conn(move.conn)
    reset = segment(conn, end_of(conn), rst=True)
    if heard(stage, move) and is_within(conn, end_of(conn)) and happens():
        resets(stage, move, reset)
        stage.call("run")  # the target gets time to abort: no clause says how fast it must be


@move(
    "fails",
    calls.HardwareFails,
    n=up_to(4),
    prompts=(answers.NdisTcpOffloadEventHandler,),
    lanes=("nic",),
    whole=True,
)
def fails(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the hardware loses the state object of block {n}"""
    world, b = stage.judge.world, max(0, move.n) % len(stage.handed.shape)
    if not stage.listens("hardware_fails") or not stage.judge.possible(calls.HardwareFails, block=b):
        return
    if world.phase == OFFLOADED:
        happens(block=b)
        stage.handed.build_tree()
    elif b in stage.ndis.doubtful or stage.handed.is_back(b) or stage.handed.is_next(b):
        return
    else:  # the target may have read it before: what it does from now on tells
        stage.ndis.doubtful.add(b)
    stage.call("hardware_fails", stage.handed.tree[b].miniport_offload_context)


@move("meanwhile", alone=False)
def meanwhile(stage: NdisStage, move: Move, happens: Happens) -> None:
    """during the target's next indication: the moves in `then`; receive requests alone also from within its
    next completion of one that succeeded"""
    stage.interludes.append(move.then)


@move("interrupted", n=POINT, m=POINT, alone=False)
def interrupted(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the next call is interrupted at its point {n} (from 0) by what another processor does, which is
    interrupted at its own point {m} (0: not): the moves in `then`"""
    if stage.listens("interrupt") and not stage.inside:
        stage.interruption = move
        stage.call("interrupt", 1 + max(0, move.n), max(0, move.m))


def at_once(move: Move, others: Iterable[Move]) -> bool:
    """Whether a move may be made while the *others* are: each is the affair of somebody else.

    The host orders its own calls of one kind on a connection; the NIC has one interrupt; what is deferred
    runs once. The host terminates when none of its calls is on its way; and what comes before the target has
    noticed that it does, nobody can ask it to treat otherwise.
    """
    lanes = [_lanes(m) for m in (move, *others)]
    apart = all(lanes) and sum(map(len, lanes)) == len(frozenset().union(*lanes))
    if not apart or not others or all(m.kind != terminate.name for m in (move, *others)):
        return apart and bool(others)
    allowed = {("run", 0), ("nic", 0)} if move.kind == terminate.name else {("run", 0)}
    return all(m.kind == terminate.name or _lanes(m) <= allowed for m in (move, *others))


def _lanes(move: Move) -> frozenset[tuple[str, int]]:
    lanes = MOVES[move.kind].lanes if move.kind in MOVES else ()
    if move.kind == disconnect.name and move.n > 0:  # what is on its way when an RST is sent is no fault
        lanes = ()
    return frozenset((lane, 0 if lane in HARDWARE else move.conn) for lane in lanes)


@move("run short", n=up_to(2), alone=False)
def run_short(stage: NdisStage, move: Move, happens: Happens) -> None:
    """of the memory, pools, buffers and MDLs that the driver asks for next, {n} are given and one is not"""
    if stage.listens("run_short"):
        stage.short = True
        stage.call("run_short", max(0, move.n))


@move("rest", alone=False)
def rest(stage: NdisStage, move: Move, happens: Happens) -> None:
    """everybody takes all the time there is, until nothing changes any more"""
    stage.rest()


terminate, terminate_offload = terminations.terminate, terminations.terminate_offload


@move("again", only_seen.OffloadsAgain, n=up_to(len(SHAPES)), m=up_to(2), alone=False)
def again(stage: NdisStage, move: Move, happens: Happens) -> None:
    """the host takes back what it terminates, and offloads again, to terminate tree {n} in the end (0: the
    same one); new connections ({m} = 0), also with the handles of before (1), or those that came back (2)"""
    stage.again(move)


_MODULES = (
    *(vars(whole_run), globals(), vars(terminations), vars(peer_segments), vars(nonpush_mode)),
    *map(vars, (forwarded_data, agreed_options, window_updates, last_data, stray_syns, urgent_data)),
    *(vars(old_segments), vars(held_back), vars(more_offloads)),
)
MOVES = {kind.name: kind for names in _MODULES for kind in names.values() if isinstance(kind, MoveKind)}
"""Every kind of move, in the order in which random scenarios choose among them."""


def moves_of(added: Iterable[Event], bounds: Bounds) -> Mapping[str, MoveKind]:
    """All kinds of moves where events are *added* of which a target is told. Raises BadTarget."""
    more = {event.name: told_of(event, bounds) for event in added if event.calls}
    return {**MOVES, **more} if more else MOVES
