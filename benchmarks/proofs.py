"""What proofs cost: processor seconds of `chimneysweep check`, beside those of another checkout.

Both sides of a ratio come from the same run on the same machine, one after the other, in turns: processor
time of the command and of all its workers, as the operating system counts it.
"""

from __future__ import annotations

import dataclasses
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TYPICAL = "snd.una"
SEEDED = (
    ("tail-forgotten", "chain.coverage"),
    ("una-is-nxt", "snd.una"),
    ("success-when-sent", "send-complete.success-acked"),
)
"""Some seeded designs with what they break; `--only seeded` measures all of them."""


@dataclasses.dataclass(frozen=True)
class CommandLine:
    """A command line, what it is called in the table, and which other one it is to be compared with."""

    name: str
    arguments: tuple[str, ...]
    base: str
    both: bool = True


ALL = "every property, 8 buffers"


def asked(large: bool) -> list[CommandLine]:
    """What is measured; *large*: 32 buffers, too."""
    sizes = (16, 32) if large else (16,)
    return [
        CommandLine(ALL, (), ALL),
        CommandLine(f"one property ({TYPICAL})", ("-p", TYPICAL), ALL),
        *(
            CommandLine(f"{design} -p {broken}", ("-d", design, "-p", broken), "")
            for design, broken in SEEDED
        ),
        *(CommandLine(f"every property, {n} buffers", ("--buffers", str(n)), ALL, both=False) for n in sizes),
    ]


ENDED = -9
"""The exit code of what took too long."""


@dataclasses.dataclass(frozen=True)
class CommandCost:
    """Processor and wall seconds of a command, and its exit code; of what was ENDED not all is counted."""

    cpu: float
    wall: float
    code: int


def spent(checkout: Path, arguments: Sequence[str], most: float | None = None) -> CommandCost:
    """Run `chimneysweep check -q` of a checkout; it is ended after *most* seconds of wall time.

    Raises FileNotFoundError where the checkout is not set up.
    """
    command = [str(checkout / ".venv" / "bin" / "chimneysweep"), "check", "-q", *arguments]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    begun, before = time.perf_counter(), _used()
    with subprocess.Popen(command, cwd=checkout, start_new_session=True, **silent) as child:
        try:
            code = child.wait(most)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            code = ENDED
    return CommandCost(_used() - before, time.perf_counter() - begun, code)


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measured(against: Path | None, large: bool) -> list[dict[str, object]]:
    """A row for each command: what it costs here and there, and the ratios."""
    sides = {"here": HERE, **({"there": against} if against else {})}
    costs: dict[tuple[str, str], CommandCost] = {}
    for number, what in enumerate(asked(large)):
        print(f"  {what.name}", file=sys.stderr, flush=True)
        turns = list(sides) if number % 2 else list(reversed(sides))
        for side in (s for s in turns if s == "here" or what.both):
            costs[side, what.name] = spent(sides[side], what.arguments)
    return [_row(what, costs) for what in asked(large)]


def _row(what: CommandLine, costs: dict[tuple[str, str], CommandCost]) -> dict[str, object]:
    here, there = costs["here", what.name], costs.get(("there", what.name))
    whole, base = costs.get(("there", what.base)), costs.get(("here", what.base))
    return {
        "what": what.name,
        "here": here.cpu,
        "wall": here.wall,
        "exit": here.code,
        "there": there.cpu if there else None,
        "to the same there": here.cpu / there.cpu if there else None,
        "to the whole there": here.cpu / whole.cpu if whole else None,
        "to 8 buffers here": here.cpu / base.cpu if base else None,
    }


def shown(value: object) -> str:
    """A cell of the table."""
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
