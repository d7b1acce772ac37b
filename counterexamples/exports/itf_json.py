"""ITF, the trace format of Apalache and Quint: every state, the action that led there, and what it picked."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from ...version import __version__
from ..harmless import printable
from ..story import headline
from ..trace import Trace
from .registry import library
from .state_tree import identifiers, nested, paths, states

ACTION, PICKS = "action", "picks"
"""The variables that say which action led to a state ("init": none) and with which values."""
DESCRIPTION = "https://apalache-mc.org/docs/adr/015adr-trace.html"


def export(trace: Trace) -> str:
    """The trace in ITF; integers are ``{"#bigint": "..."}``. Raises CannotExport without the library."""
    itf = library("itf_py", "ITF")
    values = states(trace)
    places = paths(values[0])
    roots = dict.fromkeys(str(place[0]) for place in places.values())
    own = identifiers((ACTION, PICKS), roots)
    made: list[tuple[str, dict[str, Any]]] = [("init", {})]
    made += [(printable(step.action), _picks(dict(step.parameters))) for step in trace.steps]
    found = []
    for number, (state, (action, picks)) in enumerate(zip(values, made, strict=True)):
        variables = {**nested(state, places), own[ACTION]: action, own[PICKS]: picks}
        found.append(
            itf.State({"index": number}, {name: _record(value) for name, value in variables.items()})
        )
    meta = {
        "format": "ITF",
        "format-description": DESCRIPTION,
        "source": f"chimneysweep {__version__}",
        "description": printable(headline(trace)),
    }
    data = itf.trace_to_json(itf.Trace(meta, [], [*roots, *own.values()], found, None))
    del data["loop"]  # the trace ends
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def _picks(parameters: dict[str, Any]) -> dict[str, Any]:
    names = identifiers(parameters)
    return {names[name]: _plain(value) for name, value in parameters.items()}


def _plain(value: Any) -> Any:
    """A parameter: a number or a truth value as it is, anything else in words."""
    return value if isinstance(value, int) else printable(str(value))


def _record(value: Any) -> Any:
    """What the library writes as a record is an object, and not a dict."""
    if isinstance(value, dict):
        return SimpleNamespace(**{name: _record(item) for name, item in value.items()})
    return [_record(item) for item in value] if isinstance(value, list) else value
