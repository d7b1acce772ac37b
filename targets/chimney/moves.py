"""The moves of a scenario, one function each: what is possible now, what happens, what the target is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...model.chimney.state import COMPLETED, NEIGHBOR, OFFLOADED, PATH, PLACEHOLDER, Connection
from ...model.logic import serial
from ...model.tcp.numbers import NULL
from .interface import BlockList, NetBufferList, Segment, StateType, Status, Timer
from .scenario import Move
from .wire_bytes import STREAM

if TYPE_CHECKING:
    from .play import Play

STATE_CALLS = ("miniport_invalidate_offload", "miniport_query_offload", "miniport_update_offload")
BARS_TERMINATION = ("miniport_tcp_offload_receive", "miniport_tcp_offload_disconnect")


def play_move(play: Play, move: Move) -> None:
    """Play one move, or skip it if it is not possible now."""
    if move.conn < play.handed.conns:
        MOVES[move.kind](play, move)


def _conn(play: Play, move: Move) -> Connection:
    return play.judge.world.conns[move.conn]


def _context(play: Play, move: Move) -> object:
    return play.handed.context(move.conn)


def _room(conn: Connection, move: Move) -> bool:
    return move.n >= 1 and conn.total + (1 + move.m) * move.n < STREAM


def _send(play: Play, move: Move) -> None:
    if not play.judge.possible("MiniportTcpOffloadSend", conn=move.conn, length=move.n):
        return
    if not _room(_conn(play, move), move):
        return
    first: NetBufferList | None = None
    for _ in range(1 + move.m):
        conn = _conn(play, move)
        nbl = NetBufferList(play.lines[move.conn].out[conn.total : conn.total + move.n])
        play.handed.pass_on(nbl, "send", move.conn, conn.posted)
        play.judge.happens("MiniportTcpOffloadSend", conn=move.conn, length=move.n)
        if first is None:
            first = last = nbl
        last.next, last = (nbl if nbl is not last else None), nbl
    play.ask("miniport_tcp_offload_send", Status.PENDING, _context(play, move), first)


def _receive(play: Play, move: Move) -> None:
    size = max(0, move.n)
    if play.judge.possible("MiniportTcpOffloadReceive", conn=move.conn, size=size):
        nbl = NetBufferList(bytes(size))
        play.handed.pass_on(nbl, "receive", move.conn, _conn(play, move).requested)
        play.judge.happens("MiniportTcpOffloadReceive", conn=move.conn, size=size)
        play.ask("miniport_tcp_offload_receive", Status.PENDING, _context(play, move), nbl)


def _disconnect(play: Play, move: Move) -> None:
    if play.judge.possible("MiniportTcpOffloadDisconnect", conn=move.conn):
        nbl = NetBufferList()
        play.handed.pass_on(nbl, "disconnect", move.conn, 0)
        play.judge.happens("MiniportTcpOffloadDisconnect", conn=move.conn)
        play.ask("miniport_tcp_offload_disconnect", Status.PENDING, _context(play, move), nbl)


def _forward(play: Play, move: Move) -> None:
    """A pure acknowledgement that repeats what the target knows."""
    conn = _conn(play, move)
    if play.judge.possible("MiniportTcpOffloadForward", conn=move.conn):
        nbl = NetBufferList(segment=_segment(conn, conn.peer.acked, conn.peer.wnd))
        play.handed.pass_on(nbl, "forward", move.conn, play.handed.forwards[move.conn])
        play.handed.forwards[move.conn] += 1
        play.judge.happens("MiniportTcpOffloadForward", conn=move.conn)
        play.ask("miniport_tcp_offload_forward", Status.PENDING, _context(play, move), nbl)


def _call(play: Play, move: Move) -> None:
    call = max(0, move.n) % len(STATE_CALLS)
    if play.judge.possible("StateCall", call=call):
        context = play.handed.contexts(PATH)[0]
        block = BlockList(StateType.PATH, miniport_offload_context=context)
        play.handed.calls[call] = block
        play.judge.happens("StateCall", call=call)
        play.call(STATE_CALLS[call], block)


def _transmit(play: Play, move: Move) -> None:
    conn = _conn(play, move)
    world = play.judge.world
    if not world.handed_back(conn) and not world.lost(conn):
        play.call("transmit_opportunity", _context(play, move), max(0, move.n))


def _peer_gets(play: Play, move: Move) -> None:
    line, peer = play.lines[move.conn], _conn(play, move).peer
    upto = min(peer.got + max(0, move.n), line.reach(peer.got))
    if upto > peer.got:
        fin = NULL if line.fin_at is None else line.fin_at
        shift = line.shift(peer.got, upto)
        play.judge.happens("PeerReceives", conn=move.conn, upto=upto, fin=fin, shift=shift)


def _segment(
    conn: Connection,
    acked: int,
    window: int,
    payload: bytes = b"",
    gap: int = 0,
    fin: bool = False,
    rst: bool = False,
) -> Segment:
    """A segment of the peer, at the end of what it has sent in order."""
    at = conn.peer.arrived + int(conn.peer.fin) + gap
    return Segment(serial(conn.irn + at), serial(conn.isn + acked), window, payload, fin, rst)


def _arrives(play: Play, move: Move, event: str, segment: Segment, **values: int) -> None:
    play.judge.happens(event, conn=move.conn, **values)
    play.call("segment_arrives", _context(play, move), segment)


def _reachable(play: Play, move: Move) -> bool:
    """Whether a segment of the peer still comes to this machine, and to a target that can take it."""
    world, conn = play.judge.world, _conn(play, move)
    if conn.peer.rst:
        return False
    return bool((world.live(conn) or world.ending(conn)) and not world.lost(conn))


def _ack(play: Play, move: Move) -> None:
    """Beside a forwarded segment with the same numbers, no target could tell whose window is newer."""
    conn = _conn(play, move)
    if _reachable(play, move):
        upto = min(conn.peer.got, conn.peer.acked + max(0, move.n))
        window = conn.peer.wnd if conn.forward and upto == conn.peer.acked else move.m
        _arrives(play, move, "AckArrives", _segment(conn, upto, window), upto=upto, window=window)


def _fits(conn: Connection, length: int) -> bool:
    hole = conn.own.sack_from == conn.own.sack_to or conn.peer.arrived + length < conn.own.sack_from
    fits = conn.peer.arrived + length - conn.peer.app_got <= conn.capacity
    return length >= 1 and hole and fits and not conn.peer.fin and conn.peer.arrived + length < STREAM


def _bytes(play: Play, move: Move, start: int, length: int) -> bytes:
    line = play.lines[move.conn]
    line.peer_sent = max(line.peer_sent, start + length)
    return line.inbound[start : start + length]


def _data(play: Play, move: Move) -> None:
    conn = _conn(play, move)
    if _reachable(play, move) and _fits(conn, move.n):
        payload = _bytes(play, move, conn.peer.arrived, move.n)
        segment = _segment(conn, conn.peer.acked, conn.peer.wnd, payload)
        _arrives(play, move, "DataArrives", segment, length=move.n)


def _early_data(play: Play, move: Move) -> None:
    conn = _conn(play, move)
    empty = conn.own.sack_from == conn.own.sack_to
    live = play.judge.world.live(conn) and _reachable(play, move)
    if live and empty and move.n >= 1 and move.m >= 1 and _fits(conn, move.n + move.m):
        payload = _bytes(play, move, conn.peer.arrived + move.n, move.m)
        segment = _segment(conn, conn.peer.acked, conn.peer.wnd, payload, gap=move.n)
        _arrives(play, move, "DataArrivesOutOfOrder", segment, gap=move.n, length=move.m)


def _fin(play: Play, move: Move) -> None:
    conn = _conn(play, move)
    whole = conn.own.sack_from == conn.own.sack_to
    if _reachable(play, move) and whole and not conn.peer.fin:
        segment = _segment(conn, conn.peer.acked, conn.peer.wnd, fin=True)
        _arrives(play, move, "FinArrives", segment)


def _rst(play: Play, move: Move) -> None:
    """The target gets time to abort: no clause says how fast it must be."""
    conn = _conn(play, move)
    if _reachable(play, move):
        segment = _segment(conn, conn.peer.acked, conn.peer.wnd, rst=True)
        _arrives(play, move, "RstArrives", segment)
        play.call("run")


def _timer(timer: Timer, event: str) -> Callable[[Play, Move], None]:
    def expires(play: Play, move: Move) -> None:
        world, conn = play.judge.world, _conn(play, move)
        if world.live(conn) and not world.lost(conn) and not conn.peer.rst:
            play.judge.happens(event, conn=move.conn)
            play.call("timer_expires", _context(play, move), timer)

    return expires


def _fails(play: Play, move: Move) -> None:
    """Only while the connection is offloaded: afterwards nobody can tell what the target had read before."""
    blocks = play.judge.world.blocks
    b = max(0, move.n) % len(blocks)
    there = not blocks[b].lost and blocks[b].kind != PLACEHOLDER
    if there and play.judge.world.phase == OFFLOADED and play.sees_failures:
        play.judge.happens("HardwareFails", block=b)
        play.handed.build_tree()
        play.call("hardware_fails", play.handed.tree[b].miniport_offload_context)


def _neighbor(play: Play, move: Move) -> None:
    """Not of a neighbor that was handed back: what the target held for it is freed."""
    world = play.judge.world
    first = next((block for block in world.blocks if block.layer == NEIGHBOR), None)
    if world.phase != COMPLETED or first is None or first.kind == PLACEHOLDER:
        play.call("neighbor_silent", play.handed.contexts(NEIGHBOR)[0])


def _appetite(play: Play, move: Move) -> None:
    play.ndis.appetite[move.conn] = None if move.n < 0 else move.n


def _terminate(play: Play, move: Move) -> None:
    """Not while a receive or disconnect call is on its way (the host waits for those to return)."""
    barred = any(name in BARS_TERMINATION for name in play.inside)
    if play.judge.world.phase == OFFLOADED and not barred:
        play.terminate()


MOVES: dict[str, Callable[[Play, Move], None]] = {
    "send": _send,
    "receive": _receive,
    "disconnect": _disconnect,
    "forward": _forward,
    "call": _call,
    "transmit": _transmit,
    "peer gets": _peer_gets,
    "ack": _ack,
    "retransmit": _timer(Timer.RETRANSMIT, "RetransmitTimeout"),
    "ack timer": _timer(Timer.DELAYED_ACK, "AckTimeout"),
    "data": _data,
    "early data": _early_data,
    "fin": _fin,
    "rst": _rst,
    "fails": _fails,
    "link": lambda play, move: play.call("link_changes"),
    "neighbor": _neighbor,
    "appetite": _appetite,
    "give back": lambda play, move: play.give_back(move.conn),
    "run": lambda play, move: play.call("run"),
    "meanwhile": lambda play, move: play.interludes.append(move.then),
    "terminate": _terminate,
}
