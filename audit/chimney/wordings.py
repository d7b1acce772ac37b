"""The wordings that the findings propose, as clauses that can be tried: added, a wording closes its hole and
forbids nothing that the reference design or another clause needs.

Where a clause that we infer, or a reading, says what is proposed, it is named; the others are written here.
What came of it stands with each finding (``tried``); a test tries them all again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ...model.chimney.answers import acknowledged_part
from ...model.chimney.state import PENDING, UPLOAD_IN_PROGRESS, Buffer, Connection, Request, World
from ...model.logic import And, Not, Or, Value, all_of
from ...properties.chimney.cases import at, each_buffer, each_request
from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Holding, Property, clause, conjunct
from ...properties.tcp.wire import each_connection
from ..audited import Audited
from .worlds import Said, asked, ends_of_stream, sentence, upload

PROPOSED = "a proposed wording"


@clause("proposed.uploaded-last", PROPOSED, each=at(each_buffer, ", completed as uploaded"))
def uploaded_last(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """Who completes a send as UPLOAD_IN_PROGRESS completes every later one in the same way."""
    later = all_of(b.status != PENDING for b in conn.bufs[k + 1 :])
    came_back = And(world.handed_back(conn), buf.status == UPLOAD_IN_PROGRESS)
    return came_back, conjunct("no later send is in the chain", later)


@clause("proposed.uploaded-from-una", PROPOSED, each=at(each_buffer, ", completed as uploaded"))
def uploaded_from_una(world: World, conn: Connection, k: int, buf: Buffer) -> Holding:
    """What comes back as UPLOAD_IN_PROGRESS starts behind what SndUna counts as acknowledged."""
    starts = buf.begin + acknowledged_part(buf, conn.peer.acked)
    came_back = And(world.handed_back(conn), Not(conn.host.resumed), buf.status == UPLOAD_IN_PROGRESS)
    return came_back, conjunct("it starts there", buf.start == starts, start=buf.start)


@clause("proposed.once", PROPOSED, each=lambda world: [("the tree", ())])
def once(world: World) -> Holding:
    """A terminate request is completed once."""
    return True, conjunct("there was no second completion", world.completions <= 1, times=world.completions)


@clause("proposed.buffered-from-there", PROPOSED, each=at(each_connection, ", with BufferedData"))
def buffered_from_there(world: World, conn: Connection) -> Holding:
    """BufferedData, acknowledged or not, begins with the first byte that was not delivered."""
    given = conn.given
    passed = And(world.handed_back(conn), Not(conn.host.resumed), given.buffered_from < given.buffered_to)
    first = conn.peer.app_got
    return passed, conjunct("it begins there", given.buffered_from == first, begins=given.buffered_from)


def _out_in_the_end(world: World, conn: Connection, ended: Value) -> Value:
    return And(world.quiescent, world.live(conn), ended)


@clause("proposed.requests-at-end", PROPOSED, each=each_request)
def requests_at_end(world: World, conn: Connection, request: Request) -> Holding:
    """Once the end of the stream was told, no receive request stays outstanding."""
    ended = _out_in_the_end(world, conn, conn.ends_told > 0)
    return ended, conjunct("it is completed", request.status != PENDING, status=request.status)


@clause("proposed.requests-at-abort", PROPOSED, each=each_request)
def requests_at_abort(world: World, conn: Connection, request: Request) -> Holding:
    """An abortive disconnect ends every receive request."""
    ended = _out_in_the_end(world, conn, conn.peer.abandoned)
    return ended, conjunct("it is completed", request.status != PENDING, status=request.status)


@clause("proposed.disconnect-at-abort", PROPOSED, each=at(each_connection, ", aborted by the host"))
def disconnect_at_abort(world: World, conn: Connection) -> Holding:
    """An abortive disconnect ends the graceful one."""
    ended = _out_in_the_end(world, conn, conn.peer.abandoned)
    return ended, conjunct("it is completed", conn.disconnect != PENDING, status=conn.disconnect)


@sentence("asked.all-or-none", PROPOSED, "")
def all_or_none(s: Any) -> Said:
    """After it has asked, the target gives back every send, or none."""
    return s.completed, Or(s.first != asked.GIVEN_BACK, s.second != asked.PENDING)


@sentence("asked.given-to-the-host", PROPOSED, "")
def given_to_the_host(s: Any) -> Said:
    """What arrives after it has asked, the target keeps for the host."""
    return s.completed, s.segment != asked.DROPPED


@sentence("asked.no-disconnect", PROPOSED, "")
def no_disconnect(s: Any) -> Said:
    """The host asks for no disconnect once it terminates."""
    return s.terminating, s.disconnect == asked.NONE


@sentence("upload.not-half-closed", upload.INDICATE, "Requesting Termination of a TCP Connection")
def for_optional_reasons(s: Any) -> Said:
    """In a half-closed connection no upload is asked for without a reason that the host must follow."""
    states = (upload.FIN_WAIT_1, upload.FIN_WAIT_2, upload.CLOSE_WAIT)
    return And(s.answered, s.asked, s.event == upload.NOTHING), And(*(s.asked_in != tcp for tcp in states))


@sentence("upload.when-retransmissions-run-out", PROPOSED, "")
def when_retransmissions_run_out(s: Any) -> Said:
    """A last FIN that is never acknowledged makes the target ask."""
    return And(s.answered, s.event == upload.RETRANSMISSIONS), s.asked


@sentence("upload.in-time-wait", PROPOSED, "")
def in_time_wait(s: Any) -> Said:
    """In TIME_WAIT the target asks."""
    return And(s.answered, s.tcp == upload.TIME_WAIT), s.asked


@sentence("ends.only-when-full", *ends_of_stream.HANDLER)
def full_or_at_the_end(s: Any) -> Said:
    """A nonpush request is completed when it is full, or when the stream has ended."""
    return s.request == ends_of_stream.COMPLETED, Or(s.was_full, s.fin)


@sentence("ends.completed-at-the-end", PROPOSED, "")
def completed_at_the_end(s: Any) -> Said:
    """Every request is completed when the stream has ended."""
    return And(s.quiet, s.fin), Or(*(s.request == n for n in (ends_of_stream.NONE, ends_of_stream.COMPLETED)))


@sentence("ends.fin-behind-the-data", PROPOSED, "")
def fin_behind_the_data(s: Any) -> Said:
    """The FIN follows the data of every send that was posted before."""
    return True, s.own_fin != ends_of_stream.BEFORE


def _ours(*names: str) -> tuple[Property, ...]:
    return tuple(CHIMNEY.find(name) for name in names)


WORDINGS: Mapping[str, tuple[Property, ...]] = {
    "necessity.send-known-status": _ours("send-complete.status"),
    "sufficiency.send-uploaded-last": (uploaded_last,),
    "necessity.send-uploaded-from-una": (uploaded_from_una,),
    "sufficiency.complete-once": (once,),
    "necessity.chain-advanced": _ours("chain.advanced"),
    "necessity.chain-not-completed": _ours("chain.not-completed"),
    "necessity.receive-once": (*_ours("receive.once"), buffered_from_there),
    "events.receives-at-fin": (requests_at_end,),
    "events.receives-at-abort": (requests_at_abort,),
    "events.disconnect-at-abort": (disconnect_at_abort,),
    "events.sends-after-upload": (all_or_none,),
    "events.segments-after-upload": (given_to_the_host,),
    "events.disconnect-while-terminating": (no_disconnect,),
    "events.upload-when-closing": (when_retransmissions_run_out,),
    "events.time-wait-ends": (for_optional_reasons, in_time_wait),
    "events.partly-filled-at-fin": (full_or_at_the_end, completed_at_the_end),
    "events.send-with-disconnect": (fin_behind_the_data,),
    "consistency.upload.hardware-failure": (for_optional_reasons,),
    "ambiguity.receive.kept@optional": _ours("receive.kept"),
    "ambiguity.resources.after-complete@begun": _ours("resources.after-complete"),
    "ambiguity.status.every-block@linked-list": _ours("status.every-block"),
    "ambiguity.calls.send@literal": _ours("calls.send"),
    "ambiguity.chain.non-null@always": _ours("chain.non-null"),
    "ambiguity.chain.non-null@with-fin": _ours("chain.non-null"),
    "ambiguity.chain.null@requests": _ours("chain.null"),
    "ambiguity.chain.ends@with-data": _ours("chain.ends@with-data"),
    "ambiguity.snd.max@last": _ours("snd.max"),
    "ambiguity.snd.specified@literal": _ours("snd.specified"),
    "ambiguity.send-complete.bytes@sent": _ours("send-complete.bytes"),
    "ambiguity.send-complete.in-order@before-disconnect": _ours("send-complete.in-order"),
    "ambiguity.send-complete.aborted@receives": _ours("send-complete.aborted@receives"),
    "ambiguity.receive.kept@after-reset": _ours("receive.kept"),
}
"""By finding: the clauses that its wording comes to."""


def worded(audited: Audited, finding: str) -> Audited:
    """What is audited with the wording of *finding* added, in each world that its clauses speak of."""
    names = {p.name for p in WORDINGS[finding]}
    main = finding not in {name for part in audited.auxiliary for name in part.comes_to}
    if main and not any(name.startswith("upload.") for name in names):
        made = tuple(dataclasses.replace(p, reading="") for p in WORDINGS[finding])
        return dataclasses.replace(audited, tried=made, ref=None)
    of = next(iter(names)).partition(".")[0]
    beside = (
        dataclasses.replace(part, tried=WORDINGS[finding]) if part.subject.name == of else part
        for part in audited.auxiliary
    )
    return dataclasses.replace(audited, auxiliary=tuple(beside), ref=None)
