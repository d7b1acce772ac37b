"""Many states of a search expanded in one call of the C of this room (src/sweeps.c)."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from ...judging.compiled.monitor_library import MonitorLibrary
from ..branching import Moves
from ..sweep import NUMBER, WORD, Counts, Sweep, Swept, Ways
from .maker import QuickLibrary

CHUNK = 16
"""States after which it is said that the target is alive."""
PLACE, LOW = 16, 0xFFFF
"""Bits of a number in a word that counts, and which they are."""

Rows = Callable[[Moves], tuple[Any, int]]


class Sweeper:
    """Sweeps with this library; *rows* makes moves as it has them, *monitor* judges."""

    def __init__(self, quick: QuickLibrary, monitor: MonitorLibrary, rows: Rows) -> None:
        self.lib, self.ffi, self.rows = quick.lib, quick.ffi, rows
        self.events = tuple(monitor.events)
        self.properties = tuple(prop.id for prop in monitor.properties)
        self.offered: Ways | None = None

    def sweep(self, ways: Ways, sweep: Sweep, alive: Callable[[], None]) -> Swept:
        """All ways on from those states; *alive* is called from time to time. Raises NotHere."""
        if self.offered is not ways:
            self._offer(ways)
        self.offer.ends_only = sweep.ends_only
        self.lib.quick_sweep_begins(self.offer)
        paths = self.ffi.from_buffer("uint16_t[]", sweep.paths or bytes(NUMBER))
        done, spoiled = 0, False
        while done < sweep.states and not spoiled:
            alive()
            size = min(CHUNK, sweep.states - done)
            done += self.lib.quick_sweep(paths + sweep.depth * done, sweep.depth, size)
            spoiled = bool(self.lib.quick_broke())
        return self._swept(done, spoiled)

    def _swept(self, done: int, spoiled: bool) -> Swept:
        swept = self.ffi.new("struct quick_swept *")
        told = self.lib.quick_sweep_ends(swept)
        words = bytes(self.ffi.buffer(told, WORD * swept.words))
        edges = WORD * swept.edges
        return Swept(done, words[:edges], self._counts(array("Q", words[edges:]), swept), spoiled)

    def _counts(self, words: array[int], swept: Any) -> Counts:
        lib, counts = self.lib, Counts({}, {}, {}, swept.runs, swept.calls, swept.heard)
        for what, runs in zip(words[::2], words[1::2], strict=True):
            kind, first, second = what >> 2 * PLACE, what >> PLACE & LOW, what & LOW
            if kind == lib.QUICK_PAIR:
                counts.pairs[self.events[first], self.events[second]] = runs
            elif kind == lib.QUICK_HAPPENED:
                counts.happened[self.events[first]] = runs
            else:
                counts.reached[self.properties[first]] = runs
        return counts

    def _offer(self, ways: Ways) -> None:
        """The ways as C has them. Raises NotHere."""
        self.kept = [self.rows(moves) for moves in ways.moves]  # what C points to
        self.offer = self.ffi.new("struct quick_offer *")
        self.table = self.ffi.new("struct quick_way[]", len(ways.moves))
        for way, rows, spends in zip(self.table, self.kept, ways.spends, strict=True):
            way.moves, way.rows = rows
            way.spends[0 : len(spends)] = spends
        for way, (ends, taken, meanwhile) in zip(self.table, ways.others(), strict=False):
            way.ends, way.data, way.data_ways, way.any, way.any_ways = ends, *taken, *meanwhile
        self.offer.ways, self.offer.choices = self.table, len(ways.choices)
        self.offer.most[0 : len(ways.most)] = ways.most
        for number, name in enumerate(self.events):
            self.offer.unheard[number] = name in ways.unheard
        self.offered = ways
