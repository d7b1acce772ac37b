"""A test for pytest that keeps a finding: it fails while the rule is broken, and passes once it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..harmless import printable
from ..short import short
from ..storage import to_json
from ..story import headline
from ..trace import Trace
from .state_tree import identifiers

WIDTH = 100
"""Columns of the story."""


def export(trace: Trace) -> str:
    """The module. It runs the trace again where it came from, whatever that is."""
    return "".join(f"{line}\n" for line in _module(trace))


def _module(trace: Trace) -> Iterator[str]:
    broken = trace.violation
    rule = broken.property if broken else str(trace.meta.get("property", "witness"))
    yield f'"""Kept by chimneysweep: {_quoted(headline(trace))}.'
    yield ""
    yield "It fails while what the trace shows happens again, and passes once nothing breaks any more."
    yield '"""'
    yield ""
    yield "import chimneysweep"
    yield ""
    yield from (f"# {printable(line.text).rstrip()}".rstrip() for line in short(trace, WIDTH - 2))
    yield ""
    yield "TRACE = r'''"
    yield from _json(to_json(trace))
    yield "'''"
    yield ""
    yield ""
    yield f"def test_{identifiers([rule])[rule].lower()}() -> None:"
    yield f'    """{_quoted(broken.says if broken else "A run that breaks nothing.")}"""'
    yield "    again = chimneysweep.replay(TRACE, origin=__file__)"
    yield f"    assert again.{'fixed' if broken else 'ok'}, again.message"


def _quoted(text: str) -> str:
    """Text in a docstring, in one line."""
    return printable(text).replace("\\", "/").replace('"', "'")


def _json(data: dict[str, Any]) -> Iterator[str]:
    """JSON a step a line, in which nothing ends a raw string of Python's."""
    for number, (name, value) in enumerate(data.items()):
        head = f"{' ' if number else '{'}{_dumps(name)}: "
        tail = "," if number + 1 < len(data) else "}"
        if isinstance(value, list) and value:
            yield f"{head}["
            yield from (f"  {_dumps(item)}{',' if k < len(value) else ''}" for k, item in enumerate(value, 1))
            yield f" ]{tail}"
        else:
            yield f"{head}{_dumps(value)}{tail}"


def _dumps(value: Any) -> str:
    return json.dumps(value, allow_nan=False).replace("'", "\\u0027")
