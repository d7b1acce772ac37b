"""The table of events and states of the hand-off, and when the model comes to what it does not say."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...model.chimney.state import PENDING, World
from ...model.logic import And, Not, Or, Value
from ..occurrences import Cell, Occurrences
from ..vocabulary import Said

TABLE = Path(__file__).with_name("events.toml")


class TableError(ValueError):
    """A table that is not as it has to be: which cell, and what is wrong."""


def load(file: Path = TABLE) -> Occurrences:
    """The table as it is kept. Raises TableError."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    events, states = tuple(data["events"]), tuple(data["states"])
    cells = tuple(_cell(entry) for entry in data["cell"])
    for cell in cells:
        where = f"{file.name}: {cell.event}, {cell.state}"
        if cell.event not in events or cell.state not in states:
            raise TableError(f"{where}: there is no such row or column")
        if (cell.fate == "unsaid") == bool(cell.places) and not cell.finding:
            raise TableError(
                f"{where}: what is {cell.fate} {'cites' if cell.places else 'cites no'} sentence"
            )
    if len({(cell.event, cell.state) for cell in cells}) < len(cells):
        raise TableError(f"{file.name}: a cell is given twice")
    return Occurrences(events, states, cells)


def _cell(entry: Mapping[str, Any]) -> Cell:
    places = tuple(Said(**place) for place in entry.get("places", ()))
    return Cell(**{**entry, "places": places})


def _left_open(world: World) -> Value:
    """The end of the stream was told, all have had their time, and a receive request is still out."""
    return Or(
        *(
            And(
                world.quiet,
                world.live(conn),
                conn.ends_told > 0,
                Not(conn.peer.rst),
                Or(*(And(r.status == PENDING, r.size > r.bytes) for r in conn.requests)),
            )
            for conn in world.conns
        )
    )


COMES_TO: Mapping[str, Callable[[World], Value]] = {"events.receives-at-fin": _left_open}
