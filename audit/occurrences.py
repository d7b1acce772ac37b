"""Events against states: what a specification says of each, and where it says nothing."""

from __future__ import annotations

import dataclasses
from typing import Literal

from .vocabulary import Said

Fate = Literal["allowed", "forbidden", "unsaid", "contradictory"]


@dataclasses.dataclass(frozen=True)
class Cell:
    """What is said of an event in a state; ``finding`` is reported where nothing is, and somebody pays."""

    event: str
    state: str
    fate: Fate
    says: str
    places: tuple[Said, ...] = ()
    finding: str = ""


@dataclasses.dataclass(frozen=True)
class Occurrences:
    """The table: its rows, its columns, and the cells of which something is known."""

    events: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()

    def row(self, event: str) -> list[Cell]:
        """What is known of an event, in every state; of a state without a cell nothing is said."""
        known = {cell.state: cell for cell in self.cells if cell.event == event}
        return [known.get(state, Cell(event, state, "unsaid", "nothing")) for state in self.states]
