"""Bounds: how much of the world a model holds, as names with numbers, whatever the subject."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping


class Bounds(Mapping[str, int]):
    """Names with numbers (``bounds.buffers``, ``bounds["buffers"]``): what every verdict is bounded by.

    ``phrase`` is how they are said in a verdict (``{buffers} buffers a connection``); without it they
    are listed. Two bounds are equal if their numbers are.
    """

    def __init__(self, phrase: str = "", /, **numbers: int) -> None:
        self._numbers = dict(numbers)
        self._phrase = phrase

    def __getattr__(self, name: str) -> int:
        try:
            return self.__dict__["_numbers"][name]
        except KeyError:
            raise AttributeError(f"there is no bound {name!r}; there are {', '.join(self)}") from None

    def __getitem__(self, name: str) -> int:
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bounds) and self._numbers == other._numbers

    def __hash__(self) -> int:
        return hash(tuple(sorted(self._numbers.items())))

    def __repr__(self) -> str:
        return f"Bounds({', '.join(f'{name}={number}' for name, number in self.items())})"

    def __reduce__(self) -> tuple[object, ...]:
        return _made, (self._phrase, self._numbers)

    def but(self, **numbers: int) -> Bounds:
        """These bounds with some numbers changed. Raises KeyError for a name that is not among them."""
        for name in numbers:
            self._numbers[name]
        return Bounds(self._phrase, **{**self._numbers, **numbers})

    def hold(self, other: Bounds) -> bool:
        """Whether a world of these bounds has room for one of *other*."""
        return self.keys() == other.keys() and all(self[name] >= other[name] for name in self)

    def said(self) -> list[str]:
        """The names that its words speak of, whether they are bounds or not."""
        return [name for _, name, _, _ in string.Formatter().parse(self._phrase) if name is not None]

    def show(self) -> str:
        """For a verdict: ``8 buffers and 2 receive requests a connection, 8 blocks, 2 connections``."""
        plain = ", ".join(f"{number} {name}" for name, number in self.items())
        return self._phrase.format(**self._numbers) if self._phrase else plain


def _made(phrase: str, numbers: dict[str, int]) -> Bounds:
    return Bounds(phrase, **numbers)
