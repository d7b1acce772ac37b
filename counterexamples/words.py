"""Words for variables and values: what a story calls them instead of their names in the model.

They stand beside the fields (:func:`..model.records.var`); what has none is told by its name.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Protocol

from ..model.bounds import Bounds
from ..model.kernel import State
from ..model.records import variables

_INDEX = re.compile(r"\[(\d+)\]")


@dataclasses.dataclass(frozen=True)
class Named:
    """A variable's name taken apart: ``conns[1].bufs[2].end`` is conns.bufs.end of (1, 2)."""

    field: str
    indices: tuple[int, ...]


def take_apart(name: str) -> Named:
    """A variable's name as field and indices."""
    return Named(_INDEX.sub("", name), tuple(int(k) for k in _INDEX.findall(name)))


class ShownValue(Protocol):
    """How a value is shown that a property failed on *where* it says (``connection 1, buffer 3``)."""

    def __call__(self, value: int, bounds: Bounds, where: str, /) -> str:
        """The value as a person reads it."""
        ...


class Words:
    """The words for the variables of a state, and for the values that properties name."""

    def __init__(self, blank: State, bounds: Bounds, failed: Mapping[str, ShownValue]) -> None:
        self.bounds = bounds
        self.failed = failed
        self.variables = {v.name: v for v in variables(blank)}

    def name(self, variable: str) -> str:
        """What a person calls the variable; one without words keeps its name."""
        known = self.variables.get(variable)
        if known is None or not known.says:
            return variable
        at = take_apart(variable).indices
        try:
            return known.says.format(*at) if isinstance(known.says, str) else known.says(*at)
        except (IndexError, KeyError, ValueError):
            return variable

    def value(self, variable: str, value: Any) -> str:
        """The value of a variable as a person reads it."""
        known = self.variables.get(variable)
        if known is None or isinstance(value, bool):
            return scalar(value)
        if known.shown is not None:
            return known.shown(value, self.bounds, take_apart(variable).indices)
        return known.sort.show(value)

    def failed_on(self, name: str, value: Any, where: str) -> str:
        """A value that a property failed on, by the name that the property gives it.

        It is shown as a field of that name, where all fields of that name are shown alike.
        """
        if isinstance(value, bool):
            return scalar(value)
        if name in self.failed:
            return self.failed[name](value, self.bounds, where)
        if name in self.variables:
            return self.value(name, value)
        field = name.replace(" ", "_")
        sorts = {v.sort for v in self.variables.values() if take_apart(v.name).field.split(".")[-1] == field}
        return sorts.pop().show(value) if len(sorts) == 1 else str(value)

    def change(self, variable: str, old: Any, new: Any) -> str:
        """One changed variable: ``SND.NXT of connection 0: 0 -> 7``."""
        return f"{self.name(variable)}: {self.value(variable, old)} -> {self.value(variable, new)}"


def scalar(value: Any) -> str:
    """A value that nothing is known of."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
