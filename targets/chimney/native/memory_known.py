"""Whether NDIS knows all that a driver remembers: what its objects ask of others says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...machine.elf import symbols

HARMLESS = re.compile(
    r"mem(cpy|set|move|cmp|chr)|str(n?len|n?cmp|n?cpy|n?cat|r?chr|str)|l?l?abs|qsort|bsearch|v?f?s?n?printf"
    r"|f?puts|f?putchar|fflush|stderr|stdout|abort|__stack_chk_fail|__assert_fail|_GLOBAL_OFFSET_TABLE_"
    r"|__sanitizer_cov_trace_pc|__(v?f?s?n?printf|mem(cpy|set|move))_chk"
)
"""Functions of the C library, and what compilers ask for, that remember nothing of what they were told."""
ELSEWHERE = re.compile(r"SharedMemory|ScatterGather")
"""In the names of functions of NDIS that give out memory of another kind."""
TIME = re.compile(r"Time|Tick|Stall|Delay|WaitFor|Dpc|Work|Sleep")
"""In the names of functions of NDIS and the kernel that tell the time, or wait for it."""


LOCKS = re.compile(r"ChsInterlocked|ExInterlocked\w+|\w+Acquire\w*(Spin|RW|Write)Lock\w*")
"""Functions by which a driver makes itself fit for several processors."""


def locks(objects: Sequence[Path]) -> bool:
    """Whether a driver of these objects, or libraries, locks anything."""
    return any(LOCKS.fullmatch(name) for path in objects for name in symbols(path).undefined)


def told_of_memory(drivers: Sequence[Path], ours: Sequence[Path]) -> list[str]:
    """What the linker is told (see ndis/src/remembered.c) of a driver of these objects, beside our own."""
    theirs = [symbols(path) for path in drivers]
    if not all(found for found in theirs):
        return []
    defined = {name for path in ours for name in symbols(path).defined}
    asked = {name for found in theirs for name in found.undefined}
    asked -= {name for found in theirs for name in found.defined}
    elsewhere = [name for name in asked if ELSEWHERE.search(name)]
    elsewhere += [name for name in asked - defined if not HARMLESS.fullmatch(name)]
    if elsewhere or any(found.thread_local for found in theirs):
        return []
    timed = any(TIME.search(name) for name in asked)
    return ["-Wl,--defsym=chs_drivers_memory=1", *(["-Wl,--defsym=chs_drivers_time=1"] if timed else [])]
