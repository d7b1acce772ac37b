"""Whether the stored scenarios are those of today's model: every goal is there, and is reached as said."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.chimney.state import world_size
from ...properties.chimney.chimney import CHIMNEY
from ..chimney.scenario import Scenario
from .directed import DIRECTED
from .gather import play
from .goals import Goal, goals
from .stored import REASONS, Stored


def todays_goals() -> list[Goal]:
    """Every goal that the model and the properties of today have."""
    return goals(
        CHIMNEY.system("reference", world_size(buffers=2, blocks=2, connections=1, requests=1)),
        CHIMNEY.properties,
    )


def everything(stored: Stored) -> dict[str, Scenario]:
    """Directed and stored scenarios, by the names under which goals know them."""
    return {**{f"directed: {name}": s for name, s in DIRECTED.items()}, **stored.scenarios}


def stale(stored: Stored) -> list[str]:
    """What is wrong with the stored data, one sentence each; every scenario is played."""
    return [*form(stored), *_truth(stored)]


def form(stored: Stored) -> Iterator[str]:
    """What is wrong with them at a glance: without playing anything."""
    today = {goal.id for goal in todays_goals()}
    yield from (f"{name} is not in the data" for name in today if name not in stored.goals)
    yield from (f"{name} is no goal any more" for name in stored.goals if name not in today)
    names = everything(stored)
    for name, known in stored.goals.items():
        if bool(known.scenario) == bool(known.reason):
            yield f"{name} needs a scenario or a reason, and has {'both' if known.reason else 'neither'}"
        elif known.scenario and known.scenario not in names:
            yield f"{name} is said to be reached by {known.scenario!r}, which is not there"
        elif known.reason and known.reason not in REASONS:
            yield f"{name} is not reached for the reason {known.reason!r}, which has no words"


def _truth(stored: Stored) -> Iterator[str]:
    for name in untrue(stored):
        yield f"{name} is not reached by {stored.goals[name].scenario!r}"
    yield from _unused(stored)


def untrue(stored: Stored) -> list[str]:
    """The goals of today that their scenario does not reach."""
    today = {goal.id: goal for goal in todays_goals()}
    wrong: list[str] = []
    for name, scenario in everything(stored).items():
        said = {n for n, known in stored.goals.items() if known.scenario == name and n in today}
        reached = play(scenario, [today[n] for n in said]).reaches if said else frozenset[str]()
        wrong += sorted(said - reached)
    return wrong


def _unused(stored: Stored) -> Iterator[str]:
    used = {known.scenario for known in stored.goals.values()}
    yield from (
        f"scenario {name!r} is of no use to any goal" for name in stored.scenarios if name not in used
    )
