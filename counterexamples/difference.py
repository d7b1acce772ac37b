"""How two traces differ: what they are of, how they begin, step by step, how they end, and what broke.

The steps are put side by side as ``diff`` does with lines. What a trace was made with (seed, versions) is
no difference, nor is the number of a line of source whose text has only moved.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from .story import drawn, source
from .trace import Broken, Step, Trace
from .words import Words

ABSENT = "(not there)"


@dataclasses.dataclass(frozen=True)
class Point:
    """One thing that differs: what it is, and how it is in each trace, in words."""

    what: str
    a: str
    b: str


@dataclasses.dataclass(frozen=True)
class Beside:
    """A step of one trace beside that of the other: their numbers from 1, None where there is none."""

    a: int | None
    b: int | None
    says: str
    points: tuple[Point, ...] = ()

    @property
    def alike(self) -> bool:
        """Whether both traces have it, and it is the same in both."""
        return self.a is not None and self.b is not None and not self.points


@dataclasses.dataclass(frozen=True)
class Difference:
    """Everything that differs; ``steps`` has those that are alike, too."""

    head: tuple[Point, ...]
    start: tuple[Point, ...]
    steps: tuple[Beside, ...]
    end: tuple[Point, ...]
    broken: tuple[Point, ...]

    @property
    def same(self) -> bool:
        """Whether the same happens in both."""
        differences = (self.head, self.start, self.end, self.broken)
        return not any(differences) and all(step.alike for step in self.steps)


def difference(a: Trace, b: Trace) -> Difference:
    """How *b* differs from *a*."""
    words = drawn(a, 80)[0].words
    return Difference(
        tuple(_points(_head(a), _head(b))),
        tuple(_values(a.initial, b.initial, words)),
        tuple(_steps(a, b, words)),
        tuple(_values(_last(a), _last(b), words)),
        tuple(_points(_broken(a, words), _broken(b, words))),
    )


def _points(a: Mapping[str, str], b: Mapping[str, str]) -> Iterator[Point]:
    for what in dict.fromkeys([*a, *b]):
        if a.get(what) != b.get(what):
            yield Point(what, a.get(what, ABSENT), b.get(what, ABSENT))


def _head(trace: Trace) -> dict[str, str]:
    violation = trace.violation
    return {
        "subject": trace.subject.name,
        "parts": ", ".join(trace.subject.parts),
        "source": trace.source,
        "target": trace.target,
        "world": ", ".join(f"{name} {size}" for name, size in trace.bounds.items()),
        "rule": violation.property if violation else "nothing is broken",
        "demanded": violation.says if violation else "",
        "said in": source(violation) if violation else "",
    }


def _values(
    a: Mapping[str, Any], b: Mapping[str, Any], words: Words, absent: str = ABSENT
) -> Iterator[Point]:
    """The variables whose values differ, one that lacks one having *absent*; 1 is not True."""
    for name in dict.fromkeys([*a, *b]):
        left, right = a.get(name), b.get(name)
        if (left, type(left)) != (right, type(right)):
            shown = [absent if value is None else words.value(name, value) for value in (left, right)]
            yield Point(words.name(name), shown[0], shown[1])


def _last(trace: Trace) -> dict[str, Any]:
    """The values at the end of a trace."""
    now = dict(trace.initial)
    for step in trace.steps:
        now.update({name: new for name, (_, new) in step.changes.items()})
    return now


def _steps(a: Trace, b: Trace, words: Words) -> Iterator[Beside]:
    left, right = ([_key(step) for step in trace.steps] for trace in (a, b))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for _, a0, a1, b0, b1 in matcher.get_opcodes():
        while a0 < a1 and b0 < b1 and a.steps[a0].action == b.steps[b0].action:
            points = tuple(_within(a.steps[a0], b.steps[b0], words))
            yield Beside(a0 + 1, b0 + 1, _says(a.steps[a0]), points)
            a0, b0 = a0 + 1, b0 + 1
        yield from (Beside(k + 1, None, _says(a.steps[k])) for k in range(a0, a1))
        yield from (Beside(None, k + 1, _says(b.steps[k])) for k in range(b0, b1))


def _key(step: Step) -> tuple[str, str]:
    return step.action, repr(sorted(step.parameters.items()))


def _says(step: Step) -> str:
    return step.says or step.action


def _within(a: Step, b: Step, words: Words) -> Iterator[Point]:
    """What differs within a step that both traces have."""
    shown = [{name: str(value) for name, value in step.parameters.items()} for step in (a, b)]
    yield from _points(shown[0], shown[1])
    new = [{name: value for name, (_, value) in step.changes.items()} for step in (a, b)]
    yield from _values(new[0], new[1], words, "does not change")
    yield from _points(_place(a), _place(b))


def _place(step: Step) -> dict[str, str]:
    return {"in the source": f"{step.own.function}: {step.own.text or step.own.line}"} if step.own else {}


def _broken(trace: Trace, words: Words) -> dict[str, str]:
    found = trace.violation.broken if trace.violation else ()
    return {f"{b.where or 'everywhere'}: {b.says}": _found(b, words) for b in found}


def _found(broken: Broken, words: Words) -> str:
    failed = (f"{name} {words.failed_on(name, v, broken.where)}" for name, v in broken.values.items())
    return ", ".join(failed) or "broken"
