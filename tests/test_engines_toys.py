"""Every engine on systems that are known by heart: what is true is proved, what is false is refuted."""

from __future__ import annotations

from typing import Any

import pytest
import z3
from toys import TOYS, Toy, claim, layers, shortest

from chimneysweep.counterexamples.trace import run
from chimneysweep.engines import induction
from chimneysweep.engines.bmc import Exhausted, OutOfTime, ShortestRun, search
from chimneysweep.engines.effort import RAN_OUT, Effort
from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.induction import INITIAL, START, Induction, Limits, Obstacle, confirmed, total
from chimneysweep.engines.pieces import Pieces
from chimneysweep.model.kernel import arguments
from chimneysweep.model.logic import Not
from chimneysweep.model.records import rebuild
from chimneysweep.properties.property import Property

every_toy = pytest.mark.parametrize("toy", TOYS.values(), ids=list(TOYS))


def obstacles(encoded: Encoded, support: list[Property], prop: Property) -> list[Obstacle]:
    """What keeps a property from being preserved, given it and its *support*, step by step."""
    pieces = Pieces(encoded, [*support, *(p for p in [prop] if p not in support)])
    engine = Induction(pieces, Limits())
    premises = range(len(pieces.every))
    steps = [engine.step(n, pieces.of[prop.name], premises) for n in range(START, len(encoded.instances))]
    assert not any(step.open for step in steps)
    return [found for step in steps for _, found in step.fallen]


def rechecked(encoded: Encoded, invariant: list[Property]) -> list[str]:
    """What a fresh solver holds against an invariant, step by step."""
    pieces = Pieces(encoded, invariant)
    every, numbers = range(len(pieces.every)), range(START, len(encoded.instances))
    return [found for n in numbers if (found := confirmed(pieces, n, every, every, Limits()))]


def reachable(toy: Toy) -> list[Any]:
    return [state for layer in layers(toy.system) for state in layer]


# The toys are what they are said to be.


@every_toy
def test_the_toys_keep_their_word(toy: Toy) -> None:
    for prop in (toy.true, toy.needy, toy.lemma):
        assert all(prop.holds(state) for state in reachable(toy)), prop.name
    assert shortest(layers(toy.system), lambda s: not toy.false.holds(s)) == toy.steps


# Induction.


@every_toy
def test_what_is_inductive_is_proved(toy: Toy) -> None:
    encoded = Encoded(toy.system)
    assert not obstacles(encoded, [], toy.true)
    assert not rechecked(encoded, [toy.true])


@every_toy
def test_a_false_property_has_an_obstacle(toy: Toy) -> None:
    encoded = Encoded(toy.system)
    for lemmas in ([], [toy.lemma], [toy.true, toy.needy, toy.lemma]):
        assert obstacles(encoded, lemmas, toy.false)


@every_toy
def test_a_needy_property_shows_the_step_that_breaks_it(toy: Toy) -> None:
    found = obstacles(Encoded(toy.system), [], toy.needy)[0]
    before = rebuild(toy.system.template, found.before)
    action = toy.system.action(found.action)
    p = arguments(dict(found.parameters))
    assert toy.needy.holds(before)
    assert action.guard(before, p)
    assert not toy.needy.holds(action.effect(before, p))
    assert before not in reachable(toy), "a step from a reachable state would refute it"


@every_toy
def test_a_needy_property_is_proved_with_its_lemma(toy: Toy) -> None:
    encoded = Encoded(toy.system)
    assert not obstacles(encoded, [toy.lemma], toy.needy)
    assert not obstacles(encoded, [], toy.lemma)
    assert not rechecked(encoded, [toy.lemma, toy.needy])


@every_toy
def test_a_property_that_fails_at_the_start_says_so(toy: Toy) -> None:
    never = claim("never", lambda s: False)
    found = obstacles(Encoded(toy.system), [], never)[0]
    assert found.step == INITIAL
    assert toy.system.init(rebuild(toy.system.template, found.before))


def test_several_claims_are_told_apart() -> None:
    toy = TOYS["hand-off"]
    encoded = Encoded(toy.system)
    pieces = Pieces(encoded, [toy.true, toy.needy, toy.lemma, toy.false])
    every = range(len(pieces.every))
    steps = [Induction(pieces, Limits()).step(n, every, every) for n in range(START, len(encoded.instances))]
    assert {pieces.every[n].claim for step in steps for n, _ in step.fallen} == {toy.false.name}
    assert not any(step.open for step in steps)


