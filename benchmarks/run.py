"""What the choices of encoding and engine are worth, measured on the real model.

    python benchmarks/run.py [--quick] [--limit SECONDS] [--json FILE] [--only TABLE ...]

Without --only: the tables about engines. The others: seeded (how fast seeded designs are refuted), minimise
(by how much findings shrink, in how many runs), miniports (what buggy C drivers cost to be found), alone
(every bug by search alone), throughput (driver calls a second), explore (states and driver calls a second of
`conform --explore`, beside SPIN), isolation (runs a second, judged from outside and in one process), workers
(by two and by one), soak (a million calls under the sanitizers), mutants (how many one-line mutants of the C
reference conform finds; needs the extra "bench"), design-mutants (how many changes of the reference design
are found), proofs (what `check` costs; --large: 32 buffers, too); proofs and seeded in turns with --against.

Numbers to compare come from one run. Times are processor seconds of the engine, unless the table says
otherwise; `> 60 s`: the limit ran out, `-`: a smaller instance had run out before.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import alone
import design_mutants
import mutants
import z3
from cells import CellTime, Reading, measure
from exploration import SEEDED, compared, searched
from isolation import measured as outside
from minimised import Minimised, minimised, rows, targets
from miniports import measured as buggy
from profile_check import profile
from proofs import measured, shown
from seeded import in_both, refuted
from soak import soak
from throughput import PARTS, in_child
from workers import measured as two_workers

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import world_size

NOT_TRIED = Reading(None, "not tried")
ENCODINGS = (("integers", False), ("bit-vectors", True))


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to measure."""

    limit: float
    buffers: Sequence[int]
    sends: Sequence[int]
    check: Bounds
    rounds: int
    calls: int
    mutants: int
    runs: int = 300
    against: Path | None = None
    large: bool = False
    journal: Path | None = None
    seed: int = mutants.SEED
    again: int | None = None

    @staticmethod
    def make(quick: bool, limit: float | None) -> Plan:
        """The whole of it, or what takes less than two minutes."""
        if quick:
            return Plan(limit or 4.0, (1, 4), (0, 1), world_size(1, 2, 1, 1), 5, 20_000, 60, 60)
        return Plan(limit or 60.0, (1, 2, 4, 8, 16), (0, 1, 2, 3, 4), world_size(), 25, 1_000_000, 1200)


@dataclasses.dataclass
class Readings:
    """Rows of readings under a heading."""

    title: str
    corner: str
    columns: list[str]
    rows: dict[str, list[Reading]] = dataclasses.field(default_factory=dict)
    bases: dict[str, str] = dataclasses.field(default_factory=dict)

    def add(self, name: str, cells: Sequence[CellTime], limit: float, base: str = "") -> None:
        """Measure a row from left to right; what follows a cell that ran out is not tried.

        *base* names the row that this one is compared with.
        """
        readings: list[Reading] = []
        for column, cell in zip(self.columns, cells, strict=True):
            lost = bool(readings) and readings[-1].seconds is None
            reading = NOT_TRIED if lost else measure(cell, limit)
            if not lost:
                say(f"  {name}, {column}: {reading.show(limit)} {reading.answer}")
            readings.append(reading)
        self.rows[name] = readings
        self.bases[name] = base

    def show(self, limit: float) -> str:
        """The table as text, with the ratio to the row that each is compared with."""
        lines = [[self.corner, *self.columns]]
        for name, readings in self.rows.items():
            base = self.rows.get(self.bases[name], [NOT_TRIED] * len(readings))
            lines.append([name, *(_entry(r, b, limit) for r, b in zip(readings, base, strict=True))])
        return f"{self.title}\n\n{grid(lines)}\n"

    def data(self) -> dict[str, Any]:
        """The table for a program."""
        rows = {name: [dataclasses.asdict(r) for r in readings] for name, readings in self.rows.items()}
        return {"title": self.title, "columns": self.columns, "rows": rows}


def _entry(reading: Reading, base: Reading, limit: float) -> str:
    if reading is NOT_TRIED:
        return "-"
    if reading.seconds is None and reading.answer != "out of time":
        return reading.answer[:30]
    text = reading.show(limit)
    if reading is base or not reading.seconds or not base.seconds:
        return text
    return f"{text} (x{reading.seconds / base.seconds:.1f})"


