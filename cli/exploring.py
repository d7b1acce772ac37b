"""``conform --explore``: the bounds that are asked for, and how far it came in words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from .errors import BadInput

if TYPE_CHECKING:
    from ..targets.campaign.alphabet import Within
    from ..targets.campaign.explore import Explored

BOUNDS = {
    "moves": "--explore: steps of a run. [8, or as many as take about a minute]",
    "connections": "--explore: connections, 1 or 2. [1]",
    "sends": "--explore: sends on each connection. [2]",
    "requests": "--explore: receive requests on each connection. [1]",
    "segments": "--explore: segments with new bytes of the peer's on each connection. [2]",
    "faults": "--explore, C: of the first N things that it asks for in a step, one is refused. [0]",
    "states": "--explore: states at most, 0 for all there are. [0]",
    "enough": "--explore: no longer runs where so many states are to go on from. [10000; 0 with --moves]",
}
"""The options that are numbers, each with its help."""
SETS = {"amounts": "amount", "kinds": "only", "alphabet": "alphabet"}
"""Those that may be repeated, with what they are called then."""


def explore_options(command: Callable[..., int]) -> Callable[..., int]:
    """``--explore`` and its bounds: the command gets ``explore``, a Within or None."""

    @functools.wraps(command)
    def with_bounds(explore: bool, **options: Any) -> int:
        given = {name: options.pop(name) for name in (*BOUNDS, *SETS, "tree")}
        asked = {name: value for name, value in given.items() if value not in (None, ())}
        if asked and not explore:
            name = next(iter(asked))
            raise BadInput(f"--{SETS.get(name, name)} is a bound of --explore, which is not asked for")
        return command(explore=within(asked) if explore else None, **options)

    decorated = click.option("--tree", metavar="SHAPE", default=None, help="--explore: what is terminated.")(
        with_bounds
    )
    parts = "--explore: parts of the alphabet, or all. May be repeated. [streams]"
    decorated = click.option("--alphabet", metavar="PART", multiple=True, help=parts)(decorated)
    only = "--explore: these kinds of moves alone, instead. May be repeated."
    decorated = click.option("--only", "kinds", metavar="MOVE", multiple=True, help=only)(decorated)
    some = "--explore: bytes of a send, a segment, an acknowledgement. May be repeated. [1 and 2]"
    decorated = click.option(
        "--amount", "amounts", metavar="N", type=click.IntRange(1), multiple=True, help=some
    )(decorated)
    for name, says in reversed(BOUNDS.items()):
        decorated = click.option(f"--{name}", metavar="N", type=int, default=None, help=says)(decorated)
    says = "Instead: every run within bounds, breadth first; the first finding is a shortest one."
    return click.option("--explore", is_flag=True, help=says)(decorated)


def within(asked: Mapping[str, Any]) -> Within:
    """The bounds of an exploration. Raises BadInput for what is none."""
    from ..targets.campaign.alphabet import BadBounds, Within

    try:
        return Within.of(asked)
    except BadBounds as bad:
        raise BadInput(str(bad)) from bad


def explored_lines(explored: Explored) -> Iterator[tuple[str, str]]:
    """Headings and lines: what was explored, within which bounds, and what that is worth."""
    long = "every run" if explored.closed else f"every run of up to {explored.depth} moves"
    whole = f"{long} over this alphabet" if explored.depth >= 0 else "no length of run completely"
    count = f"{explored.states:,} states, {explored.transitions:,} transitions"
    yield "explored", f"{whole}, {count}: more than tested, less than proved"
    yield "", f"within {explored.within.says()}"
    yield "", f"alphabet: {explored.within.moves_say()}"
    yield from _besides(explored)
    if explored.left and not explored.stopped:
        yield "", f"longer runs go on from {explored.left:,} states; --moves {explored.depth + 1} makes them"
    if explored.stopped:
        yield "", f"not all runs of up to {explored.within.moves} moves: {explored.stopped}"
    if explored.timed:
        yield "", "the target puts off what it is told: it has time after each move"
    if explored.apart:
        yield "", "each run has a process of its own: in one process the target does not do the same again"
    if explored.opaque:
        yield "", f"states are told apart by what was said to the target: in it is {explored.opaque}"


def _besides(explored: Explored) -> Iterator[tuple[str, str]]:
    """What was explored besides: with every move, and in other trees."""
    usual = [other for other in explored.besides if not other.within.tree]
    others = [(usual, "with every move")] if usual else []
    trees = [other for other in explored.besides if other.within.tree]
    if trees:
        connections = trees[0].within.connections
        others.append((trees, f"of {connections} connections in {len(trees)} other trees, with every move"))
    for several, what in others:
        least, states = min(other.depth for other in several), sum(other.states for other in several)
        yield "", f"and every run of up to {least} moves {what}, {states:,} states"
