"""What a summary says of coverage: how much of the model's world the runs of a target met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..targets.campaign.coverage import Coverage, Reached

SHORT = 6
"""Names that are listed without being asked for."""
NEVER_MET = "never met"
"""The heading over what no run met."""


def met(coverage: Coverage, verbose: bool) -> Iterator[tuple[str, str]]:
    """Headings and lines: what was met, by which scenarios, and what never was."""
    parts = {"actions": coverage.actions, "pairs of consecutive actions": coverage.pairs}
    if not any(part.possible for part in parts.values()):
        return
    yield "met", ", ".join(f"{len(part.runs)} of {part.possible} {kind}" for kind, part in parts.items())
    besides = len(coverage.pairs.besides)
    if besides:
        yield "", f"and {besides} other pairs"
    for source, counts in coverage.sources.items():
        told = f"{counts['actions']} actions, {counts['premises']} properties, {counts['pairs']} pairs"
        yield "", f"in {counts['runs']} {source} runs: {told}"
    for kind, part in parts.items():
        if part.never:
            yield NEVER_MET, f"{kind}: {_names(part, verbose)}"


def _names(part: Reached, verbose: bool) -> str:
    shown = part.never if verbose else part.never[:SHORT]
    more = len(part.never) - len(shown)
    return ", ".join(shown) + (f", and {more} more (--verbose names them)" if more else "")
