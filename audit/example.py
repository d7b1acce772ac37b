"""The specification's worked examples as data: figures, tables and numbered steps, in our words.

An example of a ``*.toml`` gives the circumstances, names the replay that computes them on
the model, and lists what the text or the figure has, line by line. A line that the
computation does not confirm belongs to a finding.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

BY = ("text", "figure")
_EXAMPLE = {"id", "replay", "says", "page", "heading", "given", "line"}
_LINE = {"what", "by", "stated", "about"}


class ExampleError(ValueError):
    """An example that is not as it has to be: which file, which example, and what is wrong."""


@dataclasses.dataclass(frozen=True)
class ExampleLine:
    """One thing that the text or the figure has.

    ``about`` is the computed value that it should equal; ``finding`` is the id of what
    is found if it does not.
    """

    what: str
    by: str
    stated: str
    about: str
    finding: str


@dataclasses.dataclass(frozen=True)
class Example:
    """One worked example, the circumstances that it gives, and its lines."""

    id: str
    replay: str
    says: str
    page: str
    heading: str
    figure: str
    given: Mapping[str, Any]
    clauses: tuple[str, ...]
    lines: tuple[ExampleLine, ...]


def load(folder: Path) -> tuple[Example, ...]:
    """Every example in *folder*. Raises ExampleError on the first that is wrong."""
    found = tuple(example for path in sorted(folder.glob("*.toml")) for example in _file(path))
    ids = [example.id for example in found]
    for name in ids:
        if ids.count(name) > 1:
            raise ExampleError(f"{name}: two examples have this id")
    return found


def _file(path: Path) -> Iterator[Example]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ExampleError(f"{path.name}: not TOML: {error}") from error
    for number, record in enumerate(data.get("example", []), 1):
        yield _example(f"{path.name}, {record.get('id', f'example {number}')}", record)


def _example(where: str, record: Mapping[str, Any]) -> Example:
    wrong = [f"{key} is missing" for key in sorted(_EXAMPLE - set(record))]
    extra = set(record) - _EXAMPLE - {"figure", "clauses"}
    wrong += [f"{key} is no part of an example" for key in sorted(extra)]
    if wrong:
        raise ExampleError(f"{where}: {'; '.join(wrong)}")
    if not str(record["id"]).startswith("examples."):
        raise ExampleError(f"{where}: an example's id starts with examples.")
    lines = tuple(_line(where, record["id"], line) for line in record["line"])
    texts = {key: record[key] for key in ("id", "replay", "says", "page", "heading", "given")}
    clauses = tuple(record.get("clauses", ()))
    return Example(figure=record.get("figure", ""), clauses=clauses, lines=lines, **texts)


def _line(where: str, example: str, line: Mapping[str, str]) -> ExampleLine:
    if not _LINE <= set(line) <= {*_LINE, "finding"}:
        raise ExampleError(f"{where}: a line has {', '.join(sorted(_LINE))} and may have finding")
    if line["by"] not in BY:
        raise ExampleError(f"{where}: a line is by text or by figure, not {line['by']!r}")
    return ExampleLine(finding=line.get("finding", example), **{key: line[key] for key in _LINE})
