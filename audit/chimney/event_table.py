"""The table of events and states of the hand-off, and when the model comes to what it does not say."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...model.chimney.state import PENDING, SUCCESS, Connection, World
from ...model.logic import And, Not, Or, Value
from ..occurrences import Gap, Occurrences, Ruling
from ..vocabulary import Said

TABLE = Path(__file__).with_name("events.toml")
ANY = "any"


class TableError(ValueError):
    """A table that is not as it has to be: which sentence or cell, and what is wrong."""


def load(file: Path = TABLE) -> Occurrences:
    """The table as it is kept. Raises TableError."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    axes = {name: tuple(values) for name, values in data["axes"].items()}
    groups = data.get("groups", {})
    rulings = tuple(Ruling(**_spoken(entry, axes, groups)) for entry in data.get("sentence", ()))
    gaps = tuple(Gap(**_spoken(entry, axes, groups)) for entry in data.get("gap", ()))
    usual = tuple(data.get("usual", ()))
    table = Occurrences(tuple(data["events"]), tuple(axes.values()), rulings, gaps, usual)
    wrong = list(table.wrong())
    if wrong:
        raise TableError(f"{file.name}: " + "; ".join(wrong[:5]))
    return table


def _spoken(
    entry: Mapping[str, Any], axes: Mapping[str, tuple[str, ...]], groups: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    where = tuple(tuple(_values(entry.get(axis, [ANY]), axes[axis], groups)) for axis in axes)
    rest = {key: value for key, value in entry.items() if key not in axes}
    if "places" in rest:
        rest["places"] = tuple(Said(**place) for place in rest["places"])
    return rest | {"events": tuple(_values(entry["events"], (), groups)), "where": where}


def _values(named: Sequence[str], every: Sequence[str], groups: Mapping[str, Sequence[str]]) -> list[str]:
    """The values that are named, singly, as a group, or as any."""
    return [value for name in named for value in (every if name == ANY else groups.get(name, [name]))]


def _some(holds: Callable[[World, Connection], Value]) -> Callable[[World], Value]:
    return lambda world: Or(*(holds(world, conn) for conn in world.conns))


def _at_rest(world: World, conn: Connection) -> Value:
    return And(world.quiescent, world.live(conn), Not(conn.peer.rst))


def _aborted(world: World, conn: Connection) -> Value:
    return And(_at_rest(world, conn), conn.peer.abandoned, conn.peer.reset, conn.abort == SUCCESS)


def _request_out(conn: Connection) -> Value:
    return Or(*(And(r.status == PENDING, r.size > r.bytes) for r in conn.requests))


COMES_TO: Mapping[str, Callable[[World], Value]] = {
    "events.receives-at-fin": _some(
        lambda world, conn: And(_at_rest(world, conn), conn.ends_told > 0, _request_out(conn))
    ),
    "events.terminate-inside-indication": _some(
        lambda world, conn: And(world.ending(conn), conn.event, conn.retrieves_told > 0)
    ),
    "events.receives-at-abort": _some(lambda world, conn: And(_aborted(world, conn), _request_out(conn))),
    "events.disconnect-at-abort": _some(
        lambda world, conn: And(_aborted(world, conn), conn.disconnect == PENDING)
    ),
}
"""When what is not said has come about: all have had their time, and something is still out."""
