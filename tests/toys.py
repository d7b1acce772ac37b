"""Systems small enough to know by heart, and to explore to the end in the Python semantics.

Each toy has a true and a false property, one that is true but not inductive, and the
lemma that helps it. The breadth-first search here shares no code with the engines.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from chimneysweep.engines.worker import Job, JobAnswer, work
from chimneysweep.model.kernel import Action, Parameter, System, arguments
from chimneysweep.model.logic import And, If, Implies, Not, Or, Value, all_of, count, pick, put
from chimneysweep.model.records import BOOL, Sort, between, enum, rebuild, update, values, var, variables
from chimneysweep.properties.property import Case, Conjunct, Property, Source

Formula = Callable[[Any], Value]


def claim(name: str, formula: Formula, premise: Formula = lambda s: True) -> Property:
    """A property of a toy: one case, one conjunct."""

    def cases(state: Any) -> Iterator[Case]:
        yield Case("the toy", premise(state), (Conjunct(name, formula(state)),))

    return Property(name, "lemma", name, Source("tests/toys.py"), cases)


@dataclasses.dataclass(frozen=True)
class Toy:
    """A system and what is known of it.

    ``true`` is inductive by itself; ``false`` is broken after ``steps`` steps and not
    before; ``needy`` holds and is inductive only together with ``lemma``.
    """

    system: System
    true: Property
    false: Property
    steps: int
    needy: Property
    lemma: Property


# A counter: it goes up by 2, wraps at 6, and so is never odd.


@dataclasses.dataclass(frozen=True)
class Counter:
    n: Value = var(between(0, 7))
    wrapped: Value = var(BOOL)


def _counter() -> Toy:
    up = Action("Up", "nobody", (), lambda s, p: s.n != 6, lambda s, p: update(s, n=s.n + 2))
    wrap = Action(
        "Wrap", "nobody", (), lambda s, p: s.n == 6, lambda s, p: update(s, n=s.n - 6, wrapped=True)
    )
    return Toy(
        System("counter", Counter(), lambda s: And(s.n == 0, Not(s.wrapped)), (up, wrap)),
        true=claim("never negative", lambda s: s.n >= 0),
        false=claim("does not come round", lambda s: Implies(s.wrapped, s.n != 2)),
        steps=5,
        needy=claim("never above 6", lambda s: s.n <= 6),
        lemma=claim("even", lambda s: s.n % 2 == 0),
    )


# A token ring: who has the token may work.


@dataclasses.dataclass(frozen=True)
class Ring:
    at: Value = var(between(0, 2))
    busy: tuple[Value, ...] = dataclasses.field(default=(False,) * 3, metadata={"sort": BOOL})


def _ring() -> Toy:
    who = Parameter("who", between(0, 2), enumerate=True)
    start = Action(
        "Start",
        "station",
        (who,),
        lambda s, p: And(s.at == p.who, Not(s.busy[p.who])),
        lambda s, p: update(s, busy=put(s.busy, p.who, True)),
    )
    stop = Action(
        "Stop",
        "station",
        (who,),
        lambda s, p: s.busy[p.who],
        lambda s, p: update(s, busy=put(s.busy, p.who, False)),
    )
    hand_on = Action(
        "HandOn",
        "station",
        (),
        lambda s, p: Not(pick(s.busy, s.at)),
        lambda s, p: update(s, at=If(s.at == 2, 0, s.at + 1)),
    )
    idle = lambda s: And(s.at == 0, all_of(Not(b) for b in s.busy))  # noqa: E731 - a formula
    return Toy(
        System("ring", Ring(), idle, (start, stop, hand_on)),
        true=claim("the token is somewhere", lambda s: And(s.at >= 0, s.at <= 2)),
        false=claim("station 2 never works", lambda s: Not(s.busy[2])),
        steps=3,
        needy=claim("one at a time", lambda s: count(s.busy) <= 1),
        lemma=claim(
            "who works has it", lambda s: all_of(Implies(b, s.at == k) for k, b in enumerate(s.busy))
        ),
    )


# A hand-off in two phases: what is offered is either taken or given back.

IDLE, OFFERED = range(2)


@dataclasses.dataclass(frozen=True)
class HandOff:
    phase: Value = var(enum("IDLE", "OFFERED"))
    total: Value = var(between(0, 3))
    left: Value = var(between(0, 3))
    held: Value = var(between(0, 3))
    moved: Value = var(between(0, 3))


def _handoff() -> Toy:
    length = Parameter("length", between(1, 2))
    offer = Action(
        "Offer",
        "source",
        (length,),
        lambda s, p: And(s.phase == IDLE, p.length <= s.left),
        lambda s, p: update(s, phase=OFFERED, left=s.left - p.length, held=s.held + p.length),
    )
    take = Action(
        "Take",
        "target",
        (),
        lambda s, p: s.phase == OFFERED,
        lambda s, p: update(s, phase=IDLE, moved=s.moved + s.held, held=0),
    )
    refuse = Action(
        "Refuse",
        "target",
        (),
        lambda s, p: s.phase == OFFERED,
        lambda s, p: update(s, phase=IDLE, left=s.left + s.held, held=0),
    )

    def first(s: HandOff) -> Value:
        sizes = And(s.total >= 0, s.total <= 3, s.left == s.total)
        return And(s.phase == IDLE, s.held == 0, s.moved == 0, sizes)

    return Toy(
        System("hand-off", HandOff(), first, (offer, take, refuse)),
        true=claim("nothing is lost", lambda s: s.left + s.held + s.moved == s.total),
        false=claim("three never arrive", lambda s: s.moved != 3),
        steps=4,
        needy=claim("no debt", lambda s: s.left >= 0),
        lemma=claim("what is held is real", lambda s: s.held >= 0),
    )


# A countdown: it comes to rest, and only stuttering is left.


@dataclasses.dataclass(frozen=True)
class Countdown:
    n: Value = var(between(0, 4))
    armed: Value = var(BOOL)


def _countdown() -> Toy:
    down = Action("Down", "nobody", (), lambda s, p: And(s.armed, s.n > 0), lambda s, p: update(s, n=s.n - 1))
    arm = Action("Arm", "nobody", (), lambda s, p: Not(s.armed), lambda s, p: update(s, armed=True))
    return Toy(
        System("countdown", Countdown(), lambda s: And(Not(s.armed), Or(s.n == 3, s.n == 4)), (down, arm)),
        true=claim("not below zero", lambda s: s.n >= 0),
        false=claim("never done", lambda s: s.n != 0),
        steps=4,
        needy=claim("never at 5", lambda s: s.n != 5),
        lemma=claim("at most 4", lambda s: s.n <= 4),
    )


# Four phases of request and acknowledgement: nothing but bits; the requester is the environment.


@dataclasses.dataclass(frozen=True)
class Phases:
    req: Value = var(BOOL)
    ack: Value = var(BOOL)
    busy: Value = var(BOOL)
    done: Value = var(BOOL)


def _phases() -> Toy:
    asks = lambda s, p: Not(Or(s.req, s.ack))  # noqa: E731 - a formula
    ask = Action("Ask", "host", (), asks, lambda s, p: update(s, req=True))
    begin = Action(
        "Begin",
        "target",
        (),
        lambda s, p: And(s.req, Not(s.ack)),
        lambda s, p: update(s, ack=True, busy=True),
    )
    thank = Action("Thank", "host", (), lambda s, p: And(s.req, s.ack), lambda s, p: update(s, req=False))
    rest = Action(
        "Rest",
        "target",
        (),
        lambda s, p: And(Not(s.req), s.ack),
        lambda s, p: update(s, ack=False, busy=False, done=True),
    )
    return Toy(
        System(
            "phases", Phases(), lambda s: Not(Or(s.req, s.ack, s.busy, s.done)), (ask, begin, thank, rest)
        ),
        true=claim("who is busy has acknowledged", lambda s: Implies(s.busy, s.ack)),
        false=claim("nothing is ever done", lambda s: Not(s.done)),
        steps=4,
        needy=claim("idle when asked first", lambda s: Implies(And(s.req, Not(s.ack), s.done), Not(s.busy))),
        lemma=claim("busy says what was acknowledged", lambda s: Implies(Not(s.ack), Not(s.busy))),
    )


# Numbers of two bits that wrap around, as sequence numbers do; peer and wire are the environment.

MODULUS, WINDOW = 4, 2


@dataclasses.dataclass(frozen=True)
class Numbers:
    una: Value = var(between(0, MODULUS - 1))
    nxt: Value = var(between(0, MODULUS - 1))
    peer: Value = var(between(0, MODULUS - 1))


def _numbers() -> Toy:
    length = Parameter("length", between(1, 2))

    def ahead(number: Value, s: Any) -> Value:
        return (number - s.una) % MODULUS

    def inside(s: Any) -> Value:
        return all_of(And(n >= 0, n < MODULUS) for n in (s.una, s.nxt, s.peer))

    send = Action(
        "Send",
        "target",
        (length,),
        lambda s, p: ahead(s.nxt, s) + p.length <= WINDOW,
        lambda s, p: update(s, nxt=(s.nxt + p.length) % MODULUS),
    )
    arrives = Action(
        "Arrives",
        "wire",
        (),
        lambda s, p: s.peer != s.nxt,
        lambda s, p: update(s, peer=(s.peer + 1) % MODULUS),
    )
    acks = Action("Acks", "peer", (), lambda s, p: s.una != s.peer, lambda s, p: update(s, una=s.peer))
    return Toy(
        System("numbers", Numbers(), lambda s: all_of(n == 0 for n in values(s)), (send, arrives, acks)),
        true=claim("numbers have two bits", inside),
        false=claim("nothing wraps", lambda s: s.una <= s.nxt),
        steps=5,
        needy=claim("the peer is in the window", lambda s: ahead(s.peer, s) <= WINDOW),
        lemma=claim(
            "the peer has what was sent",
            lambda s: And(inside(s), ahead(s.peer, s) <= ahead(s.nxt, s), ahead(s.nxt, s) <= WINDOW),
        ),
    )


TOYS = {
    toy.system.name: toy for toy in (_counter(), _ring(), _handoff(), _countdown(), _phases(), _numbers())
}


def domain(sort: Sort) -> list[int | bool]:
    """Every value of a bounded sort."""
    if sort.kind == "bool":
        return [False, True]
    assert sort.low is not None
    assert sort.high is not None
    return list(range(sort.low, sort.high + 1))


def first_states(system: System) -> list[Any]:
    """Every initial state whose variables lie in their sorts."""
    options = itertools.product(*(domain(v.sort) for v in variables(system.template)))
    states = (rebuild(system.template, flat) for flat in options)
    return [state for state in states if system.init(state)]


def successors(system: System, state: Any) -> Iterator[Any]:
    """Every state one step away, for every value of every parameter."""
    for action in system.actions:
        for choice in itertools.product(*(domain(p.sort) for p in action.parameters)):
            p = arguments(dict(zip((p.name for p in action.parameters), choice, strict=True)))
            if action.guard(state, p):
                yield action.effect(state, p)


def layers(system: System, depth: int = 50) -> list[list[Any]]:
    """The states that are reached in 0, 1, 2, ... steps and no fewer."""
    found = [first_states(system)]
    seen = {_key(s) for s in found[0]}
    while found[-1] and len(found) <= depth:
        fresh = {_key(s): s for old in found[-1] for s in successors(system, old)}
        found.append([s for key, s in fresh.items() if key not in seen])
        seen |= fresh.keys()
    return found


def _key(state: Any) -> tuple[int | bool, ...]:
    return tuple(values(state))


def shortest(reached: list[list[Any]], goal: Formula) -> int | None:
    """The steps of a shortest run to *goal* among the layers; None if none leads there."""
    return next((n for n, layer in enumerate(reached) if any(goal(s) for s in layer)), None)


# Jobs that go wrong. They are here because a worker process imports them by name.

CRASHES, HANGS, RAISES = "snd.max", "snd.una", "snd.wnd"
EXIT_CODE = 7


KEPT: list[str] = []
"""What a process was told before its workers were started."""


def kept(_: object) -> str:
    """What this process knows of what was told."""
    return ", ".join(KEPT)


def blocked(_: int) -> str:
    """The signals that this process holds back, by name."""
    return ", ".join(signal.Signals(s).name for s in signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def mishap(job: Job) -> JobAnswer:
    """The work of a job, except for three properties, which crash, hang or raise."""
    if job.property == CRASHES:
        os._exit(EXIT_CODE)
    if job.property == HANGS:
        time.sleep(600)
    if job.property == RAISES:
        raise RuntimeError("planted")
    return work(job)
