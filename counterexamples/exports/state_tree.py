"""The states of a trace as other tools have them: records and sequences, by names that any of them takes."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..trace import Scalar, Trace

_PATH = re.compile(r"[a-z]\w*(?:\[\d+\])*(?:\.[a-z]\w*(?:\[\d+\])*)*", re.ASCII | re.IGNORECASE)
_PART = re.compile(r"\[(\d+)\]|(\w+)", re.ASCII)
Path = tuple[str | int, ...]
"""Where a variable stands: ``conns[0].peer.sent`` is ("conns", 0, "peer", "sent")."""
RESERVED = frozenset(("Nat", "Int", "Seq", "Len", "Head", "Tail", "Append", "SubSeq", "SelectSeq"))
"""What the modules of TLA+ that are used define; its own words are in capitals."""


def states(trace: Trace) -> list[dict[str, Scalar]]:
    """The values before the first step and after each, by the names of the variables."""
    now = dict(trace.initial)
    for step in trace.steps:
        now |= {name: old for name, (old, _) in step.changes.items() if name not in now}
    found = [dict(now)]
    for step in trace.steps:
        now |= {name: new for name, (_, new) in step.changes.items()}
        found.append(dict(now))
    return found


def identifiers(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """An identifier for each name, itself if it is one, and no two alike, nor one that is *taken*."""
    used = {*taken, *RESERVED, *keyword.kwlist}
    found = {}
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_")[:60]
        plain = plain if plain[:1].isalpha() else f"x{plain}"
        plain = plain.lower() if plain.isupper() else plain
        number, own = 1, plain
        while own in used:
            number += 1
            own = f"{plain}_{number}"
        used.add(own)
        found[name] = own
    return found


def paths(names: Iterable[str]) -> dict[str, Path]:
    """Where each variable stands; all of them flat, by identifiers, if they do not fit together."""
    names = list(names)
    found: dict[str, Path] = {}
    for name in names:
        if not _PATH.fullmatch(name):
            break
        found[name] = tuple(int(i) if i else word for i, word in _PART.findall(name))
    whole = len(found) == len(names) and fits(found.values())
    return found if whole else {name: (own,) for name, own in identifiers(names).items()}


def fits(places: Iterable[Path]) -> bool:
    """Whether the places make up records and sequences without gaps, by names that are free everywhere."""
    words: dict[Any, Any] = {}
    for place in places:
        at = words
        for part in place[:-1]:
            at = at.setdefault(part, {})
            if at is None:
                return False
        if place[-1] in at:
            return False
        at[place[-1]] = None
    return _sound(words)


def _sound(words: Mapping[Any, Any]) -> bool:
    numbers = [part for part in words if isinstance(part, int)]
    named = [part for part in words if isinstance(part, str)]
    if numbers and (named or sorted(numbers) != list(range(len(numbers)))):
        return False
    if any(name in RESERVED or name.isupper() or keyword.iskeyword(name) for name in named):
        return False
    return all(below is None or _sound(below) for below in words.values())


def nested(values: Mapping[str, Scalar], places: Mapping[str, Path]) -> dict[str, Any]:
    """A state as dicts and lists with numbers and truth values in them."""
    whole: dict[Any, Any] = {}
    for name, value in values.items():
        at = whole
        for part in places[name][:-1]:
            at = at.setdefault(part, {})
        at[places[name][-1]] = value
    return {name: _lists(value) for name, value in whole.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(isinstance(part, int) for part in value):
        return [_lists(value[number]) for number in sorted(value)]
    return {name: _lists(item) for name, item in value.items()}
