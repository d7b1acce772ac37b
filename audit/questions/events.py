"""Is it said what comes of every event in every state?

A table of events against states: each cell is allowed, forbidden, contradictory, or nothing is said of it.
Where nothing is said and somebody waits for good or loses bytes, that is a finding, with a run of a target
that keeps every clause and comes there, if the world has room for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...counterexamples.trace import Trace
from ..audited import Audited
from ..finding import Answer, Computed, Finding, Sound
from ..harm import SEARCH, Harm, Harmful
from ..jobs import Asks, Failed, Inquiry, Job
from ..occurrences import Cell, Occurrences

DEPTH = 8
"""Steps: the longest run to such a cell that is looked for."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if audited.occurrences.events else "no table of events and states is given"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Go through the table; what its holes lead to is looked for in the model."""
    audited, table = inquiry.audited, inquiry.audited.occurrences
    holes: dict[str, list[Cell]] = {}
    for cell in table.cells:
        if cell.finding and inquiry.wants(cell.finding):
            holes.setdefault(cell.finding, []).append(cell)
    runs = {name: Job(comes, (name, inquiry.effort), name) for name in holes if name in audited.comes_to}
    done = yield list(runs.values())
    found = {name: done[job] for name, job in runs.items()}
    undecided = [f"{name}: {reason}" for name, run in found.items() if (reason := _reason(run))]
    never = {
        name: run for name, run in found.items() if isinstance(run, Harm) and not (run.trace or _reason(run))
    }
    findings = [_finding(audited, n, cells, found.get(n)) for n, cells in holes.items() if n not in never]
    out_of_reach = (
        Sound(n, f"no run of up to {run.bound.depth} steps comes there") for n, run in never.items()
    )
    return Answer(
        "events",
        len(table.events) * len(table.states),
        tuple(findings),
        (*_sound(table.cells), *out_of_reach),
        tuple(undecided),
        tuple(_unsaid(table)),
    )


def comes(audited: Audited, name: str, effort: float) -> Harm:
    """A shortest run that keeps every clause and rule, and comes to the hole *name*: a job."""
    return Harmful(audited).comes_to(audited.comes_to[name], DEPTH, effort * SEARCH)


def _reason(result: Harm | Failed) -> str:
    """Why a search was given up; empty if it was not."""
    return result.reason if isinstance(result, Failed) else result.bound.reason


def _unsaid(table: Occurrences) -> Iterator[str]:
    for event in table.events:
        states = [c.state for c in table.row(event) if c.fate == "unsaid" and not c.finding]
        if states:
            yield f"nothing is said of this event, and nobody seems to pay: {event}: {', '.join(states)}"


def _finding(audited: Audited, name: str, cells: list[Cell], run: Harm | Failed | None) -> Finding:
    rows = [
        (f"{cell.event}, {cell.state}", cell.fate, cell.says)
        for event in dict.fromkeys(cell.event for cell in cells)
        for cell in audited.occurrences.row(event)
    ]
    told = "; ".join(f"{cell.event}, {cell.state}: {cell.says}" for cell in cells)
    trace = run.trace if isinstance(run, Harm) else None
    situation: Trace | Computed = trace or Computed("What is said of it in each state:", tuple(rows))
    return Finding(name, "events", (), f"The table has a hole. {told}", situation)


def _sound(cells: tuple[Cell, ...]) -> Iterator[Sound]:
    for cell in cells:
        if cell.fate in ("allowed", "forbidden"):
            where = "; ".join(f"{p.page}, {p.heading}" for p in cell.places)
            yield Sound(f"{cell.event}, {cell.state}: {cell.says}", f"{cell.fate}: {where}")
