"""Making compiled monitors, and keeping them in the user's cache folder.

A monitor is compiled once for each size of world, and again when anything changes that it
is made of.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from ....model.bounds import Bounds
from ....model.chimney.state import world_size
from ....properties.chimney.chimney import CHIMNEY
from ...machine.cache import Cache, digest
from ...machine.folder import Folder
from ...machine.toolchain import find_compiler
from ..criteria import Criteria
from .monitor_library import MonitorLibrary

FLAGS = ("-O0", "-fwrapv", "-w", "-shared", "-fPIC")
"""Optimising would cost three times the seconds to compile, and gain less than a tenth of an event's."""

SIZES = tuple(world_size(buffers, 7, conns, 6) for buffers in (4, 16) for conns in (1, 2))
"""Worlds that monitors are compiled for. A scenario is judged in the smallest that holds it.

It may leave room for blocks, buffers and requests. Those are never in the tree or posted, and no
property has anything to say of them; of a connection that nobody offloaded it might.
"""

PACKAGE = Path(__file__).resolve().parents[3]
ROOMS = ("model", "properties", "targets/judging/compiled", "targets/judging/criteria.py")
"""What the generated program is made of."""


class Maker:
    """Makes and finds the monitors that judge by *criteria*: the chimney's own properties, or some of them.

    Raises ValueError for others: what is kept in the cache is told apart by the names of properties and the
    sources of this package alone.
    """

    def __init__(self, criteria: Criteria, cache: Cache | None = None) -> None:
        self.criteria = criteria
        self.cache = cache or Cache()
        if criteria.subject is not CHIMNEY or criteria.properties_added:
            raise ValueError("only the chimney's own properties are compiled")
        names = (thing.name for things in (criteria.properties, CHIMNEY.events) for thing in things)
        self._key = digest(sys.platform, platform.machine(), *FLAGS, *names, *_sources())

    def _name(self, bounds: Bounds) -> str:
        return f"monitor-{digest(self._key, repr(bounds))}.so"

    def kept(self, bounds: Bounds) -> MonitorLibrary | None:
        """The monitor for worlds of *bounds*, if it has been made before."""
        file = self.cache.kept(self._name(bounds))
        return MonitorLibrary(file, bounds, self.criteria.properties) if file else None

    def made(self, bounds: Bounds) -> MonitorLibrary:
        """The same, made now if need be.

        Raises :class:`...machine.refusal.BadTarget` or :class:`...machine.toolchain.Failed` where there is no
        compiler that works.
        """
        folder = Folder()

        def make(into: Path) -> None:
            from .program import Writer  # loads Z3, which whoever only uses a monitor does without

            source = folder.path / "monitor.c"
            source.write_text(Writer(bounds, self.criteria).program().source, encoding="utf-8")
            find_compiler().run([*FLAGS, str(source), "-o", str(into)])

        made = self.cache.file(self._name(bounds), make, folder.path)
        return MonitorLibrary(made, bounds, self.criteria.properties)


def _sources() -> Iterator[bytes]:
    """The text of everything that the program is made of."""
    for room in ROOMS:
        place = PACKAGE / room
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield file.read_bytes()
