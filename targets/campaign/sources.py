"""The scenarios that a target is played before any search, in order; what failed last before them.

1. *kept*: findings in the folder beside the target, so that what broke once is asked first
2. *corpus*: findings that come along
3. *directed*: written by hand, each aimed at one thing that drivers get wrong
4. *model*: found by the engines, so that all that the model's world has in it is met
5. *sizes*: lengths, counts and windows past what a program may have set as its limit
6. *faults*: a driver in C is refused one thing that it asks for
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from ...counterexamples.trace import Trace
from ..chimney.move_kinds import MoveKind
from ..chimney.moves import MOVES
from ..chimney.scenario import Scenario, from_json
from . import corpus, stored
from .directed import DIRECTED
from .shortages import shortages
from .sizes import sizes

LAST = "last"
KEPT, CORPUS, DIRECT, MODEL, SIZES, FAULTS = "kept", "corpus", "directed", "model", "sizes", "faults"
PROCESSORS, SEARCH = "processors", "search"
SOURCES = (KEPT, CORPUS, DIRECT, MODEL, SIZES, FAULTS, PROCESSORS, SEARCH)
"""Where scenarios come from, in the order of play; those of the last two are made, not stored."""


class Sourced(NamedTuple):
    """A scenario, where it comes from, and its name there."""

    source: str
    name: str
    scenario: Scenario


def sources(
    folder: Path | None,
    without: str = "",
    kinds: Mapping[str, MoveKind] = MOVES,
    failed: Iterable[Trace] = (),
) -> Iterator[Sourced]:
    """Every stored scenario once, in order, those that *failed* last before all. Raises BadCorpus.

    *folder* holds the kept ones; *without* names a source that is left out; what it shares with another
    one stays. *kinds*: the moves that there are.
    """
    seen: set[Scenario] = set()
    for found in itertools.chain(_again(failed, kinds), _all(folder, kinds)):
        if found.source != without and found.scenario not in seen:
            seen.add(found.scenario)
            yield found


def _again(failed: Iterable[Trace], kinds: Mapping[str, MoveKind]) -> Iterator[Sourced]:
    for trace in failed:
        name = trace.violation.property if trace.violation else "unstable"
        yield Sourced(LAST, name, from_json(trace.meta["scenario"], kinds))


def _all(folder: Path | None, kinds: Mapping[str, MoveKind]) -> Iterator[Sourced]:
    for name, scenario in corpus.kept(folder, kinds) if folder else ():
        yield Sourced(KEPT, name, scenario)
    for name, scenario in corpus.shipped():
        yield Sourced(CORPUS, name, scenario)
    for name, scenario in DIRECTED.items():
        yield Sourced(DIRECT, name, scenario)
    for name, scenario in stored.load().scenarios.items():
        yield Sourced(MODEL, name, scenario)
    for name, scenario in sizes():
        yield Sourced(SIZES, name, scenario)
    for name, scenario in shortages():
        yield Sourced(FAULTS, name, scenario)
