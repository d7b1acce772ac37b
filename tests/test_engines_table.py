"""Every engine on every kind of system: what it says is right, and it says so where it can.

The systems are known by heart (`toys.py`): bits, numbers, numbers that wrap around, indexed instances, free
parameters, one that comes to rest; with and without an environment. What is true of them is known from
exploring every state, which shares no code with the engines.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any

import click
import pytest
import z3
from induction_stage import doubts
from toys import TOYS, Toy, layers

from chimneysweep.cli.check import command
from chimneysweep.counterexamples.trace import Trace, TracedSubject, run
from chimneysweep.engines import pieces as pieces_module
from chimneysweep.engines.effort import MILLION
from chimneysweep.engines.encode import Encoded, fresh_context
from chimneysweep.engines.engine import Budget, Decided, Problem
from chimneysweep.engines.induction import START, Induction, Limits, confirmed
from chimneysweep.engines.pieces import Pieces
from chimneysweep.engines.portfolio import ENGINES
from chimneysweep.engines.tracing import TraceMaker
from chimneysweep.engines.verdict import Proved, Unknown, Verdict, Violated
from chimneysweep.engines.worker import Bench, Job, JobAnswer, Proof
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.logic import And
from chimneysweep.model.records import rebuild
from chimneysweep.properties.property import Case, Conjunct, Property, Source

BUDGET = Budget(depth=6, effort=20 * MILLION)


@dataclasses.dataclass(frozen=True)
class Expected:
    """What an engine leaves undecided, on whatever system or on one: it has no way to tell.

    What it says then: a depth up to which nothing was found, a counterexample to induction.
    ``claims``: its certificates name claims.
    """

    open: frozenset[str]
    depth: bool = False
    obstacle: bool = False
    claims: bool = True


def open_(*what: str, **says: bool) -> Expected:
    return Expected(frozenset(what), **says)


EXPECTED = {
    "portfolio": open_("needy, no lemma", depth=True, obstacle=True),
    "induction": open_("false", "needy, no lemma", obstacle=True),
    "bmc": open_("true", "needy", "needy, no lemma", depth=True),
    # it loses itself in remainders, and says so within its budget
    "spacer": open_("numbers: false", "numbers: needy", "numbers: needy, no lemma", claims=False),
}


def bench(toy: Toy, claims: Sequence[Property]) -> Bench:
    fresh_context()
    tracer = TraceMaker(toy.system, Bounds(), TracedSubject(toy.system.name), "a toy")
    return Bench(toy.system, claims, tracer)


def decided(engine: str, toy: Toy, prop: Property, *lemmas: Property) -> Verdict:
    """What an engine says of a property, if these lemmas are there; the false property always is."""
    claims = tuple(dict.fromkeys((*lemmas, prop, toy.false)))
    problem = Problem(toy.system, claims, Job("total", "a toy", Bounds()), bench(toy, claims))
    found = [f for f in ENGINES[engine].decide(problem, [prop.name], BUDGET) if isinstance(f, Decided)]
    assert [f.property for f in found] == [prop.name], "one verdict, on what was asked"
    return found[0].verdict


def cases() -> Iterator[Any]:
    for engine in ENGINES:
        for toy in TOYS.values():
            for what in ("true", "false", "needy", "needy, no lemma"):
                yield pytest.param(engine, toy, what, id=f"{engine}, {toy.system.name}: {what}")


@pytest.mark.parametrize(("engine", "toy", "what"), list(cases()))
def test_it_says_what_is_so(engine: str, toy: Toy, what: str) -> None:
    prop: Property = getattr(toy, what.partition(",")[0])
    claims = (toy.lemma, toy.true, toy.needy, toy.false)
    verdict, expected = decided(engine, toy, prop, *(() if "no" in what else (toy.lemma,))), EXPECTED[engine]
    match verdict:
        case Proved(certificate, rechecked):
            assert what != "false"
            assert rechecked
            assert certificate
            if expected.claims:  # that an invariant of another kind is checked is tested elsewhere
                named = [c for c in claims if c.name in certificate]
                assert prop in named
                assert not doubts(Encoded(toy.system), named)
        case Violated(trace, exhausted):
            assert what == "false"
            assert (len(trace.steps), exhausted) == (toy.steps, toy.steps - 1), "a shortest run"
            assert not prop.holds(last(toy, trace))
        case Unknown(reason, bound, induction):
            assert reason
            assert bound == (BUDGET.depth if expected.depth else -1)
            assert (induction is not None) == expected.obstacle
    assert isinstance(verdict, Unknown) == bool({what, f"{toy.system.name}: {what}"} & expected.open)


def last(toy: Toy, trace: Trace) -> Any:
    """The last state of a trace, run again from a first state of the system."""
    first = rebuild(toy.system.template, list(trace.initial.values()))
    assert toy.system.init(first)
    return run(toy.system, first, [(s.action, s.parameters) for s in trace.steps])[1]


@pytest.mark.parametrize("toy", TOYS.values(), ids=list(TOYS))
def test_the_table_knows_what_is_so(toy: Toy) -> None:
    states = [state for layer in layers(toy.system) for state in layer]
    assert all(p.holds(s) for p in (toy.true, toy.needy, toy.lemma) for s in states)
    assert not all(toy.false.holds(s) for s in states)


def test_the_command_and_its_schema_know_every_engine() -> None:
    (option,) = (option for option in command.params if option.name == "engine")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(ENGINES)
    schema = json.loads(
        (files("chimneysweep.cli") / "schemas" / "check.schema.json").read_text(encoding="utf-8")
    )
    assert schema["properties"]["reports"]["items"]["properties"]["engine"]["enum"] == list(ENGINES)
    assert list(EXPECTED) == list(ENGINES)


# What would be wrong is caught.


class Lies(Bench):
    """Somebody who says of every induction step that it preserves everything."""

    def work(self, job: Job) -> JobAnswer:
        answer = super().work(job)
        return JobAnswer(True, proofs=((job.claims, job.lemmas),)) if job.task == "step" else answer


@pytest.mark.parametrize("toy", TOYS.values(), ids=list(TOYS))
@pytest.mark.parametrize("engine", [name for name, expected in EXPECTED.items() if expected.obstacle])
def test_a_proof_that_is_none_is_caught(engine: str, toy: Toy) -> None:
    fresh_context()
    tracer = TraceMaker(toy.system, Bounds(), TracedSubject(toy.system.name), "a toy")
    liar = Lies(toy.system, [toy.needy], tracer)
    problem = Problem(toy.system, (toy.needy,), Job("total", "a toy", Bounds()), liar)
    (found,) = ENGINES[engine].decide(problem, [toy.needy.name], BUDGET)
    assert isinstance(found, Decided)
    assert isinstance(found.verdict, Unknown)
    assert "a fresh solver did not" in found.verdict.reason


@pytest.mark.parametrize("engine", ENGINES)
def test_what_may_do_no_work_decides_nothing(engine: str) -> None:
    toy = TOYS["numbers"]
    problem = Problem(toy.system, (toy.false,), Job("total", "a toy", Bounds()), bench(toy, [toy.false]))
    found = ENGINES[engine].decide(problem, [toy.false.name], Budget(effort=0))
    assert [type(f.verdict) for f in found if isinstance(f, Decided)] == [Unknown]


@pytest.mark.parametrize("name", TOYS)
def test_a_certificate_with_a_gap_is_not_confirmed(name: str) -> None:
    """What is needed and in no proof, and what a proof rests on and nobody needs, is found out."""
    toy = TOYS[name]
    done = bench(toy, [toy.needy, toy.lemma])

    def confirm(claims: Sequence[Property], *proofs: Proof) -> JobAnswer:
        """Whether all of the steps are confirmed; else the first that is not."""
        names = tuple(c.name for c in claims)
        asked = (
            Job("confirm", "a toy", Bounds(), claims=names, proofs=proofs, number=n)
            for n in range(START, len(done.pieces.encoded.instances))
        )
        answers = [answer for _, answer in done.answers(asked)]
        return next((a for a in answers if not a.ok), answers[0])

    needy, lemma = toy.needy.name, toy.lemma.name
    both: Proof = ((needy, lemma), (needy, lemma))
    assert confirm([toy.needy, toy.lemma], both).ok
    assert not confirm([toy.needy, toy.lemma], ((lemma,), (lemma,))).ok, "half of it is in no proof"
    unproved = confirm([toy.needy], ((needy,), (needy, lemma)))
    assert not unproved.ok
    assert f"rests on {lemma}" in unproved.reason


def test_what_goes_stepwise_says_no_more_and_no_less() -> None:
    """Of pieces that go stepwise, one that is broken is broken as the first; the whole is the same."""
    toy = TOYS["counter"]

    def cases(state: Any) -> Iterator[Case]:
        yield Case("the toy", True, (Conjunct("three", And(state.n <= 6, state.n % 2 == 0, state.n >= 1)),))

    plain = Property("three", "lemma", "three things", Source("here"), cases)
    told = [doubts(Encoded(toy.system), [p]) for p in (plain, dataclasses.replace(plain, stepwise=True))]
    assert told[0] == told[1] != [], "it is false at the start, and after Wrap"
    pieces = Pieces(Encoded(toy.system), [dataclasses.replace(plain, stepwise=True)])
    after = {n: piece.formula for n, piece in enumerate(pieces.every)}
    query = z3.Solver()
    query.add(pieces.broken(after) != z3.Not(z3.And(*after.values())))
    assert query.check() == z3.unsat
    assert pieces.broken(after).num_args() == len(after) == 3, "one way to be broken for each of them"


def _stepwise(*formulas: Callable[[Any], Any]) -> Property:
    def cases(state: Any) -> Iterator[Case]:
        yield Case("the toy", True, (Conjunct("steps", And(*(f(state) for f in formulas))),))

    return Property("steps", "lemma", "one after the other", Source("here"), cases, stepwise=True)


def test_many_steps_are_asked_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those before the first that is asked hold after the step already, which its proof says."""
    monkeypatch.setattr(pieces_module, "STEPS", 1)
    toy, up = TOYS["counter"], 0
    sound = _stepwise(lambda s: s.n % 2 == 0, lambda s: s.n <= 6, lambda s: s.n != 5)
    known = Pieces(Encoded(toy.system), [sound])
    found = Induction(known, Limits()).step(up, range(3), range(3))
    assert not found.fallen
    assert [targets for targets, _ in found.proofs] == [(0,), (1,), (2,)]
    assert all(set(range(*targets)) <= set(premises) for targets, premises in found.proofs)
    assert not any(confirmed(known, up, *proof, Limits()) for proof in found.proofs)
    done = bench(toy, [sound])
    whole = Job("confirm", "a toy", Bounds(), claims=("steps",), number=up)
    proofs = tuple((known.names(targets), known.names(premises)) for targets, premises in found.proofs)
    assert done.work(dataclasses.replace(whole, proofs=proofs)).ok
    assert not done.work(dataclasses.replace(whole, proofs=proofs[1:])).ok, "the first rests on itself alone"


def test_of_steps_that_are_not_claimed_nothing_is_known_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 4 the counter comes to 6: not above 5 only if it is not above 4, and that falls."""
    monkeypatch.setattr(pieces_module, "STEPS", 1)
    toy, up = TOYS["counter"], 0
    known = Pieces(Encoded(toy.system), [_stepwise(lambda s: s.n <= 4, lambda s: s.n <= 5)])
    assert confirmed(known, up, [1], [], Limits())
    assert not confirmed(known, up, [1], [0], Limits())
    found = Induction(known, Limits()).step(up, range(2), range(2))
    assert [target for target, _ in found.fallen] == [0]
    assert not found.proofs
