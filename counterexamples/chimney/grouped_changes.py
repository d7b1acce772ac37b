"""What a step changed, where it takes several variables to say one fact; and what need not be told."""

from __future__ import annotations

from typing import Any

from ...model.chimney.handover import AT_FIRST
from ...model.chimney.state import NONE, PENDING, World
from ..words import Words, take_apart

Left = dict[str, tuple[Any, Any]]
"""The changes of a step that are not told yet: the functions here take out what they tell."""

# The target's own bookkeeping, and counters that another line of the same step tells better.
_HIDDEN = frozenset(
    {
        "drained",
        "filled",
        "conns.own.first",
        "conns.posted",
        "conns.total",
        "conns.requested",
    }
)

_RANGES = (
    (".peer.sacked_from", ".peer.sacked_to", "data that came out of order to"),
    (".own.sack_from", ".own.sack_to", "data held out of order on"),
    (".indicated_from", ".indicated_to", "data indicated to the application of"),
)

MEMBERS = {
    "snd_una": "SndUna",
    "snd_nxt": "SndNxt",
    "snd_max": "SndMax",
    "snd_wnd": "SndWnd",
    "rcv_nxt": "RcvNxt",
    "rcv_wnd": "RcvWnd",
    "cwnd": "CWnd",
    "ssthresh": "SsThresh",
    "srtt": "SRtt",
    "rttvar": "RttVar",
    "total_rt": "TotalRT",
    "dup_ack_count": "DupAckCount",
    "probe_round": "SndWndProbeCount",
    "retransmit_count": "Retransmit.Count",
    "retransmit_delta": "Retransmit.TimeoutDelta",
    "keepalive_count": "KeepAlive.ProbeCount",
    "keepalive_delta": "KeepAlive.TimeoutDelta",
    "connection_state": "State",
    "snd_wl1": "SendWL1",
    "head": "SendDataHead",
    "tail": "SendDataTail",
    "buffered_from": "BufferedData from",
    "buffered_to": "BufferedData to",
}
"""Fields of the model's Delegated and the members of the structure that they stand for."""

# Two variables that usually move together: the first is told, the second only if it differs.
_TWINS = {
    "own.una": "peer.acked",
    "own.max": "peer.sent",
    "own.rcv_nxt": "peer.arrived",
    "own.consumed": "peer.app_got",
    "own.sack_from": "peer.sacked_from",
    "own.sack_to": "peer.sacked_to",
}


def grouped(left: Left, words: Words, after: World) -> list[str]:
    """The facts that several changes make up, and out of *left* what need not be told; *after* the step."""
    _drop_twins(left)
    lines = [*_posted(left), *_statuses(left, words), *_delegated(left, words, after), *_ranges(left)]
    for variable in [v for v in left if take_apart(v).field in _HIDDEN]:
        del left[variable]
    return lines


def _posted(left: Left) -> list[str]:
    """A buffer or request that was just posted is one fact, not five: take its variables out."""
    lines = []
    for variable in [v for v in left if v.endswith(".status")]:
        named = take_apart(variable)
        posted = named.field in ("conns.bufs.status", "conns.requests.status")
        if not posted or left[variable] != (NONE, PENDING):
            continue
        prefix = variable.removesuffix("status")
        new = {v.removeprefix(prefix): left.pop(v)[1] for v in list(left) if v.startswith(prefix)}
        conn, index = named.indices
        if named.field == "conns.bufs.status":
            begin, end = new.get("begin", 0), new.get("end", 0)
            lines.append(f"send buffer B{index} of connection {conn}: posted, positions [{begin},{end})")
        else:
            size = new.get("size", 0)
            lines.append(f"receive request {index} of connection {conn}: posted, {size} bytes")
    return lines


def _statuses(left: Left, words: Words) -> list[str]:
    """The Status of all blocks on one line: ``Status of blocks 0, 1: unwritten -> NDIS_STATUS_SUCCESS``."""
    return written({v: left.pop(v) for v in list(left) if take_apart(v).field == "blocks.status"}, words)


def written(statuses: Left, words: Words) -> list[str]:
    """The changes of the Status of blocks, those that are alike together."""
    groups: dict[str, list[str]] = {}
    for variable, (old, new) in statuses.items():
        change = f"{words.value(variable, old)} -> {words.value(variable, new)}"
        groups.setdefault(change, []).append(str(take_apart(variable).indices[0]))
    lines = []
    for change, blocks in groups.items():
        lines.append(f"Status of block{'s' if len(blocks) > 1 else ''} {', '.join(blocks)}: {change}")
    return lines


def _delegated(left: Left, words: Words, after: World) -> list[str]:
    """What was written into a connection's delegated structure, on one line; a 0 is written, too."""
    groups: dict[int, dict[str, Any]] = {}
    for variable in [v for v in left if v.startswith("conns[") and ".given." in v]:
        _, new = left.pop(variable)
        field = variable.rsplit(".", 1)[1]
        changed = groups.setdefault(take_apart(variable).indices[0], {})
        if field == "written":
            conn = take_apart(variable).indices[0]
            given = after.conns[conn].given
            # The others are offloaded with values of their own, and told only where they change.
            changed.update({n: getattr(given, n) for n in MEMBERS if n in AT_FIRST or n in changed})
        else:
            changed[field] = new
    lines = []
    for conn, changed in groups.items():
        shown = [
            f"{MEMBERS.get(field, field)} {words.value(f'conns[{conn}].given.{field}', value)}"
            for field, value in changed.items()
            if field not in ("buffered_from", "buffered_to")
        ]
        ends = [changed[field] for field in ("buffered_from", "buffered_to") if field in changed]
        if len(ends) == 2:
            shown.append(f"BufferedData [{ends[0]},{ends[1]})" if ends[0] < ends[1] else "BufferedData NULL")
        lines.append(f"delegated state of connection {conn} written: " + ", ".join(shown))
    return lines


def _ranges(left: Left) -> list[str]:
    """Both ends of a range that changed, as one fact: ``[10,19) -> nothing``."""
    lines = []
    for begin, end, says in _RANGES:
        for variable in [v for v in left if v.endswith(begin)]:
            other = variable.removesuffix(begin) + end
            if other in left:
                low, high = left.pop(variable), left.pop(other)
                old, new = (_range(a, b) for a, b in zip(low, high, strict=True))
                lines.append(f"{says} connection {take_apart(variable).indices[0]}: {old} -> {new}")
    return lines


def _range(begin: Any, end: Any) -> str:
    return f"[{begin},{end})" if begin < end else "nothing"


def _drop_twins(left: Left) -> None:
    for mentioned, other in _TWINS.items():
        for variable in [v for v in left if v.endswith(f".{mentioned}")]:
            twin = variable.removesuffix(mentioned) + other
            if twin in left and left[twin][1] == left[variable][1]:
                del left[twin]
