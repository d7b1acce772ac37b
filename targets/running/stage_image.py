"""What a run of a driver in C holds, kept and put back: a search plays up to a state once.

The driver's memory and our NDIS's are put back by the library, as a whole. What is held here is copied: the
buffers and blocks of host and wire, and the world in which they are judged.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
from collections.abc import Callable, Sequence
from typing import Any

from ..chimney.interface import Status
from ..chimney.native.native_target import LOADED, NativeTarget
from ..chimney.stage import NdisStage
from ..judging.compiled.fast_monitor import FastMonitor

STATE, NEXT = LOADED + 1, LOADED + 2
"""Images of the library: of a state, and of one to which it leads."""
STAGE = ("over", "calls", "made", "interludes", "cycle", "within", "short", "may_drop", "unsure", "moved")
HANDED = (
    *("tree", "states", "sends", "requests", "originals"),
    *("calls", "queries", "updates", "updated", "owed", "forwards", "forwarding", "terminations"),
    *("links", "_known"),
)
HOSTS = (
    *("appetite", "initiated", "seals", "kept", "freed", "counts", "doubtful", "refused", "wrong_bytes"),
    *("suspects", "challenged", "renewed", "closed", "urgent", "given_up", "reasons"),
    *("rested", "backlogs", "remarks"),
    *("resend", "waits", "windows", "recovering", "freed_before", "other_way", "repeated"),
)
WIRE = ("carried", "there", "fin_at", "peer_sent", "sacked", "options", "offered")
BUFFERS = ("_hosts", "_drivers")
TREES = ("_blocks", "_handles", "_objects", "_sums")
TARGET = ("_leaks", "_halting", "_until")
OFFLOADED = ("status", "miniport_offload_context")
"""What changes of each object of a run; the others are made by it, or stay as they are."""


@dataclasses.dataclass(frozen=True)
class Image:
    """A state of a run: what Python holds, the judged world, what happened, and the library's image."""

    held: bytes
    world: bytes
    names: tuple[str, ...]
    place: int


class Keeper:
    """Keeps states of one run, and puts them back, while nobody is in the driver and nothing is broken."""

    def __init__(self, stage: NdisStage, target: NativeTarget, judge: FastMonitor) -> None:
        self.library, self.judge = target.library, judge
        self.hearers = target.library.hearers  # at the end of a run most of them hear nothing
        self.stage, self.cycle = stage, (stage.handed, tuple(stage.lines), judge.world)
        handed, trees = stage.handed, vars(target.trees)
        blocks = [block for _, block in handed.blocks]
        self.parts: Sequence[tuple[dict[str, Any], Sequence[str]]] = (
            (vars(stage), STAGE),
            (vars(handed), HANDED),
            (vars(stage.ndis), HOSTS),
            (vars(target.buffers), BUFFERS),
            (trees, TREES),
            (vars(target), TARGET),
            *((vars(line), WIRE) for line in stage.lines),
            *((vars(block), OFFLOADED) for block in blocks),
        )
        self.same = [*Status, *trees["_handles"].values(), *trees["_objects"].values(), *blocks]
        self.number = _numbering(self.same)

    def keep(self, place: int) -> Image | None:
        """The state of now; None if it cannot be kept: of a later cycle, or with bystanders."""
        others = self.stage.ndis.bystanders.made
        if self.stage.handed is not self.cycle[0] or others or not self.library.lib.chs_keep(place):
            return None
        into = io.BytesIO()
        writer: Any = pickle.Pickler(into, pickle.HIGHEST_PROTOCOL)
        writer.persistent_id = self.number  # set, not a method of a class: it is asked for every object
        writer.dump([[of[name] for name in names] for of, names in self.parts])
        return Image(into.getvalue(), self.judge.judged(), tuple(self.judge.names), place)

    def put_back(self, image: Image) -> None:
        """That state is the one of now."""
        self.library.lib.chs_put_back(image.place)
        self.library.hearers = self.hearers
        self.stage.handed, self.stage.lines[:], self.judge.world = self.cycle
        self.stage.ndis.handed = self.stage.handed
        self.judge.goes_back(image.world, image.names)
        reader: Any = pickle.Unpickler(io.BytesIO(image.held))
        reader.persistent_load = self.same.__getitem__
        held = reader.load()
        for (of, names), values in zip(self.parts, held, strict=True):
            of.update(zip(names, values, strict=True))


def _numbering(same: Sequence[object]) -> Callable[[object], int | None]:
    """Tells objects that stay the same as their place among them."""
    known = {id(thing): number for number, thing in enumerate(same)}.get
    return lambda thing: known(id(thing))
