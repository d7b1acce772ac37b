"""Drivers in C loaded as targets: built, asked for DriverEntry, and tried once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from ...machine.refusal import BadTarget
from ..interface import Ndis, Target
from .compiler import LINKED, BuildOptions, Built, build
from .driver_library import DriverLibrary, Hearer, decoded, sanitizer_runs
from .native_target import LOADED, NativeTarget

HANDLERS = {
    "timer_expires": "CHS_HAS_TIMER",
    "hardware_fails": "CHS_HAS_FAILURE",
    "link_changes": "CHS_HAS_LINK",
    "neighbor_silent": "CHS_HAS_NEIGHBOR",
    "clock_ticks": "CHS_HAS_CLOCK",
    "urgent_arrives": "CHS_HAS_URGENT",
}
"""What the hardware calls only if the driver's NIC has a handler for it."""


@dataclasses.dataclass(frozen=True)
class NativeFactory:
    """Makes targets of one driver, which is loaded as ``library``; ``built`` lives as long as this."""

    kind: type[NativeTarget]
    library: DriverLibrary
    built: Built | None

    def __call__(self, ndis: Ndis) -> Target:
        """A new adapter."""
        return self.kind(ndis, self.library)


def factory(
    path: Path,
    options: BuildOptions | None = None,
    opens: Callable[[Path], DriverLibrary] = DriverLibrary,
) -> NativeFactory:
    """What makes targets of the driver at *path*: its sources, or a library that :func:`build` made.

    Loads the driver into this process, calls DriverEntry, and tries an adapter. Without
    *options*, sanitizers are used if this process was started with them. Raises BadTarget.
    """
    built = None if path.name.endswith(LINKED) else build(path, options or BuildOptions(sanitizer_runs()))
    library = opens(built.library if built else path)
    kind = _try(library)
    library.keeps = library.keeps and bool(library.lib.chs_keep(LOADED))
    return NativeFactory(kind, library, built)


def _try(library: DriverLibrary) -> type[NativeTarget]:
    """DriverEntry, MiniportInitializeEx and MiniportHaltEx; raises BadTarget with what is wrong with them."""
    lib = library.lib
    wrong: list[str] = []
    hearers: list[Hearer] = [lambda words, data: None] * len(library.events)
    for complaint in (lib.CHS_NONSENSE, lib.CHS_BROKEN):
        hearers[complaint] = lambda words, data: wrong.append(decoded(data))
    library.hearers = hearers
    for name, *call in (
        ("DriverEntry", lib.chs_load, library.callback),
        ("MiniportInitializeEx", lib.chs_start),
    ):
        status = library.call(*call)
        if status and not wrong:
            wrong.append(f"{name} returns 0x{status & 0xFFFFFFFF:08X}")
        if wrong:
            raise BadTarget(f"this driver cannot be played with: {'; '.join(wrong)}")
    has = lib.chs_optional_handlers()
    library.call(lib.chs_stop)
    absent = {name: getattr(Target, name) for name, bit in HANDLERS.items() if not has & getattr(lib, bit)}
    return type("Driver", (NativeTarget,), absent)
