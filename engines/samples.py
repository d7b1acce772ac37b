"""Reachable states of a system, from random walks in the Python semantics: what no lemma may contradict."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from ..model.kernel import Action, State, System, arguments
from ..model.records import rebuild, values
from .bmc import solver
from .effort import OUTER
from .encode import Encoded

WALKS, STEPS, TRIES = 60, 40, 6
SMALL = 4
"""Numbers below it are tried for parameters, and those that the state has."""


def reachable(encoded: Encoded, first: State | None, seed: int = 1) -> list[State]:
    """States on random walks from *first*, if that is an initial state, and from one that a solver gives."""
    rng, system = Random(seed), encoded.system
    begins = [start for start in (first, _initial(encoded)) if start is not None and system.init(start)]
    return [state for walk in range(WALKS) for state in _walk(system, begins[walk % len(begins)], rng)]


def _initial(encoded: Encoded) -> State | None:
    query = solver(OUTER)
    query.add(encoded.init)
    if str(query.check()) != "sat":
        return None
    return rebuild(encoded.system.template, encoded.value(query.model(), encoded.constants))


def _walk(system: System, state: State, rng: Random) -> Iterator[State]:
    yield state
    for _ in range(STEPS):
        following = _step(system, state, rng)
        if following is None:
            return
        state = following
        yield state


def _step(system: System, state: State, rng: Random) -> State | None:
    """What some action leads to; None if none that was tried is possible."""
    known = [v for v in values(state) if not isinstance(v, bool)]
    for action in rng.sample(system.actions, len(system.actions)):
        for _ in range(TRIES):
            p = arguments(_parameters(action, rng, known))
            if action.guard(state, p):
                return action.effect(state, p)
    return None


def _parameters(action: Action, rng: Random, known: list[int]) -> dict[str, int | bool]:
    chosen: dict[str, int | bool] = dict(rng.choice(list(action.instances())))
    for parameter in action.parameters:
        if parameter.name in chosen:
            continue
        if parameter.sort.kind == "bool":
            chosen[parameter.name] = rng.random() < 0.5
            continue
        guess = rng.choice(known) if known and rng.random() < 0.4 else rng.randrange(SMALL)
        low, high = parameter.sort.low, parameter.sort.high
        guess = guess if low is None else max(low, guess)
        chosen[parameter.name] = guess if high is None else min(high, guess)
    return chosen
