"""SYN segments on a connection that is established, from somebody who guesses its numbers, or begins anew.

They are answered with an acknowledgement, and change nothing; how often is the target's to limit. One that is
numbered as the next byte may also end the offload (:mod:`.stray_answers`). Whether a target that does so owes
an acknowledgement for what came before is not said, so everything was acknowledged by then.
Sources: pages/requirements-for-tcp-chimney-nics-for-blind-reset-attacks.md; RFC 5961, section 4.
"""

from __future__ import annotations

from ...model.chimney import only_seen
from ...model.tcp.windows import edge
from ..judging.misbehaviour import CHALLENGE
from .amounts import LENGTH, up_to
from .move_kinds import Happens, Move, move
from .peer_segments import FAR, arrives, end_of, newest, segment, whole
from .stage import NdisStage

BEFORE, AHEAD, WITHIN = range(3)


@move("stray syn", only_seen.StraySynArrives, n=LENGTH, m=up_to(WITHIN), alone=False, lanes=("nic",))
def stray_syn(stage: NdisStage, move: Move, happens: Happens) -> None:
    """a SYN arrives, numbered {n} positions before the last one acknowledged (m=0), far ahead (1), or {n}
    positions ahead in the window (2)"""
    conn, n = stage.conn(move.conn), min(max(0, move.n), FAR)
    at = (conn.peer.acked_to - 1 - n, end_of(conn) + FAR, newest(conn) + 1 + n)[max(0, move.m) % 3]
    outside = move.m % 3 == WITHIN and at >= edge(conn)
    if whole(stage, move) and not outside and happens():
        if move.conn not in stage.ndis.challenged:
            stage.ndis.suspects[move.conn] = at
        arrives(stage, move, segment(conn, at, syn=True))


@move("exact syn", only_seen.SynArrives, alone=False, lanes=("nic",))
def exact_syn(stage: NdisStage, move: Move, happens: Happens) -> None:
    """a SYN arrives, numbered as the next byte"""
    conn, ndis = stage.conn(move.conn), stage.ndis
    if conn.peer.acked_to >= end_of(conn) and whole(stage, move) and happens():
        asked = conn.retrieves_told
        ndis.renewed.add(move.conn)
        if move.conn not in ndis.challenged:
            ndis.suspects[move.conn] = end_of(conn)
        arrives(stage, move, segment(conn, end_of(conn), syn=True))
        if stage.conn(move.conn).retrieves_told > asked and not stage.at_once:
            ndis.closed.add(move.conn)


def comes_again(stage: NdisStage, c: int) -> None:
    """A SYN that is not answered is sent again: the target may have dropped it."""
    conn = stage.conn(c)
    if c in stage.ndis.suspects and not conn.retrieves_told:
        at = end_of(conn) if c in stage.ndis.renewed else stage.ndis.suspects[c]
        syn = segment(conn, at, syn=True)
        stage.call("segment_arrives", stage.handed.context(c), syn)


def check_answered(stage: NdisStage, c: int) -> None:
    """Complain of a SYN that nobody has answered, in all the time that there is."""
    if c in stage.ndis.suspects and not stage.conn(c).retrieves_told:
        stage.ndis.answers(c)
        or_else = ", nor did it end the offload" if c in stage.ndis.renewed else ""
        what = f"the SYN that arrived on connection {c} was never answered with an acknowledgement{or_else}"
        stage.judge.misbehaves(CHALLENGE, what)
