"""Explorations of targets that stand in a file or in this process, and what they found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chimneysweep.targets.campaign.alphabet import (
    Within,
    alphabet,
)
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.campaign.explore import Exploration
from chimneysweep.targets.chimney.interface import Factory
from chimneysweep.targets.running.branching import Edge, Moves
from chimneysweep.targets.running.direct import InProcess

HEAD = "from chimneysweep.targets.reference import Reference\n"


def explore(spec: str, **bounds: Any) -> ConformReport:
    return conform(spec, Options(explore=Within.of(bounds)))


def written(folder: Path, text: str) -> str:
    file = folder / "target.py"
    file.write_text(HEAD + text, encoding="utf-8")
    return f"{file}:{text.split('class ')[1].split('(')[0]}"


def broken(report: ConformReport) -> list[tuple[str, int]]:
    """What broke, and in a run of how many moves."""
    traces = [(t.violation.property if t.violation else "flaky", t.meta["scenario"]) for t in report.findings]
    return [(name, len(scenario["moves"])) for name, scenario in traces]  # type: ignore[index,call-overload]


def searched(factory: Factory, by_calls: bool = False, **bounds: Any) -> tuple[Exploration, set[str]]:
    """An exploration in this process, and what it found broken."""
    within, found = Within.of(bounds), set[str]()

    def hears(before: Moves, edge: Edge) -> None:
        found.update(edge.breaches)

    search = Exploration([InProcess(factory)], within, alphabet(within), 5.0, hears, lambda text: None)
    search.by_calls = by_calls
    search.run()
    return search, found
