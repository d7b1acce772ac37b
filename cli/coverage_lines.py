"""What a summary says of coverage: how much of the model's world the runs of a target covered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..targets.campaign.coverage import Coverage

SHORT = 6
"""Names that are listed without being asked for."""
NEVER_COVERED = "uncovered"
"""The heading over what no run covered."""


def covered(coverage: Coverage, verbose: bool) -> Iterator[tuple[str, str]]:
    """Headings and lines: what was covered, by which scenarios, and what never was."""
    parts = {"actions": coverage.actions, "pairs of consecutive actions": coverage.pairs}
    if not any(part.possible for part in parts.values()):
        return
    yield "covered", ", ".join(f"{len(part.runs)} of {part.possible} {kind}" for kind, part in parts.items())
    besides = len(coverage.pairs.besides)
    if besides:
        yield "", f"and {besides} other pairs"
    for source, counts in coverage.sources.items():
        counted = f"{counts['actions']} actions, {counts['premises']} properties, {counts['pairs']} pairs"
        yield "", f"in {counts['runs']} {source} runs: {counted}"
    for kind, part in parts.items():
        if part.never:
            yield NEVER_COVERED, f"{kind}: {listed(part.never, verbose)}"


def listed(names: Sequence[str], verbose: bool) -> str:
    """The names, or the first few of them where not all were asked for."""
    shown = names if verbose else names[:SHORT]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f", and {more} more (--verbose names them)" if more else "")


def run(code: Mapping[str, Mapping[str, list[int]]], verbose: bool) -> Iterator[tuple[str, str]]:
    """Headings and lines: how much of the target's own code ran, and which lines never did."""
    if not code:
        return
    ran, never = (sum(len(lines[kind]) for lines in code.values()) for kind in ("reached", "never_reached"))
    yield "code", f"{ran} of {ran + never} lines of its own that were watched ran"
    places = [f"{file}:{line}" for file, lines in code.items() for line in lines["never_reached"]]
    if places:
        yield "never ran", listed(places, verbose)