# The certificate is decided again; one that is wrong is turned down.


@every_toy
def test_a_wrong_certificate_is_turned_down(toy: Toy) -> None:
    encoded = Encoded(toy.system)
    assert rechecked(encoded, [toy.needy]), "it lacks the lemma"
    assert rechecked(encoded, [toy.lemma, toy.needy, toy.false]), "it holds a false property"
    wrong = rechecked(encoded, [claim("never", lambda s: False)])
    assert wrong == [f"{INITIAL}: sat"]


@every_toy
def test_a_certificate_that_says_nothing_stands(toy: Toy) -> None:
    assert not rechecked(Encoded(toy.system), [claim("always", lambda s: True)])


# Bounded model checking.


@every_toy
def test_a_false_property_is_refuted_by_a_shortest_run(toy: Toy) -> None:
    outcome = search(Encoded(toy.system), lambda s: Not(toy.false.holds(s)), 10)
    assert isinstance(outcome, ShortestRun)
    assert len(outcome.choices) == toy.steps
    first = rebuild(toy.system.template, outcome.first)
    steps, last = run(toy.system, first, outcome.choices)
    assert len(steps) == toy.steps
    assert not toy.false.holds(last)


@every_toy
def test_a_search_that_ends_early_found_nothing_and_proves_nothing(toy: Toy) -> None:
    outcome = search(Encoded(toy.system), lambda s: Not(toy.false.holds(s)), toy.steps - 1)
    assert outcome == Exhausted(toy.steps - 1)


@every_toy
def test_a_true_property_exhausts_the_search(toy: Toy) -> None:
    for prop in (toy.true, toy.needy):
        outcome = search(Encoded(toy.system), lambda s, prop=prop: Not(prop.holds(s)), 6)
        assert outcome == Exhausted(6)


@every_toy
def test_a_goal_that_holds_at_the_start_takes_no_step(toy: Toy) -> None:
    outcome = search(Encoded(toy.system), toy.system.init, 3)
    assert isinstance(outcome, ShortestRun)
    assert outcome.choices == []


@every_toy
def test_a_search_that_may_do_no_work_is_no_answer(toy: Toy) -> None:
    outcome = search(Encoded(toy.system), lambda s: Not(toy.false.holds(s)), 5, Effort(0))
    assert outcome == OutOfTime(-1, RAN_OUT)


def test_an_induction_that_may_do_little_work_is_no_answer() -> None:
    """A single unit is not enough for any query that has something to decide; each run says the same."""
    toy = TOYS["hand-off"]
    encoded = Encoded(toy.system)
    pieces, little = Pieces(encoded, [toy.lemma, toy.needy]), Limits(effort=1)
    numbers = range(START, len(encoded.instances))
    said = [[Induction(pieces, little).step(n, [t], [0, 1]) for n in numbers for t in (0, 1)] for _ in "ab"]
    assert said[0] == said[1]
    assert any(step.open for step in said[0])
    assert not any(step.fallen for step in said[0]), "what is open has not fallen"


class _Lost:
    """A solver that gives up."""

    def __init__(self, *arguments: Any, **options: Any) -> None: ...

    def set(self, *options: Any) -> None: ...

    def add(self, *formulas: Any) -> None: ...

    def check(self, *assumed: Any) -> Any:
        return z3.unknown

    def reason_unknown(self) -> str:
        return "timeout"

    def solver(self) -> _Lost:
        return self


def test_a_solver_that_gives_up_confirms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = TOYS["ring"]
    pieces = Pieces(Encoded(toy.system), [toy.true])
    monkeypatch.setattr(induction.z3, "SimpleSolver", _Lost)
    monkeypatch.setattr(induction.z3, "Then", _Lost)
    monkeypatch.setattr(induction.Assumptions, "check", lambda self, solver: solver.check())
    assert confirmed(pieces, START, [0], [0], Limits()) == f"{INITIAL}: unknown (timeout)"
    (_, reason), *_ = Induction(pieces, Limits()).step(START, [0], []).open
    assert "outer limit" in reason


# Totality.


@every_toy
def test_a_toy_may_always_stutter(toy: Toy) -> None:
    assert total(Encoded(toy.system))


def test_without_stutter_what_comes_to_rest_is_not_total() -> None:
    encoded = Encoded(TOYS["countdown"].system)
    encoded.stutter = z3.BoolVal(False)
    assert not total(encoded)
