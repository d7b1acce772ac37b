"""The scenarios that come along, and what is known of each goal: data, one line for each.

``chimneysweep scenarios --write`` writes the file; nobody else does.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from ...model.chimney.shapes import Offload
from ..chimney.move_kinds import Move
from ..chimney.scenario import Scenario, from_json

FILE = "model.json"

REASONS = {
    "model": "no run of the model reaches it: searched to the depth that the file names",
    "undecided": "the search of the model ran out of time",
    "inside": "it names a step inside the target, which nobody else sees",
    "host": "none was found: after the hand-off the checker's host acts in one order, the target only then",
    "reset": "none was found: after an RST the checker gives the target time at once, and it acts next",
    "target": "none was found: the second step is the target's choice, and the reference takes it elsewhere",
    "none": "none was found that shows it on the reference target",
}
"""Why no scenario reaches a goal."""


@dataclasses.dataclass(frozen=True)
class Known:
    """What is known of a goal: the length of a shortest run of the model, and the scenario or the reason."""

    steps: int | None
    scenario: str = ""
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Stored:
    """The scenarios by name, in the order of play; the goals by id."""

    depth: int
    scenarios: Mapping[str, Scenario]
    goals: Mapping[str, Known]


def load() -> Stored:
    """What the file holds."""
    return loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))


def loads(text: str) -> Stored:
    """The same from a text. Raises ValueError if it is not one that :func:`dumps` wrote."""
    try:
        data = json.loads(text)
        scenarios = {name: _read(rows) for name, rows in data["scenarios"].items()}
        goals = {name: Known(*row) for name, row in data["goals"].items()}
        return Stored(data["depth"], scenarios, goals)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no stored scenarios: {error}") from error


def dumps(stored: Stored) -> str:
    """The text of the file: a line for each scenario and each goal."""
    scenarios = (_line(name, _write(s)) for name, s in stored.scenarios.items())
    goals = (_line(name, list(dataclasses.astuple(known))) for name, known in stored.goals.items())
    return (
        f'{{"depth": {stored.depth},\n"scenarios": {{\n'
        + ",\n".join(scenarios)
        + '\n},\n"goals": {\n'
        + ",\n".join(goals)
        + "\n}}\n"
    )


def _line(name: str, value: Any) -> str:
    return f"{json.dumps(name)}: {json.dumps(value)}"


def _write(scenario: Scenario) -> list[Any]:
    """Shape, connections, moves; what is as usual is left out."""
    offloads = [dataclasses.astuple(o) for o in scenario.offloads]
    return [scenario.shape, offloads, [_short(m) for m in scenario.moves]]


def _short(move: Move) -> list[Any]:
    row: list[Any] = [move.kind, move.conn, move.n, move.m, [_short(m) for m in move.then]]
    blank: list[Any] = ["", 0, 0, 0, []]
    while row[-1] == blank[len(row) - 1]:
        row.pop()
    return row


def _read(rows: list[Any]) -> Scenario:
    shape, offloads, moves = rows
    names = [field.name for field in dataclasses.fields(Offload)]
    data = [dict(zip(names, row, strict=True)) for row in offloads]
    return from_json({"shape": shape, "offloads": data, "moves": list(_long(moves))})


def _long(rows: list[list[Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        move = dict(zip(("kind", "conn", "n", "m", "then"), row, strict=False))
        yield {**move, "then": list(_long(move.get("then", [])))}
