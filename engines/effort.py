"""How much work a solver may do, counted in its own resource units: no clock, so no machine and no load."""

from __future__ import annotations

from typing import Any

import z3

MILLION = 1_000_000
"""A few tenths of a second of a processor of today."""
RAN_OUT = "its budget of work ran out"
OUTER = 3600.0
"""Seconds for one query: an outer limit, for what its budget of work does not count."""


class Effort:
    """Work that may still be done, in units of Z3's resource limit; several queries may share it."""

    def __init__(self, units: float) -> None:
        self.left = int(units)

    def check(self, query: Any, *assumed: Any) -> z3.CheckSatResult:
        """What *query* says within the work that is left: ``unknown`` where that is not enough."""
        if self.left <= 0:
            return z3.unknown
        before = _done()
        query.set("rlimit", min(self.left, 2**32 - 1))
        answer = query.check(*assumed)
        self.left -= _done() - before
        return answer

    def reason(self, query: Any, seconds: float = OUTER) -> str:
        """Why the last answer was ``unknown``; *seconds* is the outer limit that it was asked with."""
        if self.left <= 0:
            return RAN_OUT
        said = str(query.reason_unknown())
        return f"the outer limit of {seconds:g} s for one query struck" if "timeout" in said else said


def _done() -> int:
    """The work that this process has done so far: any solver of it knows."""
    probe = z3.SimpleSolver()
    probe.check()
    return int(probe.statistics().get_key_value("rlimit count"))
