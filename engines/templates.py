"""Lemmas that might hold, from templates: how numbers compare, and what is true where a variable has a value.

A candidate speaks of one kind of place: the state, or each record of a tuple of the state. It is the text of
a formula of `model/logic`, which is compiled for the engines and written to a file for a person, so both are
the same. Candidates that a reachable state contradicts are not made.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from ..model import logic
from ..model.kernel import State
from ..model.records import INT, Sort

Flat = int | bool
MOST_SUMS = 12
"""With more numbers in a place than these, sums of two are left out."""
BREAK = "\n        "
"""Where the text of a formula goes on in a line of its own."""
SEEN = 3
"""In so many different states a condition must have been true before it makes a candidate."""


@dataclasses.dataclass(frozen=True)
class Scope:
    """A kind of place: the loops that lead there (``conn in s.conns``), and the variables seen from it.

    ``own`` is how many of the variables, at the end of the list, are the place's own.
    """

    loops: tuple[str, ...]
    variables: tuple[tuple[str, Sort], ...]
    own: int

    def rows(self, states: Sequence[State]) -> list[tuple[Flat, ...]]:
        """The values of the variables in every place of every state, each row once."""
        names = ", ".join(code for code, _ in self.variables)
        loops = "".join(f" for {loop}" for loop in self.loops)
        every = compiled(f"[({names},){loops}]" if loops else f"[({names},)]")
        return list(dict.fromkeys(row for state in states for row in every(state)))


@dataclasses.dataclass(frozen=True)
class Formula:
    """A candidate: in each place of the scope, ``holds`` where ``when`` does ("": always)."""

    scope: Scope
    when: str
    holds: str

    @property
    def code(self) -> str:
        """The formula over the state ``s``, as Python."""
        inner = f"Implies({self.when}, {self.holds})" if self.when else self.holds
        loops = "".join(f"{BREAK}for {loop}" for loop in self.scope.loops)
        return f"all_of({BREAK}{inner}{loops}\n    )" if loops else inner

    @property
    def size(self) -> int:
        """How much there is to read."""
        return len(self.code)


def compiled(code: str) -> Any:
    """The function of the state ``s`` that the text of a formula is. The text is ours."""
    return eval(f"lambda s: {code}", {name: getattr(logic, name) for name in NAMES})


NAMES = ("And", "Implies", "Not", "all_of")


def scopes(template: State) -> Iterator[Scope]:
    """Every kind of place in states shaped like *template*."""
    return _scopes(template, "s", (), ())


def _scopes(
    record: Any, path: str, loops: tuple[str, ...], above: tuple[tuple[str, Sort], ...]
) -> Iterator[Scope]:
    plain, below = _fields(record, path)
    if plain:
        yield Scope(loops, (*above, *plain), len(plain))
    for name, items in below:
        each = f"{name.rpartition('.')[2].removesuffix('s')}"
        each = f"{each}_" if any(loop.startswith(f"{each} ") for loop in loops) or each == "s" else each
        yield from _scopes(items[0], each, (*loops, f"{each} in {name}"), (*above, *plain))


def _fields(record: Any, path: str) -> tuple[list[tuple[str, Sort]], list[tuple[str, Any]]]:
    """The variables of a record and of the records in it, and the tuples of records, with their paths."""
    plain: list[tuple[str, Sort]] = []
    below: list[tuple[str, Any]] = []
    for field in dataclasses.fields(record):
        value, name = getattr(record, field.name), f"{path}.{field.name}"
        if dataclasses.is_dataclass(value):
            more = _fields(value, name)
            plain += more[0]
            below += more[1]
        elif not isinstance(value, tuple):
            plain.append((name, field.metadata.get("sort", INT)))
        elif value and dataclasses.is_dataclass(value[0]):
            below.append((name, value))
    return plain, below


class _Seen:
    """What is true in which rows of a scope, as bits of a number: one bit a row."""

    def __init__(self, scope: Scope, rows: Sequence[tuple[Flat, ...]]) -> None:
        self.columns = list(zip(*rows, strict=True))
        self.all = (1 << len(rows)) - 1
        self._own = len(scope.variables) - scope.own
        self.numbers = [n for n, (_, sort) in enumerate(scope.variables) if sort.kind == "int"]
        self.choices = [n for n, (_, sort) in enumerate(scope.variables) if sort.kind != "int"]
        self.code = [code for code, _ in scope.variables]
        self.sorts = [sort for _, sort in scope.variables]

    def own(self, *numbers: int) -> bool:
        """Whether one of the variables is the place's own: else the candidate belongs to another scope."""
        return any(n >= self._own for n in numbers)

    def where(self, true: Iterator[bool]) -> int:
        return int("0" + "".join("1" if t else "0" for t in true), 2)

    def guards(self) -> Iterator[tuple[str, int, int]]:
        """Conditions on one choice, with where they are true, and the variable."""
        for n in self.choices:
            column, code = self.columns[n], self.code[n]
            if self.sorts[n].kind == "bool":
                yes = self.where(bool(v) for v in column)
                yield code, yes, n
                yield f"Not({code})", self.all & ~yes, n
                continue
            for value in sorted(set(column)):
                here = self.where(v == value for v in column)
                yield f"{code} == {value}", here, n
                yield f"{code} != {value}", self.all & ~here, n

    def atoms(self) -> Iterator[tuple[str, int, tuple[int, ...]]]:
        """Relations between numbers, with where they are true, and the variables."""
        for n in self.numbers:
            column = self.columns[n]
            for value in sorted({*column, 0})[:SEEN]:
                yield f"{self.code[n]} == {value}", self.where(v == value for v in column), (n,)
            yield f"{self.code[n]} >= 0", self.where(v >= 0 for v in column), (n,)
        for n, m in itertools.combinations(self.numbers, 2):
            pairs = list(zip(self.columns[n], self.columns[m], strict=True))
            yield f"{self.code[n]} == {self.code[m]}", self.where(a == b for a, b in pairs), (n, m)
            yield f"{self.code[n]} <= {self.code[m]}", self.where(a <= b for a, b in pairs), (n, m)
            yield f"{self.code[m]} <= {self.code[n]}", self.where(b <= a for a, b in pairs), (n, m)
            yield f"{self.code[n]} < {self.code[m]}", self.where(a < b for a, b in pairs), (n, m)
            yield f"{self.code[m]} < {self.code[n]}", self.where(b < a for a, b in pairs), (n, m)
            yield from self._distances(n, m)
        if len(self.numbers) <= MOST_SUMS:
            yield from self._sums()

    def _distances(self, n: int, m: int) -> Iterator[tuple[str, int, tuple[int, ...]]]:
        """By how much two numbers are apart, where that is one of a few."""
        apart = [a - b for a, b in zip(self.columns[n], self.columns[m], strict=True)]
        few = sorted(set(apart)) if len(set(apart)) <= SEEN else []
        for far in few:
            more, less = (n, m) if far > 0 else (m, n)
            if far:
                code = f"{self.code[more]} == {self.code[less]} + {abs(far)}"
                yield code, self.where(a == far for a in apart), (n, m)

    def _sums(self) -> Iterator[tuple[str, int, tuple[int, ...]]]:
        for n, m in itertools.combinations(self.numbers, 2):
            for k in self.numbers:
                if k not in (n, m):
                    rows = zip(self.columns[n], self.columns[m], self.columns[k], strict=True)
                    code = f"{self.code[n]} + {self.code[m]} == {self.code[k]}"
                    yield code, self.where(a + b == c for a, b, c in rows), (n, m, k)


