"""Random small systems with a goal, and the length of a shortest run there by plain exploration.

Guards and effects are drawn as trees and built with the logic, so the same system is
searched as terms and explored on Python values.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from random import Random
from typing import Any

from toys import layers, shortest

from chimneysweep.model.kernel import Action, Parameter, System, arguments
from chimneysweep.model.logic import And, If, Not, Or, Value, all_of, put
from chimneysweep.model.records import BOOL, between, update, values

TOP = 2
FLAGS, NUMBERS = 4, 2
Tree = tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Small:
    flags: tuple[Value, ...] = dataclasses.field(default=(False,) * FLAGS, metadata={"sort": BOOL})
    numbers: tuple[Value, ...] = dataclasses.field(default=(0,) * NUMBERS, metadata={"sort": between(0, TOP)})


# Conditions, numbers and truth values, drawn as trees.


def an_atom(rng: Random) -> Tree:
    match rng.randrange(8):
        case 0 | 1 | 2:
            return ("flag", rng.randrange(FLAGS), rng.random() < 0.6)
        case 3 | 4 | 5 | 6:
            return ("is", rng.randrange(NUMBERS), rng.randint(0, TOP))
    return (rng.choice(("same", "below")), *rng.sample(range(NUMBERS), 2))


def a_condition(rng: Random) -> Tree:
    match rng.randrange(8):
        case 0:
            return ("or", an_atom(rng), an_atom(rng))
        case 1:
            return ("and", an_atom(rng), an_atom(rng))
        case 2:
            return ("chosen", rng.randint(0, TOP))
    return an_atom(rng)


def an_amount(rng: Random) -> Tree:
    match rng.randrange(8):
        case 0 | 1 | 2:
            return ("constant", rng.randint(0, TOP))
        case 3 | 4:
            return ("up", rng.randrange(NUMBERS))
        case 5:
            return ("copy", rng.randrange(NUMBERS))
        case 6:
            return ("if", an_atom(rng), rng.randint(0, TOP), rng.randrange(NUMBERS))
    return ("chosen",)


def a_truth(rng: Random) -> Tree:
    match rng.randrange(8):
        case 0 | 1 | 2:
            return ("constant", rng.random() < 0.6)
        case 3 | 4:
            return (rng.choice(("copy", "flip")), rng.randrange(FLAGS))
        case 5 | 6:
            return ("if", an_atom(rng), rng.random() < 0.5, rng.randrange(FLAGS))
    return ("atom", an_atom(rng))


def a_target(rng: Random) -> Tree:
    match rng.randrange(8):
        case 0 | 1 | 2 | 3:
            return ("flags", rng.randrange(FLAGS), a_truth(rng))
        case 4 | 5 | 6:
            return ("numbers", rng.randrange(NUMBERS), an_amount(rng))
    return ("indexed", a_truth(rng))


def holds(tree: Tree, s: Small, p: Any) -> Value:
    """A condition in a state."""
    match tree:
        case ("flag", k, True):
            return s.flags[k]
        case ("flag", k, False):
            return Not(s.flags[k])
        case ("is", k, n):
            return s.numbers[k] == n
        case ("same", k, j):
            return s.numbers[k] == s.numbers[j]
        case ("below", k, j):
            return s.numbers[k] < s.numbers[j]
        case ("chosen", n):
            return p.chosen >= n
        case ("and", left, right):
            return And(holds(left, s, p), holds(right, s, p))
        case ("or", left, right):
            return Or(holds(left, s, p), holds(right, s, p))
    raise AssertionError(tree)


def amounts_to(tree: Tree, s: Small, p: Any) -> Value:
    """A number in a state; it stays in 0..TOP."""
    match tree:
        case ("constant", n):
            return n
        case ("up", k):
            return If(s.numbers[k] == TOP, 0, s.numbers[k] + 1)
        case ("copy", k):
            return s.numbers[k]
        case ("if", test, n, k):
            return If(holds(test, s, p), n, s.numbers[k])
        case ("chosen",):
            return p.chosen
    raise AssertionError(tree)


def says(tree: Tree, s: Small, p: Any) -> Value:
    """A truth value in a state."""
    match tree:
        case ("constant", value):
            return value
        case ("copy", k):
            return s.flags[k]
        case ("flip", k):
            return Not(s.flags[k])
        case ("if", test, value, k):
            return If(holds(test, s, p), value, s.flags[k])
        case ("atom", test):
            return holds(test, s, p)
    raise AssertionError(tree)


def assigned(targets: Iterable[Tree], s: Small, p: Any) -> Small:
    """The state after all assignments, each of which reads the state before."""
    after = s
    for tree in targets:
        match tree:
            case ("flags", k, value):
                after = update(after, flags=put(after.flags, k, says(value, s, p)))
            case ("numbers", k, value):
                after = update(after, numbers=put(after.numbers, k, amounts_to(value, s, p)))
            case ("indexed", value):
                after = update(after, flags=put(after.flags, p.index, says(value, s, p)))
    return after


# Systems.


@dataclasses.dataclass(frozen=True)
class Rule:
    """An action as trees."""

    guards: tuple[Tree, ...]
    targets: tuple[Tree, ...]

    def action(self, name: str) -> Action:
        used = str((self.guards, self.targets))
        chosen = Parameter("chosen", between(0, TOP))
        index = Parameter("index", between(0, 1), enumerate=True)
        named = (("chosen", chosen), ("indexed", index))
        return Action(
            name,
            "nobody",
            tuple(parameter for word, parameter in named if word in used),
            lambda s, p: all_of(holds(g, s, p) for g in self.guards),
            lambda s, p: assigned(self.targets, s, p),
        )


def a_rule(rng: Random, state: Small) -> Rule:
    """A rule that mostly may happen in *state*."""
    p = arguments({"chosen": rng.randint(0, TOP)})
    wild = rng.random() < 0.3
    drawn = (a_condition(rng) for _ in range(50))
    guards = list(itertools.islice((g for g in drawn if wild or holds(g, state, p)), rng.randint(1, 3)))
    return Rule(tuple(guards), tuple(a_target(rng) for _ in range(rng.randint(1, 2))))


@dataclasses.dataclass(frozen=True)
class Sketch:
    """A system as trees: rules, and a first value for each variable (None: any)."""

    rules: tuple[Rule, ...]
    first: tuple[tuple[bool | None, ...], tuple[int | None, ...]]

    def system(self) -> System:
        actions = tuple(rule.action(f"A{n}") for n, rule in enumerate(self.rules))
        return System("random", Small(), self._init, actions)

    def _init(self, s: Small) -> Value:
        flags, numbers = self.first
        parts = [f if v else Not(f) for f, v in zip(s.flags, flags, strict=True) if v is not None]
        for n, v in zip(s.numbers, numbers, strict=True):
            parts += [n == v] if v is not None else [n >= 0, n <= TOP]
        return And(*parts)


@dataclasses.dataclass(frozen=True)
class Puzzle:
    """A system and a goal: some variables (by number) and what they are to be.

    ``truth`` is the length of a shortest run there, found by plain exploration.
    """

    sketch: Sketch
    goal: tuple[tuple[int, int | bool], ...]
    truth: int | None = None

    def reached(self, s: Small) -> Value:
        flat = values(s)
        return all_of(_is(flat[k], v) for k, v in self.goal)


def _is(value: Value, wanted: int | bool) -> Value:
    if isinstance(wanted, bool):
        return value if wanted else Not(value)
    return value == wanted


def a_sketch(rng: Random) -> Sketch:
    """Rules are added one by one, each to go on from where the others came last."""
    flags = tuple(rng.choice((False, False, False, True, None)) for _ in range(FLAGS))
    numbers = tuple(rng.choice((0, 0, 0, 1, None)) for _ in range(NUMBERS))
    sketch = Sketch((), (flags, numbers))
    for _ in range(rng.randint(3, 6)):
        last = layers(sketch.system())[-2]  # the very last layer is empty
        rules = [*sketch.rules, a_rule(rng, rng.choice(last))]
        rng.shuffle(rules)
        sketch = dataclasses.replace(sketch, rules=tuple(rules))
    return sketch


def a_puzzle(rng: Random) -> Puzzle:
    """A random system; the goal is what some of its variables come to last, or never."""
    sketch = a_sketch(rng)
    explored = layers(sketch.system())
    goals = [_last(explored, rng.sample(range(FLAGS + NUMBERS), rng.randint(1, 3))) for _ in range(4)]
    _, goal = max(goals, key=lambda pair: pair[0])
    if rng.random() < 0.15:  # now and then something that may be out of reach
        k, value = goal[0]
        goal = ((k, not value if isinstance(value, bool) else TOP - value), *goal[1:])
    puzzle = Puzzle(sketch, goal)
    return dataclasses.replace(puzzle, truth=shortest(explored, puzzle.reached))


def _last(explored: list[list[Small]], picked: list[int]) -> tuple[int, tuple[tuple[int, Any], ...]]:
    """The values of some variables that take longest to reach, and how long."""
    seen: dict[tuple[int | bool, ...], int] = {}
    for n, layer in enumerate(explored):
        for state in layer:
            flat = values(state)
            seen.setdefault(tuple(flat[k] for k in picked), n)
    wanted, n = list(seen.items())[-1]
    return n, tuple(zip(picked, wanted, strict=True))