def grid(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as a Markdown table."""
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    shown = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    shown.insert(1, "| " + " | ".join("-" * w for w in widths) + " |")
    return "\n".join(shown)


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def depths(plan: Plan) -> Readings:
    """Bounded model checking, deeper and deeper, in both encodings."""
    title = "Bounded search for a hand-off that wraps around after n sends (8 buffers, 1 connection)"
    table = Readings(title, "encoding", [f"n={n}" for n in plan.sends])
    for name, bits in ENCODINGS:
        table.add(name, [CellTime("bmc", 8, bits, sends=n) for n in plan.sends], plan.limit, "integers")
    for k, reading in enumerate(next(iter(table.rows.values()))):
        table.columns[k] += f", {reading.answer}" if reading.seconds is not None else ""
    return table


def sizes(plan: Plan) -> Readings:
    """Each engine in both encodings, on more and more buffers."""
    title = "Engines by number of buffers (1 connection; 3 blocks, for Spacer 1 block and one clause)"
    table = Readings(title, "engine", [str(n) for n in plan.buffers])
    kinds: tuple[tuple[str, Callable[[int, bool], CellTime]], ...] = (
        ("induction, all properties", lambda n, bits: CellTime("induction", n, bits)),
        ("bounded, 1 completed send", lambda n, bits: CellTime("bmc", n, bits, sends=1)),
        ("Spacer, one clause", lambda n, bits: CellTime("spacer", n, bits, blocks=1)),
    )
    for name, make in kinds:
        for encoding, bits in ENCODINGS:
            cells = [make(n, bits) for n in plan.buffers]
            table.add(f"{name}, {encoding}", cells, plan.limit, f"{name}, integers")
    name = "induction, claim by claim, integers"
    cells = [CellTime("induction", n, one_by_one=True) for n in plan.buffers]
    table.add(name, cells, plan.limit, "induction, all properties, integers")
    return table


def prunings(plan: Plan) -> Readings:
    """What pruning and preprocessing are worth to the bounded search."""
    size = {"blocks": 8, "connections": 2, "requests": 2}
    title = "The same search with and without its aids (8 buffers, 2 connections, 8 blocks)"
    table = Readings(title, "aids", [f"n={n}" for n in plan.sends])
    for name, pruning, preprocessing in (
        ("both", True, True),
        ("no pruning", False, True),
        ("no preprocessing", True, False),
        ("neither", False, False),
    ):
        aids = {"pruning": pruning, "preprocessing": preprocessing}
        table.add(name, [CellTime("bmc", 8, sends=n, **aids, **size) for n in plan.sends], plan.limit, "both")
    return table


TABLES = {"depth": depths, "size": sizes, "aids": prunings}


def checked(plan: Plan) -> tuple[str, dict[str, Any]]:
    """Where the time of a whole check goes, as text and as data."""
    say("  a whole check")
    found = profile(plan.check, plan.limit)
    lines = [["task", "jobs", "worker seconds"]]
    lines += [[task, str(jobs), f"{seconds:.2f}"] for task, (jobs, seconds) in found.tasks.items()]
    dear = [["costliest job", "seconds"], *([name, f"{seconds:.2f}"] for name, seconds in found.costliest)]
    title = f"A check of the reference takes {found.seconds:.1f} s on 2 workers ({found.bounds.show()})"
    return f"{title}\n\n{grid(lines)}\n\n{grid(dear)}\n", dataclasses.asdict(found)


def seeded(plan: Plan) -> tuple[str, dict[str, Any]]:
    """How long the seeded designs take, as text and as data."""
    say("  every seeded design")
    if plan.against:
        return _ratios("What refuting a seeded design costs, in processor seconds", in_both(plan.against))
    found = refuted(plan.check, plan.limit)
    slowest = sorted(found.seconds.items(), key=lambda pair: -pair[1])[:5]
    lines = [["slowest", "seconds"], *([name, f"{seconds:.2f}"] for name, seconds in slowest)]
    missed = f"; not refuted: {', '.join(found.missed)}" if found.missed else ""
    title = (
        f"{len(found.seconds) - len(found.missed)} of {len(found.seconds)} seeded designs refuted, "
        f"median {found.median:.2f} s, wall time ({found.bounds.show()}){missed}"
    )
    return f"{title}\n\n{grid(lines)}\n", dataclasses.asdict(found)


EXPLORED = 5
"""Moves of the runs of a search, where there is little time."""
RUNS = 300
"""Random scenarios of a round of calls."""


def throughput(plan: Plan) -> tuple[str, dict[str, Any]]:
    """How many calls of and by the reference miniport in C are judged in a second, as text and as data."""
    lines = [["", "plain build", "with sanitizers"]]
    found = []
    for sanitize in (False, True):
        say(f"  {lines[0][1 + sanitize]}")
        found.append(in_child(sanitize, RUNS, plan.rounds))
    rows = (
        ("calls of entry points in a round", lambda m: f"{m.entries}"),
        ("calls that the driver made", lambda m: f"{m.callbacks}"),
        ("driver calls a second, all clauses judged", lambda m: f"{m.calls / m.judged:,.0f}"),
        ("driver calls a second, bare loop", lambda m: f"{m.calls / m.bare:,.0f}"),
        ("ratio", lambda m: f"{m.judged / m.bare:.1f}"),
        *((f"time: {says}", lambda m, part=part: f"{m.shares[part]:.0%}") for part, says in PARTS.items()),
    )
    lines += [[says, *(show(m) for m in found)] for says, show in rows]
    more, search = searched(EXPLORED if plan.limit < 10 else 8)
    lines += [[*line, ""] for line in more]
    title = (
        f"The reference miniport in C, {found[0].scenarios} random scenarios a round, best of {plan.rounds} "
        f"rounds in processor seconds; {found[0].reached} properties had something to say"
    )
    return f"{title}\n\n{grid(lines)}\n", {"plain": found[0].data(), "sanitized": found[1].data(), **search}


def explored(plan: Plan) -> tuple[str, dict[str, Any]]:
    """How fast states of the reference miniport in C are searched, as text and as data."""
    found = compared(EXPLORED if plan.limit < 10 else 8)
    lines = [["", "states", "transitions", "seconds", "states/s", "driver calls/s"]]
    lines += [row.cells() for row in found.rows]
    title = (
        f"Every run of the reference miniport of up to {found.moves} moves; a bare loop makes "
        f"{found.bare:,.0f} of the same calls a second, {found.ratio:.1f} times as many"
    )
    caught = f"{found.seeded - len(found.missed)} of {found.seeded} buggy miniports are found"
    not_so = f"; not: {', '.join(found.missed)}" if found.missed else ""
    lacks = f"\n{found.lacks}\n" * bool(found.lacks)
    lacks += f"\n{caught} by runs of {SEEDED} moves of every kind{not_so}\n"
    return f"{title}\n\n{grid(lines)}\n{lacks}", dataclasses.asdict(found)


def isolation(plan: Plan) -> tuple[str, dict[str, Any]]:
    """What it costs that a target is judged from outside, as text and as data."""
    found = outside(RUNS, plan.rounds)
    lines = [["runs a second", "in this process", "from outside", "ratio", "as a long search plays"]]
    lines += [
        [c.target, f"{c.inside:.0f}", f"{c.outside:.0f}", f"{c.ratio:.2f}", f"{c.search:.0f}"] for c in found
    ]
    title = f"{RUNS} random scenarios a round, best of {plan.rounds} rounds, no sanitizers"
    return f"{title}\n\n{grid(lines)}\n", {"rows": [dataclasses.asdict(cost) for cost in found]}


def workers(plan: Plan) -> tuple[str, dict[str, Any]]:
    """What a second worker is worth, as text and as data."""
    found = list(two_workers(RUNS, plan.rounds, EXPLORED if plan.limit < 10 else 8, say))
    lines = [["a second", "one worker", "two workers", "ratio", "asks"]]
    lines += [[r.says, f"{r.one:.0f}", f"{r.two:.0f}", f"{r.ratio:.2f}", f"{r.asks:.0%}"] for r in found]
    title = f"{RUNS} random scenarios a round, the best of some rounds in turns, no sanitizers"
    return f"{title}\n\n{grid(lines)}\n", {"rows": [dataclasses.asdict(rates) for rates in found]}


def soaked(plan: Plan) -> tuple[str, dict[str, Any]]:
    """A long run of the reference miniport, as text and as data."""
    say(f"  {plan.calls:,} calls of entry points")
    found = soak(plan.calls)
    lines = [["the reference miniport", found.played]]
    lines += [[name.replace("_", " "), str(value)] for name, value in found.rows().items()]
    return f"A long run, random scenarios (seed {found.seed})\n\n{grid(lines)}\n", dataclasses.asdict(found)


def miniports(plan: Plan) -> tuple[str, dict[str, Any]]:
    """What buggy C drivers cost to be found, as text and as data."""
    rows, data = buggy(say)
    return f"Buggy C drivers, processor seconds: compiled, found, told\n\n{grid(rows)}\n", data


def found_alone(plan: Plan) -> tuple[str, dict[str, Any]]:
    """What every bug of the manifest takes by search alone, as text and as data."""
    tables, data = alone.measured(say, alone.TablePart.whole(plan.seed), plan.journal)
    return "\n\n".join(map(grid, tables)), data


def mutated(plan: Plan) -> tuple[str, dict[str, Any]]:
    """How many mutants of the C reference conform finds, as text and as data."""
    return mutants.measured(plan.mutants, say, plan.journal, plan.seed, plan.again)


def redesigned(plan: Plan) -> tuple[str, dict[str, Any]]:
    """How many changes of the reference design the properties find, as text and as data."""
    return design_mutants.measured(plan.mutants, say, plan.journal)


def proofs(plan: Plan) -> tuple[str, dict[str, Any]]:
    """What proofs cost in processor seconds, beside another checkout, as text and as data."""
    title = "What `chimneysweep check -q` costs, in processor seconds of all its processes"
    return _ratios(title, measured(plan.against, plan.large))


def _ratios(title: str, rows: list[dict[str, object]]) -> tuple[str, dict[str, Any]]:
    lines = [list(rows[0]), *([shown(value) for value in row.values()] for row in rows)]
    return f"{title}\n\n{grid(lines)}\n", {"rows": rows}


def smaller(plan: Plan) -> tuple[str, dict[str, Any]]:
    """By how much findings shrink, as text and as data."""
    found: list[Minimised] = []
    for name in targets():
        say(f"  {name}")
        found += minimised(name, plan.runs)
    longest = max(f.seconds for f in found)
    before, after = (sum(f.moves[k] for f in found) for k in (0, 1))
    title = (
        f"{len(found)} findings of the search made small: {before} moves are {after}, "
        f"at most {max(f.runs for f in found)} runs and {longest:.1f} s each"
    )
    return f"{title}\n\n{grid(rows(found))}\n", {"findings": [dataclasses.asdict(f) for f in found]}


WHOLE = {
    "check": checked,
    "proofs": proofs,
    "miniports": miniports,
    "alone": found_alone,
    "minimise": smaller,
    "seeded": seeded,
    "throughput": throughput,
    "explore": explored,
    "isolation": isolation,
    "workers": workers,
    "soak": soaked,
    "mutants": mutated,
    "design-mutants": redesigned,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the small instances, in less than two minutes")
    parser.add_argument("--limit", type=float, metavar="SECONDS", help="of each cell (default 60, quick 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    parser.add_argument("--only", nargs="+", choices=(*TABLES, *WHOLE), default=(*TABLES, "check"))
    parser.add_argument("--against", type=Path, metavar="DIR", help="a checkout to compare with")
    parser.add_argument("--large", action="store_true", help="proofs: 32 buffers, too")
    parser.add_argument("--mutants", type=int, metavar="N", help="so many mutants (0: all)")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the text there, too")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="mutants, alone: go on where it ended")
    parser.add_argument(
        "--seed", type=int, default=mutants.SEED, help="of the draw; alone: the first of three"
    )
    parser.add_argument("--again", type=int, metavar="N", help="mutants: what survived, and N others, again")
    options = parser.parse_args(arguments)
    plan = Plan.make(options.quick, options.limit)
    given = {name: getattr(options, name) for name in ("against", "large", "journal", "seed", "again")}
    plan = dataclasses.replace(plan, **given)
    if options.mutants is not None:
        plan = dataclasses.replace(plan, mutants=options.mutants)
    machine = f"z3 {z3.get_version_string()}, Python {platform.python_version()}, {platform.machine()}"
    result: dict[str, Any] = {"limit": plan.limit, "machine": machine}
    print(f"{machine}; limit {plan.limit:g} s a cell\n")
    for name in options.only:
        say(name)
        if name in WHOLE:
            text, result[name] = WHOLE[name](plan)
        else:
            table = TABLES[name](plan)
            text, result[name] = table.show(plan.limit), table.data()
        print(text, flush=True)
        if options.page:
            options.page.write_text(text, encoding="utf-8")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