def conditions(scope: Scope, states: Sequence[State]) -> list[str]:
    """What may be true or not in some of the states, as conditions on one choice."""
    rows = scope.rows(states)
    return [code for code, true, _ in _Seen(scope, rows).guards() if true.bit_count() < len(rows)]


def candidates(scope: Scope, rows: Sequence[tuple[Flat, ...]], *, two_choices: bool = False) -> list[Formula]:
    """What holds in all rows of a scope, and might always; what follows from a shorter one is left out.

    *two_choices*: also what holds only where two of the choices have a value each: equations, and choices.
    """
    if not rows:
        return []
    seen = _Seen(scope, rows)
    guards = [(code, true, n) for code, true, n in seen.guards() if true.bit_count() >= SEEN]
    found = []
    claims = [*seen.atoms(), *((code, true, (n,)) for code, true, n in guards)]
    for holds, true, about in claims:
        if true == seen.all:
            found += [Formula(scope, "", holds)] if seen.own(*about) else []
            continue
        alone = [g for g in guards if not g[1] & ~true and g[2] not in about and g[1] != seen.all]
        found += [Formula(scope, when, holds) for when, _, n in alone if seen.own(n, *about)]
        if two_choices and " == " in holds:
            found += [Formula(scope, when, holds) for when in _together(seen, guards, true, about)]
    return found


def _together(
    seen: _Seen, guards: Sequence[tuple[str, int, int]], true: int, about: tuple[int, ...]
) -> Iterator[str]:
    """Two conditions, of which neither would do alone, where something is *true* if both are."""
    fit = [g for g in guards if g[1] & ~true and g[2] not in about and " != " not in g[0]]
    for (one, here, n), (other, there, m) in itertools.combinations(fit, 2):
        both = here & there
        if n != m and both.bit_count() >= SEEN and not both & ~true and seen.own(n, m, *about):
            yield f"And({one}, {other})"
