"""Bugs in completing requests: when, with which status, how many bytes, how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....design import Choice, Deed, bug
from ....logic import And, If, Not, Value, pick
from ...answers import NdisTcpOffloadDisconnectComplete, NdisTcpOffloadSendComplete
from ...calls import MiniportTcpOffloadDisconnect
from ...state import ABORTIVE, NONE, PENDING, REQUEST_ABORTED, SUCCESS, UPLOAD_IN_PROGRESS, Connection, World
from ..charge import own, send_back


@bug("send-complete.bytes", 6, "succeeded")
def fin_counted_as_data(reference: Any, s: World, c: int, index: Value) -> Deed:
    """Counts the acknowledged FIN as a byte of the last send."""
    # BytesTransferred is a difference of sequence numbers, and the last one acknowledged is the FIN's.
    conn, buf = s.conns[c], pick(s.conns[c].bufs, index)
    length, fin = buf.end - buf.begin, And(index == conn.posted - 1, conn.own.una > conn.total)
    counted = {"bytes": length + If(fin, 1, 0), "advanced": length}
    return NdisTcpOffloadSendComplete(conn=c, buffer=index, status=SUCCESS, **counted)


@bug("guarantee.send-kept", 5, "CompleteSend")
def partial_ack_completes(reference: Any, s: World, p: Any) -> Choice:
    """Completes a send as SUCCESS when its first byte is acknowledged."""
    # Any acknowledgement that falls into a send is taken as one of the whole send.
    conn = s.conns[p.conn]
    begun = And(conn.own.first < conn.posted, pick(conn.bufs, conn.own.first).begin < conn.own.una)
    return And(reference.in_charge(s, conn), begun), reference.CompleteSend(s, p)[1]


@bug("send-complete.in-order", 6, "CompleteSend")
def newest_completed_first(reference: Any, s: World, p: Any) -> Choice:
    """Completes the newest acknowledged send before older ones."""
    # Acknowledged sends are taken off the end of the list at which new ones are put on.
    conn = s.conns[p.conn]
    newest = pick(conn.bufs, conn.posted - 1)
    may = And(reference.in_charge(s, conn), newest.status == PENDING, newest.end <= conn.own.una)
    return may, [reference.succeeded(s, p.conn, conn.posted - 1)]


@bug("send-complete.after-failure", 5, "complete_acknowledged")
def unsent_is_success(reference: Any, s: World, c: int, when: Value) -> Sequence[Deed]:
    """Returns the sends instead of chaining them, those not transmitted yet as SUCCESS with no bytes."""
    # A send of which nothing was transmitted has not failed, so it is returned as SUCCESS with no bytes.
    conn, alive = s.conns[c], And(when, Not(s.lost(s.conns[c])))
    back = []
    for k, buf in enumerate(conn.bufs):
        status = If(conn.own.max <= buf.begin, SUCCESS, UPLOAD_IN_PROGRESS)
        waits = And(alive, buf.status == PENDING, buf.end > conn.own.una)
        back.append(send_back(s, c, k, status, waits))
    return [*reference.complete_acknowledged(s, c, when), *back, own(c, alive, first=conn.posted)]


@bug("guarantee.returned-once", 3, "RstArrives")
def abort_returns_all(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """After an RST returns every send that was ever posted, completed ones a second time."""
    # Every slot of the send list is returned, those that were completed before included.
    conn = s.conns[p.conn]
    was = [And(s.live(conn), buf.status != NONE, buf.status != PENDING) for buf in conn.bufs]
    again = [send_back(s, p.conn, k, REQUEST_ABORTED, done) for k, done in enumerate(was)]
    return [*reference.RstArrives(s, p), *again]


@bug("send-complete.aborted", 7, "RstArrives")
def reset_without_abort(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Indicates an RST without aborting the requests that are outstanding."""
    # An RST is indicated to the host, and the requests are left for the termination that will follow.
    return [reference.reset_told(s, p.conn)]


@bug("disconnect.success-acked", 2, "CompleteDisconnect")
def disconnect_before_fin_acked(reference: Any, s: World, p: Any) -> Choice:
    """Completes a disconnect as SUCCESS before its FIN is acknowledged."""
    # A comparison is off by one, and the FIN counts as acknowledged when the last byte before it is.
    conn = s.conns[p.conn]
    all_done = And(conn.own.first == conn.posted, conn.own.una >= conn.total)
    may = And(reference.in_charge(s, conn), conn.disconnect == PENDING, all_done)
    return may, reference.CompleteDisconnect(s, p)[1]


@bug("disconnect.abort-sent", 2, "sends_reset")
def rst_forgotten(reference: Any, s: World, c: int, when: Value) -> Deed:
    """Drops a connection that the host aborts, and sends no RST."""
    # The entry in the hardware is cleared first, and there is nothing left to send an RST with.
    return reference.sends_reset(s, c, False)


@bug("disconnect.abort-sends", 3, "MiniportTcpOffloadDisconnect")
def aborted_sends_left(reference: Any, s: World, p: Any) -> Sequence[Deed]:
    """Sends the RST of an abortive disconnect, and leaves the sends for the termination that will follow."""
    asked = MiniportTcpOffloadDisconnect.completed(s, p)
    hard = And(asked.kind == ABORTIVE, Not(s.lost(s.conns[p.conn])))
    return [reference.sends_reset(s, p.conn, hard)]


@bug("disconnect.not-failed", 2, "CompleteAbort")
def abort_as_aborted(reference: Any, s: World, p: Any) -> Choice:
    """Completes an abortive disconnect with the status of the sends that it ended."""
    # All requests of the connection are in one list, and all of them get one status.
    failed = NdisTcpOffloadDisconnectComplete(conn=p.conn, status=REQUEST_ABORTED, kind=ABORTIVE)
    return reference.CompleteAbort(s, p)[0], [failed]


@bug("receive-complete.upload-status", 5, "receive_status")
def receives_aborted(reference: Any, s: World, conn: Connection) -> Value:
    """Completes outstanding receive requests as aborted, though nothing was reset."""
    # One status for every failure: receive requests that termination ends come back as aborted.
    return REQUEST_ABORTED


@bug("disconnect.upload-status", 5, "disconnect_status")
def disconnect_aborted(reference: Any, s: World, conn: Connection) -> Value:
    """Completes an outstanding disconnect as aborted, so the host gives the FIN up."""
    # The disconnect that termination ends comes back as aborted, and the FIN is never sent.
    status = reference.disconnect_status(s, conn)
    return If(status == UPLOAD_IN_PROGRESS, REQUEST_ABORTED, status)
