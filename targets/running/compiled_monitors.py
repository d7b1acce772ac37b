"""Which scenarios the compiled monitor can judge, and a run that it judges."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ...model.bounds import Bounds
from ...model.chimney.shapes import Offload
from ...model.chimney.state import World
from ...properties.chimney.chimney import CHIMNEY
from ..chimney.play import first_world
from ..chimney.scenario import Scenario
from ..chimney.tree_shapes import plan
from ..judging.compiled.fast_monitor import FastMonitor
from ..judging.compiled.monitor_library import MonitorLibrary
from ..judging.compiled.monitor_maker import SIZES, Maker
from ..machine.refusal import BadTarget
from ..machine.toolchain import CompilerFailed

Makes = Callable[[MonitorLibrary, Any, int, int], FastMonitor]


class Compiled:
    """Makes monitors for scenarios, in the smallest size of world that holds each.

    With *make*, a size is compiled when it is first needed; without, it is used if it was
    compiled before. Where there is no compiler, there are no such monitors.
    """

    def __init__(self, maker: Maker, make: bool = False, sizes: Sequence[Bounds] = SIZES) -> None:
        self.maker = maker
        self.make = make
        self.sizes = sizes
        self._libraries: dict[Bounds, MonitorLibrary] = {}
        self._missing: set[Bounds] = set()
        self._size = functools.cache(self._smallest)

    def _smallest(self, bounds: Bounds) -> Bounds | None:
        fits = (s for s in self.sizes if s.hold(bounds) and s.connections == bounds.connections)
        return next(fits, None)

    def load(self) -> bool:
        """Load the monitors of all sizes, or make them, so that no scenario has to wait; whether all are."""
        found = [self._find(size) for size in self.sizes]
        return all(found)

    def monitor(
        self, scenario: Scenario, bounds: Bounds | None = None, made: Makes = FastMonitor
    ) -> FastMonitor | None:
        """A monitor that stands where the scenario starts; None if a plain one has to judge it.

        Its world has room for the scenario, or for *bounds*. It is *made* as a FastMonitor is.
        """
        size = self._size(bounds or scenario.bounds())
        if size is None or size in self._missing:
            return None
        if size not in self._libraries and not self._find(size):
            return None
        return start(self._libraries[size], scenario, made)

    def _find(self, size: Bounds) -> bool:
        try:
            found = self.maker.made(size) if self.make else self.maker.kept(size)
        except (BadTarget, CompilerFailed):
            found = None
        if found:
            self._libraries[size] = found
        else:
            self._missing.add(size)
        return found is not None


def start(chosen: MonitorLibrary, scenario: Scenario, made: Makes = FastMonitor) -> FastMonitor:
    """A monitor of this library that stands where the scenario starts."""
    name, conns = scenario.shape, len(scenario.offloads)

    def first() -> World:
        return first_world(Scenario((), name, (Offload(),) * conns), chosen.bounds, CHIMNEY)

    run = chosen.start((name, conns), first)
    monitor = made(chosen, run, len(plan(name, conns).terminated), conns)
    for conn, offload in zip(monitor.world.conns, scenario.offloads, strict=True):
        conn.isn, conn.irn, conn.capacity = offload.isn, offload.irn, offload.capacity
        conn.peer.wnd = offload.window
    return monitor
