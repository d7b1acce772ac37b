"""``chimneysweep scenarios``: what every target is played, and what of the model's world that reaches.

``--write`` recomputes the data: the engines say what the model can reach and how, and the
targets' side looks for scenarios that show it.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import ALL_HOLD, VIOLATED, output_directory, output_file, write

if TYPE_CHECKING:
    from ..counterexamples.trace import Trace
    from ..engines.reach import Reach
    from ..targets.campaign.gather import Wanted
    from ..targets.campaign.goals import Goal
    from ..targets.campaign.stored import Known, Stored

DEPTH = 12
"""Steps before the last one or two: runs of the model up to this length are searched."""
SECONDS = 60.0
"""For one query of the solver."""

Progress = Callable[[str], None]


@click.command("scenarios")
@click.option(
    "--write",
    "file",
    metavar="FILE",
    callback=output_file,
    help="Recompute what is missing or wrong; write FILE.",
)
@click.option("--afresh", is_flag=True, help="With --write: recompute everything, which takes an hour.")
@click.option(
    "--corpus",
    "folder",
    metavar="DIR",
    callback=output_directory,
    help="Find each seeded bug; write the findings, and say how they differ from those there.",
)
@click.option("--check", is_flag=True, help="Play everything, and say whether the data still say what is.")
@click.option("--verbose", "-v", is_flag=True, help="Name each goal that no scenario reaches.")
def command(file: Path | None, afresh: bool, folder: Path | None, check: bool, verbose: bool) -> int:
    """The scenarios that every target is played before any random one, and what they reach."""
    from ..targets.campaign import stored

    if folder is not None:
        for line in rewritten(folder, findings()):
            click.echo(line, err=True)
    if file is not None:
        data = gathered(
            stored.Stored(DEPTH, {}, {}) if afresh else stored.load(), lambda text: click.echo(text, err=True)
        )
        write(file, stored.dumps(data))
    else:
        data = stored.load()
    _show(data, verbose)
    return _check(data) if check else ALL_HOLD


def findings() -> Iterator[Trace]:
    """What each seeded target was made to break, as it is found now."""
    from ..targets.campaign.campaign import Options, conform
    from ..targets.chimney.built_in import entries, miniports
    from ..targets.chimney.seeded_bugs import seeded_bugs

    # a driver that locks nothing is not to be told of what two processors do: those are looked for each time
    left = {f"miniports/{bug.name}" for bug in seeded_bugs().values() if bug.at_once}
    for entry in (*miniports(), *entries()):  # of two in the same scenario that of the quicker one is kept
        if entry.breaks and entry.name not in left:
            report = conform(entry.name, Options(runs=0, seed=1, reported=entry.breaks))
            yield from (t for t in report.findings if t.violation and t.violation.property in entry.breaks)


def rewritten(folder: Path, found: Iterable[Trace]) -> Iterator[str]:
    """Put what was *found* into *folder* in the place of the findings there; a line for each that differs.

    What a user put there besides stays.
    """
    from ..counterexamples.difference import difference
    from ..counterexamples.difference_lines import lines
    from ..counterexamples.storage import dumps
    from ..targets.campaign.corpus import keep

    before = dict(_ours(folder))
    now = {keep(folder, trace): trace for trace in found}
    for path, trace in now.items():
        if path not in before:
            yield f"new      {path.name}: {trace.target}"
        elif dumps(before[path]) != dumps(trace):
            yield f"changed  {path.name}: {trace.target}"
            yield from (f"  {line}" for line, _ in lines(difference(before[path], trace)) if line)
    for path in sorted(before.keys() - now.keys()):
        path.unlink()
        yield f"gone     {path.name}: {before[path].target}"


def _ours(folder: Path) -> Iterator[tuple[Path, Trace]]:
    """The findings of seeded targets in a folder."""
    from ..counterexamples.storage import load
    from ..targets.chimney.built_in import MINIPORTS, SEEDED

    for path in sorted(folder.glob("*.json")):
        trace = load(path)
        if trace.target.startswith((SEEDED, MINIPORTS)):
            yield path, trace


def _check(data: Stored) -> int:
    from ..targets.campaign.current import stale

    wrong = stale(data)
    for line in wrong:
        click.echo(line)
    click.echo("the data are out of date; --write mends them" if wrong else "the data are up to date")
    return VIOLATED if wrong else ALL_HOLD


def gathered(old: Stored, progress: Progress) -> Stored:
    """The data for today's model; what *old* knows, and knows rightly, is not searched again."""
    from ..targets.campaign.current import todays_goals, untrue
    from ..targets.campaign.gather import Gathering

    goals = todays_goals()
    wrong = set(untrue(old))
    wanted = []
    for number, goal in enumerate(goals, 1):
        known = old.goals.get(goal.id) if goal.id not in wrong else None
        if known is None:
            progress(f"model: {number} of {len(goals)}, {goal.id}")
        wanted.append(search(goal) if known is None else _again(goal, known))
    return Gathering(wanted, old.scenarios.values(), progress).run(DEPTH)


def _again(goal: Goal, known: Known) -> Wanted:
    from ..targets.campaign.gather import Wanted

    return Wanted(goal, known.steps, reason=known.reason, closed=not known.scenario)


def search(goal: Goal) -> Wanted:
    """What the model knows of a goal: with one connection if that is enough, else with two."""
    from ..engines.bmc import OutOfTime, ShortestRun
    from ..model.records import rebuild
    from ..targets.campaign.gather import Wanted
    from ..targets.campaign.translate import scenarios

    reason = "model"
    for connections in (1, 2):
        reach = _reach(connections)
        found = reach.shortest(goal.when, goal.then, depth=DEPTH, timeout=SECONDS)
        if isinstance(found, ShortestRun):
            first = rebuild(reach.system.template, found.first)
            guesses = tuple(scenarios(reach.system, first, found.choices))
            return Wanted(goal, len(found.choices), guesses)
        reason = "undecided" if isinstance(found, OutOfTime) else reason
    return Wanted(goal, None, reason=reason)


@functools.cache
def _reach(connections: int) -> Reach:
    from ..engines.reach import Reach
    from ..model.chimney.state import world_size
    from ..properties.chimney.chimney import CHIMNEY

    return Reach(
        CHIMNEY.system("reference", world_size(buffers=2, blocks=2, connections=connections, requests=1))
    )


def _show(data: Stored, verbose: bool) -> None:
    from ..targets.campaign.stored import REASONS
    from .output import fact, out, say, wrapped

    console = out()
    say(console, f"{len(data.scenarios)} scenarios from the model, for {len(data.goals)} goals")
    for kind in dict.fromkeys(name.split(":")[0] for name in data.goals):
        mine = [known for name, known in data.goals.items() if name.startswith(f"{kind}: ")]
        possible = [known for known in mine if known.steps is not None]
        reached = sum(1 for known in possible if known.scenario)
        longest = max((known.steps or 0 for known in possible), default=0)
        told = f"{reached} of {len(possible)} that the model has in runs of up to {longest} steps; "
        fact(console, kind, f"{told}{len(mine) - len(possible)} it does not have")
    for reason, count in Counter(known.reason for known in data.goals.values() if known.reason).items():
        wrapped(console, f"  {count} not reached: {REASONS[reason]}")
        for name, known in data.goals.items() if verbose else ():
            if known.reason == reason:
                wrapped(console, f"    {name}")
