"""Scenarios that are played before any random one: each aims at one thing that drivers get wrong."""

from __future__ import annotations

from ...model.chimney.shapes import Offload
from ...model.logic import SEQUENCE_SPACE
from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario
from .directed_parts import ANSWERED, CROWDED, SHORT, TERMINATED_APART
from .directed_parts import acked as _acked
from .directed_parts import sent as _sent
from .directed_parts import two as _two
from .meanwhile import MEANWHILE

WRAP = Offload(isn=SEQUENCE_SPACE - 50, irn=SEQUENCE_SPACE - 20)
ZERO = Offload(isn=0, irn=0)


def _one(*moves: Move, shape: str = "connection", offload: Offload | None = None) -> Scenario:
    return Scenario(moves, shape, (offload or Offload(),))


_HAND_OFF = (Move("terminate"), Move("run"))
_UNSENT = (Move("send", n=100, m=2),)
_PARTIAL = (Move("send", n=100, m=2), Move("transmit", n=250), *_acked(130))
_CLOSED = (Move("disconnect"), Move("transmit", n=1))
_REFUSED = (Move("appetite", n=0), Move("data", n=40))

DIRECTED: dict[str, Scenario] = {
    "nothing outstanding": _one(),
    **ANSWERED,
    **{**TERMINATED_APART, **CROWDED, **SHORT},
    "what is terminated has no connection": _one(shape="no connection"),
    "data arrives while it is offloaded": _one(
        Move("offloading", then=(Move("data", n=7), Move("ack", m=900), Move("data", n=2))), Move("rest"),
        Move("data", n=3), offload=WRAP,
    ),
    "data and a FIN arrive while it is offloaded": _two(
        Move("offloading", then=(Move("data", n=7), Move("fin"), Move("data", 1, 4))), Move("rest"),
        shape="stack",
    ),
    "an RST arrives while it is offloaded": _one(
        Move("offloading", then=(Move("data", n=7), Move("rst"))), Move("rest")
    ),
    "data arrives while it is offloaded again as it came back": _one(
        *_PARTIAL, Move("again", m=2), *_REFUSED, Move("offloading", then=(Move("data", n=5),)), Move("rest")
    ),
    "sends, none transmitted": _one(*_UNSENT),
    "sends, transmitted, not acknowledged": _one(*_sent(), *_sent(50)),
    "sends, all acknowledged": _one(*_sent(), *_acked(100)),
    "three sends acknowledged at once": _one(Move("send", n=30, m=2), Move("transmit", n=90), *_acked(90)),
    "head partly acknowledged": _one(*_PARTIAL),
    "head acknowledged in two parts": _one(*_PARTIAL, *_acked(30)),
    "retransmission under way": _one(*_PARTIAL, Move("retransmit")),
    "retransmission half done": _one(*_PARTIAL, Move("retransmit"), Move("transmit", n=20)),
    "sending goes on after a partial acknowledgement": _one(
        *_PARTIAL, Move("retransmit"), Move("transmit", n=300), *_acked(120)
    ),
    "window shut": _one(*_sent(), *_acked(60, window=0), Move("send", n=10)),
    "window shut, and the wire is free": _one(Move("ack", m=0), *_sent()),
    "sequence numbers wrap": _one(*_PARTIAL, Move("retransmit"), Move("data", n=40), offload=WRAP),
    "sequence numbers start at 0": _one(*_UNSENT, Move("transmit", n=50), offload=ZERO),
    "disconnect, FIN unsent": _one(*_UNSENT, Move("disconnect")),
    "disconnect, FIN sent": _one(*_sent(), Move("disconnect"), Move("transmit", n=100), *_acked(100)),
    "disconnect, FIN sent again in pieces": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=100), Move("retransmit"), Move("transmit", n=40)
    ),
    "disconnect with data, unsent": _one(*_UNSENT, Move("disconnect with", n=30)),
    "disconnect with data, acknowledged in part": _one(
        *_sent(), Move("disconnect with", n=30), Move("transmit", n=30), *_acked(115), Move("retransmit"),
        Move("transmit", n=3),
    ),
    "disconnect with data, a segment of both": _one(
        Move("send", n=10), Move("disconnect with", n=30), Move("transmit", n=20)
    ),
    "disconnect with data, acknowledged": _one(
        Move("disconnect with", n=30), Move("transmit", n=20), *_acked(7), Move("transmit", n=11),
        *_acked(24), offload=WRAP
    ),
    "disconnect with data, which is lost, and reset": _one(
        Move("disconnect with", n=30), Move("transmit", n=31), *_acked(7), Move("lose"), Move("rest"),
        Move("rst"),
    ),
    "disconnect, FIN acknowledged": _one(*_sent(), Move("disconnect"), Move("transmit", n=100), *_acked(101)),
    "abortive disconnect, sends outstanding": _one(
        *_PARTIAL, Move("disconnect", n=1), Move("transmit", n=300), Move("data", n=40), Move("rest")
    ),
    "abortive disconnect after a graceful one": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=1), Move("disconnect", n=1), Move("data", n=40)
    ),
    "data forwarded, and what came before and too early": _one(
        Move("data", n=5), Move("forward data", n=20), Move("forward data", n=4, m=2),
        Move("forward data", n=6, m=3), Move("data", n=3), Move("rest"),
    ),
    "the last data forwarded with a FIN": _one(Move("forward data", n=9, m=1), Move("rest"), *_sent()),
    "data indicated and kept by the host": _one(Move("data", n=40), Move("data", n=5)),
    "a segment fills two receive requests": _one(
        Move("receive", n=3), Move("receive", n=4), Move("data", n=9), Move("rest")
    ),
    "a segment fills a receive request to the last byte": _one(
        Move("receive", n=6), Move("data", n=2), Move("receive", n=9), Move("data", n=9), Move("rest")
    ),
    "receive requests in one list": _one(Move("receive", n=5, m=2), Move("data", n=7), Move("data", n=1)),
    "data refused": _one(*_REFUSED, Move("ack timer")),
    "data taken in part": _one(Move("appetite", n=15), Move("data", n=40), Move("data", n=5)),
    "acknowledgement held back": _one(Move("data", n=40)),
    "acknowledgement held back until its timer expires": _one(Move("data", n=40), Move("ack due")),
    "receive requests, partly filled": _one(Move("receive", n=64), Move("data", n=40), Move("receive", n=9)),
    "receive request of 0 bytes": _one(*_REFUSED, Move("receive"), Move("appetite", n=-1), Move("data", n=3)),
    "data out of order": _one(Move("data", n=10), Move("early data", n=20, m=30)),
    "bytes that arrived arrive again": _one(Move("data", n=10), Move("repeat", n=6), Move("data", n=3)),
    "bytes whose acknowledgement was lost": _one(
        Move("data", n=10), Move("rest"), Move("repeat", n=6), Move("rest"), Move("repeat", n=3, m=1),
        Move("rest"),
    ),
    "a FIN whose acknowledgement was lost": _one(
        Move("data", n=4), Move("fin"), Move("rest"), Move("fin again"), Move("rest"), Move("disconnect"),
        Move("rest"), Move("fin again", n=2), Move("rest"),
    ),
    "a window update that is overtaken": _one(Move("data", n=10), Move("overtaken", n=4, m=500)),
    "old bytes and new ones in one segment": _one(Move("data", n=10), Move("overlap", n=5, m=4)),
    "a hole filled, and early data again": _one(
        Move("early data", n=20, m=30), Move("fill", m=1), Move("data", n=3), Move("ack timer")
    ),
    "a hole filled by a longer segment": _one(
        Move("data", n=5), Move("early data", n=20, m=30), Move("fill", n=7, m=2), Move("data", n=3)
    ),
    "more acknowledged than was sent": _one(
        Move("send", n=100), Move("transmit", n=40), Move("ack ahead", n=30)
    ),
    "FIN received": _one(Move("data", n=10), Move("fin")),
    "a FIN with the last data": _one(
        Move("data", n=10), Move("last data", n=5), Move("ack timer"), Move("rest")
    ),
    "a FIN that comes before the last data": _one(
        Move("last data", n=5, m=1), Move("ack timer"), Move("rest")
    ),
    "a FIN after early data that a longer segment brought again": _one(
        Move("early data", n=20, m=30), Move("fill", n=7), Move("fin"), Move("rest")
    ),
    "FIN received, data refused": _one(*_REFUSED, Move("fin")),
    "both close, the peer first": _one(Move("fin"), *_CLOSED),
    "both close, the peer last": _one(*_CLOSED, Move("fin")),
    "both have closed, the peer first": _one(Move("fin"), *_CLOSED, *_acked(1)),
    "both have closed, the peer last": _one(*_CLOSED, *_acked(1), Move("fin")),
    "closed, and all acknowledged": _one(*_CLOSED, *_acked(1)),
    "RST received": _one(*_PARTIAL, Move("receive", n=10), Move("disconnect"), Move("rst")),
    "RST received, data refused": _one(*_REFUSED, Move("rst")),
    "calls outstanding": _one(*(Move("call", n=k) for k in range(3)), Move("forward"), shape="stack"),
    "the receive window is enlarged": _one(
        Move("data", n=10), Move("grow window"), Move("run"), Move("rest"), Move("data", n=15_000)
    ),
    "a path is invalidated, and what stands on it goes on": _one(
        *_sent(), Move("call"), Move("run"), Move("send", n=9), Move("transmit", n=9), Move("rest"),
        shape="stack",
    ),
    "a forwarded segment is older than what came since": _one(
        *_sent(), Move("forward"), *_acked(60, window=500), Move("run")
    ),
    "a receive request waits until it is full": _one(
        Move("receive whole", n=10), Move("data", n=4), Move("data", n=6), Move("rest"), Move("data", n=1)
    ),
    "a receive request that waits, and the stream ends": _one(
        Move("receive whole", n=10), Move("receive", n=5), Move("data", n=4), Move("fin"), Move("rest")
    ),
    "a receive request waits until it is full, and is terminated": _one(
        Move("data", n=3), Move("receive whole", n=10), Move("data", n=4), Move("receive whole"), offload=WRAP
    ),
    "queried while data is in flight": _one(*_PARTIAL, Move("query")),
    "queried at rest, and when more is posted": _one(
        Move("rest"), Move("query"), Move("send", n=100, m=1), Move("query"), Move("send", n=9), Move("query")
    ),
    "queried while nothing is in flight": _one(*_sent(), *_acked(100, window=500), Move("query")),
    "queried while going back": _one(*_PARTIAL, Move("retransmit"), Move("transmit", n=20), Move("query")),
    "queried while data is buffered": _one(*_REFUSED, Move("ack timer"), Move("query"), offload=WRAP),
    "queried while data is taken": _one(
        Move("receive", n=15), Move("data", n=10), Move("data", n=3), Move("query")
    ),
    "queried while both have closed": _one(Move("fin"), *_CLOSED, Move("query"), *_acked(1), Move("query")),
    "queried after hardware lost it": _one(*_sent(), Move("fails"), Move("query")),
    "termination during a receive indication": _one(Move("meanwhile", then=_HAND_OFF), Move("data", n=40)),
    "termination during an event": _one(Move("meanwhile", then=_HAND_OFF), Move("fin")),
    "termination during a status indication": _one(Move("meanwhile", then=_HAND_OFF), Move("link")),
    "termination during a neighbor event": _one(
        Move("meanwhile", then=_HAND_OFF), Move("neighbor"), shape="stack"
    ),
    "segments during termination": _one(
        *_sent(), Move("terminate"), Move("data", n=30), *_acked(100), Move("fin"), Move("run")
    ),
    "an RST that is nobody's": _one(
        *_sent(), Move("data", n=10), Move("stray rst", n=3), Move("stray rst", m=1), Move("rest")
    ),
    "SYNs that are nobody's": _one(
        *_sent(), Move("data", n=10), Move("rest"), Move("stray syn", n=3), Move("rest"),
        Move("stray syn", n=20, m=2), *_acked(60), Move("stray syn", m=1), Move("rest"), Move("data", n=5),
        offload=WRAP,
    ),
    "a SYN that is numbered as the next byte": _one(
        *_sent(), Move("data", n=10), Move("rest"), Move("exact syn"), Move("rest"), Move("terminate")
    ),
    "urgent data": _one(
        *_sent(), Move("data", n=10), Move("rest"), Move("urgent", n=5), Move("rest"), Move("repeat", n=3),
        Move("urgent", n=2)
    ),
    "urgent data that nobody takes": _one(
        *_sent(), Move("data", n=10), Move("rest"), *(Move("stray urgent", n=3, m=m) for m in range(3)),
        *_acked(60)
    ),
    "RST during termination": _one(*_sent(), Move("terminate"), Move("rst"), Move("run")),
    "hardware lost a connection that is idle": _one(Move("fails"), Move("rest")),
    "the peer closes a connection that is idle": _one(Move("fin"), Move("rest")),
    "hardware lost a connection": _one(*_PARTIAL, Move("receive", n=10), Move("disconnect"), Move("fails")),
    "hardware lost a path": _two(*_sent(), *_sent(70, 1), Move("fails", n=1), shape="two paths"),
    "hardware fails during the termination": _one(
        *_PARTIAL, Move("receive", n=10), Move("disconnect"), Move("terminate"), Move("fails"), Move("run")
    ),
    "hardware loses a path during the termination": _two(
        *_sent(), *_sent(70, 1), Move("terminate"), Move("fails", n=1), Move("run"), shape="two paths"
    ),
    "a path that is called on is lost during the termination": _one(
        *_sent(), Move("call"), Move("call", n=1), Move("terminate"), Move("fails"), Move("run"), shape="path"
    ),
    "timers during the termination": _one(
        *_sent(), Move("data", n=40), Move("terminate"), Move("retransmit"), Move("ack timer"),
        Move("transmit", n=100), Move("run")
    ),
    "timers after an RST": _one(
        *_sent(), Move("data", n=40), Move("rst"), Move("retransmit"), Move("ack timer"),
        Move("transmit", n=100), Move("rest")
    ),
    "two connections": _two(*_PARTIAL, *_sent(70, 1), Move("data", 1, 40), shape="stack"),
    "two paths": _two(*_sent(), *_sent(70, 1), *_acked(20, 1), shape="two paths"),
    "two neighbors": _two(*_sent(), *_sent(70, 1), Move("data", 1, 40), shape="two neighbors"),
    "siblings": _two(*_sent(), *_sent(70, 1), shape="siblings"),
    "every level": _two(*_sent(), *_sent(70, 1), Move("data", 1, 40), shape="every level"),
    "placeholders": _two(*_sent(), *_sent(70, 1), shape="placeholders"),
    "a placeholder before the connection": _one(*_sent(), shape="placeholder sibling"),
    "another connection stays": _two(
        *_sent(), *_sent(70, 1), Move("terminate"), *_acked(70, 1), Move("run"), Move("data", 1, 40),
        shape="connection",
    ),
    "FIN on a connection that stays": _two(
        Move("data", 1, 10), Move("fin", 1), Move("ack timer", 1), Move("receive", 1, 9), shape="connection"
    ),
    "RST on a connection that stays": _two(*_sent(70, 1), Move("rst", 1), shape="connection"),
    "a rest with nothing to do": _one(Move("rest")),
    "sends, at rest": _one(Move("send", n=100, m=2), Move("rest"), Move("send", n=5), Move("rest")),
    "window shut and opened": _one(*_sent(), *_acked(100, window=0), Move("send", n=10), Move("rest")),
    "bytes lost on the way": _one(*_sent(), *_sent(50), Move("peer gets", n=30), Move("lose"), Move("rest")),
    "a FIN alone lost on the way": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=1), *_acked(100), Move("lose"), Move("rest")
    ),
    "the acknowledgement of a FIN lost on the way": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=1), *_acked(100), Move("peer gets", n=1),
        *(Move("retransmit"), Move("transmit", n=1)), *(Move("retransmit"), Move("transmit", n=1)),
        Move("query"), Move("fin"), Move("rest"),
    ),
    "FIN lost on the way": _one(
        *_UNSENT, Move("disconnect"), Move("transmit", n=301), Move("lose"), Move("rest")
    ),
    "two pieces refused, the application took of both": _one(
        *_REFUSED, Move("data", n=5), Move("appetite", n=42), Move("receive", n=1)
    ),
    "an acknowledgement one position ahead, then a window": _one(
        *_sent(), Move("ack ahead", n=1), *_acked(60, window=500)
    ),
    "data refused and asked for": _one(*_REFUSED, Move("data", n=5), Move("rest")),
    "an acknowledgement in the end": _one(Move("data", n=40), Move("rest"), Move("fin"), Move("rest")),
    "calls answered in the end": _one(
        *(Move("call", n=k) for k in range(3)), Move("forward"), Move("rest"), shape="stack"
    ),
    "what stays gets on": _two(
        *_sent(), *_sent(70, 1), Move("send", 1, 9), Move("terminate"), Move("data", 1, 40), Move("run"),
        Move("send", 1, 7), Move("data", 1, 3), shape="connection",
    ),
    "requests on what stays, before and while the other is terminated": _two(
        Move("receive", 1, 5), *_sent(), Move("terminate"), Move("receive", 1, 9), Move("run"), Move("rest"),
        Move("data", 1, 9), Move("rest"), shape="connection",
    ),
    "what stays loses bytes": _two(
        *_sent(70, 1), *_HAND_OFF, Move("lose", 1), Move("disconnect", 1), shape="connection"
    ),
    "no connection in the tree": _two(*_sent(), shape="no connection"),
    "offloaded again": _one(*_PARTIAL, *_REFUSED, Move("again"), *_PARTIAL, Move("data", n=30)),
    "offloaded again after a FIN": _one(
        Move("data", n=10), Move("fin"), *_UNSENT, Move("disconnect"), Move("again"), *_sent(),
        Move("data", n=9)
    ),
    "offloaded again after an RST": _one(*_PARTIAL, Move("rst"), Move("again"), *_sent(), Move("data", n=9)),
    "offloaded again after out-of-order data": _one(
        Move("early data", n=20, m=30), Move("again"), Move("data", n=60), *_sent()
    ),
    "offloaded again after hardware failed": _one(
        *_sent(), Move("fails"), Move("again"), *_sent(), *_acked(60)
    ),
    "offloaded again with the handles of before": _one(
        *_PARTIAL, Move("data", n=40), Move("again", m=1), *_PARTIAL, Move("data", n=30)
    ),
    "offloaded again as it came back": _one(
        *_PARTIAL, Move("again", m=2), Move("receive", n=9), Move("transmit", n=300), *_acked(60),
        Move("data", n=7), Move("rest"),
    ),
    "offloaded again after the peer has closed": _one(
        Move("data", n=3), Move("fin"), Move("again", m=2), Move("receive", n=4), *_sent(), *_acked(60),
        Move("rest"),
    ),
    "offloaded again after this end has closed": _one(
        Move("disconnect"), Move("transmit", n=1), Move("peer gets", n=1), Move("ack", n=1, m=900),
        Move("again", m=2), Move("data", n=5), Move("rest"),
    ),
    "offloaded again while its FIN is outstanding, which is lost": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=101), *_acked(30), Move("again", m=2), Move("lose"),
        Move("rest"),
    ),
    "offloaded again twice while its FIN is outstanding": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=101), Move("again", m=2), Move("again", m=2),
        Move("retransmit"), Move("transmit", n=40),
    ),
    "offloaded again while both FINs are sent": _one(
        *_sent(), Move("disconnect"), Move("transmit", n=101), Move("fin"), Move("again", m=2), *_acked(60),
        Move("again", m=2), *_acked(41), offload=WRAP,
    ),
    "offloaded again after the peer has closed, and while its own FIN is outstanding": _one(
        Move("data", n=3), Move("fin"), *_CLOSED, Move("again", m=2), Move("query"), Move("receive", n=1),
        Move("retransmit"), Move("rest"),
    ),
    "offloaded again before its FIN is sent": _one(
        *_UNSENT, Move("disconnect"), Move("transmit", n=50), Move("again", m=2), Move("transmit", n=300),
    ),
    "offloaded again, and what was sent before is lost": _one(
        *_PARTIAL, Move("again", m=2), Move("lose"), Move("rest")
    ),
    "offloaded again while it goes back": _one(
        *_PARTIAL, Move("retransmit"), Move("transmit", n=20), Move("again", m=2), Move("data", n=30)
    ),
    "offloaded again with all that it had": _two(
        *_UNSENT, *_sent(70, 1), Move("send", 1, 5), Move("again", m=2), Move("again", m=2), shape="stack"
    ),
    "offloaded three times": _one(*_sent(), Move("again"), *_sent(), Move("again"), Move("data", n=40)),
    "one connection after the other": _two(
        *_PARTIAL, *_sent(70, 1), Move("again", n=3), *_sent(), Move("data", 1, 40), *_sent(30, 1),
        Move("again", n=1), Move("data", 1, 9), shape="connection",
    ),
    "what stays is terminated alone": _two(
        *_sent(), *_sent(70, 1), Move("data", 1, 5), Move("again", 1, 3), Move("send", 1, 9),
        Move("data", 1, 4), shape="connection",
    ),
    "two connections offloaded again": _two(
        *_PARTIAL, *_sent(70, 1), Move("again", m=1), *_sent(60, 1), Move("data", 1, 40), shape="stack"
    ),
    "another tree offloaded again": _two(
        *_PARTIAL, *_sent(70, 1), Move("again", n=8), *_sent(60, 1), *_UNSENT, shape="path"
    ),
    "offloaded again as it came back, and queried": _one(
        *_PARTIAL, Move("again", m=2), Move("transmit", n=300), *_acked(170), Move("query")
    ),
    "a hole at the peer": _one(*_sent(), *_sent(50), Move("sack", n=20, m=60), Move("query"), Move("rest")),
    "a hole at the peer, and nobody agreed on SACK": _one(
        Move("no sack"), *_sent(), *_sent(50), Move("data", n=10), Move("early data", n=20, m=30),
        Move("ack timer"), Move("peer gets", n=30), Move("sack", n=20, m=60),
    ),
    "an RST while a receive request is posted": _one(Move("receive", n=9), Move("rst")),
    "what is acknowledged lies on both sides of 2^32": _one(
        Move("send", n=50), Move("transmit", n=50), *_acked(50), offload=WRAP
    ),
    "memory is short for what carries an acknowledgement that is due": _one(
        Move("send", n=9), Move("data", n=1), Move("run short"), Move("transmit", n=9)
    ),
    "timestamps go on": _one(
        Move("timestamps"), Move("clock", n=7), *_PARTIAL, Move("data", n=10), Move("clock", n=3),
        Move("data", n=10), Move("early data", n=5, m=5), Move("fill"), Move("ack timer"), Move("clock", n=9),
        Move("disconnect"), Move("transmit", n=300),
    ),
    "timestamps go on, offloaded again": _one(
        Move("timestamps"), Move("clock", n=7), *_PARTIAL, Move("clock", n=20), Move("again", m=2),
        Move("retransmit"), Move("transmit", n=300), Move("data", n=3), Move("ack timer"), Move("rest"),
    ),
    **MEANWHILE,
    "buffers of two connections come back in one list": _two(
        Move("data", n=9), Move("data", 1, 4), Move("data", n=5), shape="stack"
    ),
    "a FIN behind data that is not acknowledged": _one(*_sent(), Move("disconnect"), Move("rest")),
    "a segment with a timestamp of before comes late": _one(
        Move("timestamps"), Move("clock", n=5), Move("data", n=10), Move("ack timer"), Move("clock", n=3),
        Move("data", n=10), Move("ack timer"), Move("repeat", n=9, m=1), Move("clock", n=4), *_sent(),
    ),
    "a timestamp that is not echoed, behind a hole": _one(
        Move("timestamps"), Move("data", n=10), Move("ack timer"), Move("early data", n=5, m=5), *_sent(),
    ),
    "timestamps, and nothing arrives": _one(Move("timestamps"), Move("clock", n=9), *_sent()),
    "the receive buffer is full, and read": _one(
        Move("data", n=9), Move("rest"), Move("data", n=9), offload=Offload(capacity=9)
    ),
    "the receive buffer is full, refused, and read": _one(
        Move("appetite", n=0), Move("data", n=9), Move("ack timer"), Move("rest"), Move("data", n=9),
        offload=Offload(capacity=9),
    ),
}  # fmt: skip
"""Name -> scenario, in the order in which they are played."""
