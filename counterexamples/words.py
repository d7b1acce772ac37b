"""Words for variables and values: what a story calls them instead of their names in the model."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from ..model.bounds import Bounds
from ..model.chimney.state import BLOCK_STATUS, PHASE, REQUEST_STATUS, STATE_CALLS, template
from ..model.records import Sort, variables
from ..model.tcp.numbers import NULL

_INDEX = re.compile(r"\[(\d+)\]")

# How a value is shown: by its sort (""), as a pointer to a buffer, as a block's index,
# as a position of which -1 means none, or as a sequence number.
POINTER, BLOCK, PLACE = "pointer", "block", "place"

_WORLD = {
    "phase": ("the terminate request", ""),
    "completions": ("calls of NdisMTerminateOffloadComplete", ""),
    "root_back": ("block list passed to NdisMTerminateOffloadComplete", BLOCK),
    "untidy": ("a block was written after it was handed back", ""),
    "quiet": ("everything has come to rest", ""),
    "status_indication": ("a call to NdisMIndicateStatusEx is outstanding", ""),
    "event_indication": ("a call to NdisMOffloadEventIndicate is outstanding", ""),
    "calls": ("a call to {call} is outstanding", ""),
}
_BLOCK = {
    "lost": ("hardware lost the state object of block {0}", ""),
    "status": ("Status of block {0}", ""),
    "chain": ("NetBufferListChain of block {0}", POINTER),
    "next_back": ("NextBlock of block {0}", BLOCK),
    "dependent_back": ("DependentBlockList of block {0}", BLOCK),
}
_CONN = {
    "block": ("block of connection {0}", BLOCK),
    "posted": ("sends posted on connection {0}", ""),
    "total": ("bytes posted on connection {0}", ""),
    "disconnect": ("graceful disconnect of connection {0}", ""),
    "forward": ("a forward request is outstanding on connection {0}", ""),
    "requested": ("receive requests posted on connection {0}", ""),
    "event": ("a call to NdisTcpOffloadEventHandler is outstanding on connection {0}", ""),
    "indication": ("a call to NdisTcpOffloadReceiveHandler is outstanding on connection {0}", ""),
    "indicated_from": ("indicated data of connection {0} begins at position", ""),
    "indicated_to": ("indicated data of connection {0} ends before position", ""),
    "lent": ("the host holds receive buffers of the target for connection {0}", ""),
    "freed": ("the target has freed connection {0}", ""),
    "late": ("a segment came during termination and went to the host on connection {0}", ""),
}
_BUFFER = {
    "begin": ("send buffer B{1} of connection {0}: first position", ""),
    "end": ("send buffer B{1} of connection {0}: position after the last byte", ""),
    "start": ("send buffer B{1} of connection {0}: its data starts at position", ""),
    "status": ("send buffer B{1} of connection {0}", ""),
    "bytes": ("send buffer B{1} of connection {0}: bytes reported as transferred", ""),
    "next": ("send buffer B{1} of connection {0}: Next", POINTER),
    "returns": ("send buffer B{1} of connection {0}: times given back to the host", ""),
    "host_at": ("send buffer B{1} of connection {0}: place in the host's queue, position", PLACE),
}
_REQUEST = {
    "size": ("receive request {1} of connection {0}: size", ""),
    "status": ("receive request {1} of connection {0}", ""),
    "bytes": ("receive request {1} of connection {0}: bytes filled", ""),
}
_OWN = {
    "una": ("SND.UNA of connection {0}", ""),
    "nxt": ("SND.NXT of connection {0}", ""),
    "max": ("SND.MAX of connection {0}", ""),
    "first": ("oldest send of connection {0} not completed, number", ""),
    "rcv_nxt": ("RCV.NXT of connection {0}", ""),
    "consumed": ("received data of connection {0} passed on up to position", ""),
    "sack_from": ("data of connection {0} held out of order begins at position", ""),
    "sack_to": ("data of connection {0} held out of order ends before position", ""),
}
_GIVEN = {
    "written": ("delegated state of connection {0} is written", ""),
    "snd_una": ("delegated SndUna of connection {0} (sequence number)", ""),
    "snd_nxt": ("delegated SndNxt of connection {0} (sequence number)", ""),
    "snd_max": ("delegated SndMax of connection {0} (sequence number)", ""),
    "snd_wnd": ("delegated SndWnd of connection {0} (bytes)", ""),
    "rcv_nxt": ("delegated RcvNxt of connection {0} (sequence number)", ""),
    "rcv_wnd": ("delegated RcvWnd of connection {0} (bytes)", ""),
    "head": ("SendDataHead of connection {0}", POINTER),
    "tail": ("SendDataTail of connection {0}", POINTER),
    "buffered_from": ("BufferedData of connection {0} begins at position", ""),
    "buffered_to": ("BufferedData of connection {0} ends before position", ""),
}
_PEER = {
    "sent": ("connection {0} has transmitted up to position", ""),
    "got": ("the peer has connection {0} in order up to position", ""),
    "shift": ("the peer of connection {0} got a wrong byte: off by", ""),
    "fin_at": ("the peer of connection {0} saw the FIN at position", PLACE),
    "acked": ("highest acknowledgement that reached connection {0}, position", ""),
    "wnd": ("SND.WND of connection {0} (bytes)", ""),
    "arrived": ("data that reached connection {0} in order, up to position", ""),
    "fin": ("the peer's FIN reached connection {0}", ""),
    "rst": ("the peer's RST reached connection {0}", ""),
    "sacked_to": ("data that reached connection {0} out of order ends before position", ""),
    "acked_to": ("connection {0} has acknowledged to the peer up to position", ""),
    "app_got": ("the application has connection {0} up to position", ""),
    "app_gap": ("the application of connection {0} got a gap (+) or a repetition (-) of bytes", ""),
}
_HOST = {
    "resumed": ("the host has taken connection {0} up again", ""),
    "aborted": ("the host has given connection {0} up", ""),
    "una": ("the host's SND.UNA of connection {0}", ""),
    "nxt": ("the host's SND.NXT of connection {0}", ""),
    "end": ("the host's queue of connection {0} ends before position", ""),
    "rcv": ("the host's RCV.NXT of connection {0}", ""),
    "foreign": ("the host's queue of connection {0} holds a buffer that is not its own", ""),
    "reading": ("the host holds BufferedData of connection {0}", ""),
}


def _under(prefix: str, phrases: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {prefix + name: phrase for name, phrase in phrases.items()}


PHRASES = {
    **_WORLD,
    **_under("blocks.", _BLOCK),
    **_under("conns.", _CONN),
    **_under("conns.bufs.", _BUFFER),
    **_under("conns.requests.", _REQUEST),
    **_under("conns.own.", _OWN),
    **_under("conns.given.", _GIVEN),
    **_under("conns.peer.", _PEER),
    **_under("conns.host.", _HOST),
}
"""Field (the variable's name without indices) -> what it is called, how its value is shown."""


# The values that a property names and that are no plain numbers.
_FAILED_POINTERS = frozenset(
    {"NetBufferListChain", "Next", "this one", "SendDataHead", "SendDataTail", "last outstanding"}
)
_FAILED_ENUMS = {"status": REQUEST_STATUS, "Status": BLOCK_STATUS, "phase": PHASE}
_FAILED_PLACES = frozenset({"FIN at", "position of the FIN", "in the host's queue at"})
_CONNECTION = re.compile(r"connection (\d+)")


@dataclasses.dataclass(frozen=True)
class Named:
    """A variable's name taken apart: ``conns[1].bufs[2].end`` is conns.bufs.end of (1, 2)."""

    field: str
    indices: tuple[int, ...]


def take_apart(name: str) -> Named:
    """A variable's name as field and indices."""
    return Named(_INDEX.sub("", name), tuple(int(k) for k in _INDEX.findall(name)))


def buffer_name(pointer: Any, bounds: Bounds, conn: int | None = None) -> str:
    """The buffer that a pointer points to; its connection is named unless it is *conn*."""
    if pointer == NULL:
        return "NULL"
    owner, index = divmod(pointer, bounds.buffers)
    if not 0 <= owner < bounds.connections:
        return f"{pointer} (no buffer)"
    return f"B{index}" if owner == conn else f"B{index} of connection {owner}"


class Words:
    """The words for one size of world."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.sorts: dict[str, Sort] = {v.name: v.sort for v in variables(template(bounds))}

    def name(self, variable: str) -> str:
        """What a person calls the variable; an unknown one keeps its name."""
        named = take_apart(variable)
        says = PHRASES.get(named.field, (variable, ""))[0]
        call = STATE_CALLS[named.indices[0]] if named.field == "calls" and variable in self.sorts else ""
        try:
            return says.format(*named.indices, call=call)
        except IndexError:
            return variable

    def value(self, variable: str, value: Any) -> str:
        """The value of a variable as a person reads it."""
        named = take_apart(variable)
        how = PHRASES.get(named.field, ("", ""))[1]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if how == POINTER:
            conn = named.indices[0] if named.field.startswith("conns.") and named.indices else None
            return buffer_name(value, self.bounds, conn)
        if how == BLOCK:
            return "NULL" if value == NULL else f"block {value}"
        if how == PLACE and value == NULL:
            return "none"
        sort = self.sorts.get(variable)
        return sort.show(value) if sort else str(value)

    def failed_on(self, name: str, value: Any, where: str) -> str:
        """A value that a property failed on, by the name that the property gives it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if name in _FAILED_POINTERS:
            conn = _CONNECTION.search(where)
            return buffer_name(value, self.bounds, int(conn[1]) if conn else None)
        if name == "block handed back":
            return "NULL" if value == NULL else f"block {value}"
        if name in _FAILED_PLACES and value == NULL:
            return "none"
        return _FAILED_ENUMS[name].show(value) if name in _FAILED_ENUMS else str(value)

    def change(self, variable: str, old: Any, new: Any) -> str:
        """One changed variable: ``SND.NXT of connection 0: 0 -> 7``."""
        return f"{self.name(variable)}: {self.value(variable, old)} -> {self.value(variable, new)}"
