"""A table of what breaks what: seeded designs against properties."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Caught:
    """Broken in a shortest run of ``steps`` steps; None: in no run of up to ``bound`` steps.

    ``bound`` -1 says that nothing was searched. ``shortest`` False: there may be a shorter run.
    """

    steps: int | None
    bound: int = -1
    shortest: bool = True

    @property
    def idle(self) -> bool:
        """Searched, and not broken."""
        return self.steps is None and self.bound >= 0

    def show(self) -> str:
        """``6`` (broken in 6 steps), ``6*`` (perhaps in fewer), ``.`` (not broken), ``?`` (not searched)."""
        if self.steps is None:
            return "?" if self.bound < 0 else "."
        return f"{self.steps}" if self.shortest else f"{self.steps}*"


UNSEARCHED = Caught(None)


@dataclasses.dataclass(frozen=True)
class Matrix:
    """``cells[row, column]``; a pair that is missing was not searched. ``says`` is what a cell means."""

    says: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Caught]

    def cell(self, row: str, column: str) -> Caught:
        """The cell of a row and a column."""
        return self.cells.get((row, column), UNSEARCHED)

    def broken(self, row: str) -> tuple[str, ...]:
        """The columns that break in this row."""
        return tuple(c for c in self.columns if self.cell(row, c).steps is not None)

    def idle_columns(self) -> tuple[str, ...]:
        """The columns that were searched all along, and that nothing breaks."""
        return tuple(c for c in self.columns if all(self.cell(r, c).idle for r in self.rows))
