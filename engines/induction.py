"""Induction: what every step preserves, given that it all held before.

A set of pieces of claims holds in every reachable state if the first states satisfy it and each
action instance leads from a state that satisfies it to one that does. A query is about the pieces
that one instance can affect; it begins with few premises (:mod:`.premises`), and takes all there are
only where these are not enough. The solver's core tells which premises a
proof rests on. :func:`confirmed` decides a finished set once more, with another solver.

Each query is asked in a context of its own, so what comes of a step does not depend on what was asked
before it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import z3

from ..model.logic import And, Not
from .effort import MILLION, OUTER, RAN_OUT
from .encode import Encoded, concrete, term
from .pieces import Pieces
from .premises import Premises
from .rawterms import Assumptions, address, addresses, conjunction

INITIAL = "the initial states"
START = -1
"""The number that stands for the initial states where action instances are counted from 0."""

FIRST_TRY = 60 * MILLION
"""Work for several pieces at once; where it does not do, they are asked in halves."""

ARITHMETIC = 2
"""Z3's older solver for arithmetic: faster here. Where it gives up on a proof, the newer one confirms it."""

CONFIRMED = 8 * MILLION
"""Work that is enough to confirm nearly every proof; each solver has so much before one has more."""

SMALL = 2 * MILLION
"""Work up to which a proof is asked once more, for which premises it needs."""
ONCE_MORE = 4 * SMALL
"""Work for that: where it does not do, the proof rests on what it was found with."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a query may cost: ``effort`` in the solver's units of work, ``seconds`` as an outer limit.

    ``sparing``: proofs are to rest on few premises, which costs more and pays where little is wanted.
    """

    effort: int = 200 * MILLION
    seconds: float = OUTER
    sparing: bool = False


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """Why a piece is not inductive: the step (or the initial states), and the state before it.

    ``before`` and ``parameters`` describe the counterexample to induction (flat values).
    """

    step: str
    action: str = ""
    before: tuple[int | bool, ...] = ()
    parameters: tuple[tuple[str, int | bool], ...] = ()


@dataclasses.dataclass(frozen=True)
class Steps:
    """What one instance does to some pieces: proofs, what fell, and what is open, with the reason.

    ``proofs`` pairs pieces with the premises that the proof of all of them rests on.
    """

    proofs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()
    fallen: tuple[tuple[int, Obstacle], ...] = ()
    open: tuple[tuple[int, str], ...] = ()


class Induction:
    """Induction steps over the pieces of claims of one encoded system."""

    def __init__(self, pieces: Pieces, limits: Limits) -> None:
        self.pieces = pieces
        self.encoded: Encoded = pieces.encoded
        self.limits = limits
        self._premises = Premises(pieces.every)

    def affected(self, number: int, targets: Iterable[int]) -> list[int]:
        """Those of *targets* that instance *number* (or START) can affect."""
        if number == START:
            return list(targets)
        writes = self.encoded.writes[number]
        return [t for t in targets if not self.pieces.every[t].reads.isdisjoint(writes)]

    def step(self, number: int, targets: Sequence[int], premises: Sequence[int]) -> Steps:
        """Decide what instance *number* (or START) does to *targets*, given *premises* (and the targets)."""
        changed = self.after(number, self.affected(number, targets))
        found, self._premises = _Found(), Premises(self.pieces.every)
        for place in self.pieces.places(changed):
            lost = {self.pieces.every[t].claim for t, _ in found.fallen}
            left = {t: changed[t] for t in place if self.pieces.every[t].claim not in lost}
            self._decide(number, left, [p for p in premises if self.pieces.every[p].claim not in lost], found)
        return Steps(tuple(found.proofs), tuple(found.fallen), tuple(found.open))

    def after(self, number: int, targets: Sequence[int]) -> dict[int, Any]:
        """The pieces after the step; those that it leaves as they are need no proof."""
        formulas = [self.pieces.every[t].formula for t in targets]
        if number == START or not targets:
            return dict(zip(targets, formulas, strict=True))
        changes = self.encoded.instances[number].changes
        after = z3.substitute(conjunction(formulas), *changes)
        moved = (k for k, at in enumerate(addresses(after)) if at != address(formulas[k]))
        return {targets[k]: after.arg(k) for k in moved}

    def _decide(self, number: int, targets: dict[int, Any], premises: list[int], found: _Found) -> None:
        """Ask for all targets at once; what falls is left out, and the rest is asked again."""
        if not targets:
            return
        near, *wider = self._ordered(number, targets, premises)
        earlier = self.pieces.earlier(targets)
        query = _Query(self.given(number, earlier), targets, self.pieces, self.limits)
        query.add(near)
        effort = FIRST_TRY if len(targets) > 1 else self.limits.effort
        while query.left:
            answer = query.check(effort)
            if answer == z3.unsat:
                core = query.core()
                self._premises.learn(query.left, core)
                found.proofs.append((tuple(query.left), tuple(dict.fromkeys((*earlier, *core)))))
                return
            if answer == z3.unknown:
                self._halves(number, query.left, premises, query, found)
                return
            if wider:
                query.add(wider.pop(0))
            else:
                obstacle = self._obstacle(query, number)
                found.fallen += [(t, obstacle) for t in query.lost()]

    def _halves(
        self, number: int, targets: dict[int, Any], premises: list[int], query: _Query, found: _Found
    ) -> None:
        """Too much at once: in halves; a single piece stays open."""
        if len(targets) == 1:
            found.open += [(t, query.reason) for t in targets]
            return
        items = list(targets.items())
        for half in (items[: len(items) // 2], items[len(items) // 2 :]):
            self._decide(number, dict(half), premises, found)

    def given(self, number: int, earlier: Iterable[int] = ()) -> Any:
        """What is known of a step besides premises: its guard, and that *earlier* pieces hold after it."""
        guard = self.encoded.init if number == START else self.encoded.instances[number].guard
        return z3.And(guard, *self.after(number, self.affected(number, earlier)).values())

    def _ordered(self, number: int, targets: dict[int, Any], premises: Sequence[int]) -> list[list[int]]:
        """The premises, in the order in which they are added until there are enough."""
        if number == START:
            return [[]]
        sources = self.encoded.sources[number]
        read = frozenset().union(*(self.pieces.every[t].reads for t in targets))
        cone = self.encoded.reads(self.given(number)).union(*(sources.get(v, {v}) for v in read))
        return self._premises.ordered(cone, targets, premises)

    def _obstacle(self, query: _Query, number: int) -> Obstacle:
        before = tuple(query.values(self.encoded.constants))
        if number == START:
            return Obstacle(INITIAL, before=before)
        instance = self.encoded.instances[number]
        free = zip(instance.free, query.values(list(instance.free.values())), strict=True)
        return Obstacle(
            instance.name, instance.action.name, before, tuple({**instance.fixed, **dict(free)}.items())
        )


@dataclasses.dataclass
class _Found:
    proofs: list[tuple[tuple[int, ...], tuple[int, ...]]] = dataclasses.field(default_factory=list)
    fallen: list[tuple[int, Obstacle]] = dataclasses.field(default_factory=list)
    open: list[tuple[int, str]] = dataclasses.field(default_factory=list)


class _Query:
    """One question in a context of its own; premises are assumed, and targets left out, by their numbers.

    ``left`` are the targets not left out yet. A claim that is lost is neither assumed nor asked for any more.
    """

    def __init__(self, given: Any, targets: dict[int, Any], pieces: Pieces, limits: Limits) -> None:
        self._context = z3.Context()
        self._solver = z3.SimpleSolver(ctx=self._context)
        self._solver.set("arith.solver", ARITHMETIC)
        self._solver.set("smt.delay_units", True)
        self._solver.set("timeout", max(1, int(limits.seconds * 1000)))
        self._pieces = pieces.every
        self._limits = limits
        self._assumed = Assumptions(self._context)
        self._lost: set[str] = set()
        self.left = dict(targets)
        self.reason = ""
        self._solver.add(z3.And(given, pieces.broken(targets)).translate(self._context))

    def add(self, premises: Sequence[int]) -> None:
        """Premises that are assumed from now on."""
        some = [self._pieces[n] for n in premises if self._pieces[n].claim not in self._lost]
        if some:
            self._solver.add(conjunction([p.assumed for p in some]).translate(self._context))
            self._assumed.add({p.number: p.mark for p in some})

    def check(self, effort: int) -> z3.CheckSatResult:
        """Whether there is a counterexample to one of the targets left in which the premises hold."""
        self._solver.set("rlimit", effort)
        answer = self._assumed.check(self._solver)
        if answer == z3.unknown:
            said = str(self._solver.reason_unknown())
            outer = f"the outer limit of {self._limits.seconds:g} seconds struck"
            self.reason = outer if "timeout" in said else RAN_OUT if "cancel" in said else said
        return answer

    def lost(self) -> list[int]:
        """The targets that do not hold in the counterexample; their claims are left out from now on."""
        fell = [t for t, after in self.left.items() if not self.holds(after)] or list(self.left)
        self._lost |= {self._pieces[t].claim for t in fell}
        self.left = {t: after for t, after in self.left.items() if self._pieces[t].claim not in self._lost}
        self._assumed.keep(lambda n: self._pieces[n].claim not in self._lost)
        self._solver.add(term(Not(And(*self.left.values()))).translate(self._context))
        return fell

    def core(self) -> tuple[int, ...]:
        """The premises that the last answer rests on, few of them where that is cheap to have."""
        found = tuple(self._assumed.core(self._solver))
        if self._limits.sparing and _work(self._solver) < SMALL:
            self._solver.set("core.minimize", True)
            self._solver.set("rlimit", ONCE_MORE)
            if self._assumed.check(self._solver) == z3.unsat:
                return tuple(self._assumed.core(self._solver))
        return found

    def holds(self, formula: Any) -> bool:
        """Whether *formula* holds in the counterexample."""
        return z3.is_true(self._solver.model().eval(formula.translate(self._context), True))

    def values(self, terms: Sequence[Any]) -> list[int | bool]:
        """Concrete values in the counterexample, unconstrained ones included."""
        model = self._solver.model()
        return [concrete(model.eval(t.translate(self._context), True)) for t in terms]


def _work(solver: Any) -> int:
    """What a solver has done so far, in its units; each has a context of its own."""
    return int(solver.statistics().get_key_value("rlimit count"))


def confirmed(
    pieces: Pieces, number: int, targets: Sequence[int], premises: Sequence[int], limits: Limits
) -> str:
    """Decide again, with a solver of another make, that one instance leads from *premises* to *targets*.

    Returns "" if it does, else what was found instead.
    """
    encoded, induction = pieces.encoded, Induction(pieces, limits)
    after = induction.after(number, induction.affected(number, targets))
    known, formulas = {*premises, *targets}, [pieces.every[p].formula for p in premises if number != START]
    little, more = min(CONFIRMED, limits.effort), min(FIRST_TRY, limits.effort)

    def broken(some: dict[int, Any], *efforts: int) -> str:
        given = induction.given(number, [n for n in pieces.earlier(some) if n in known])
        return _refuted([given, *formulas, pieces.broken(some)], limits.seconds, *efforts)

    found = broken(after, little, more) if after else ""
    if found.startswith("unknown"):  # too much at once
        each = (broken({n: formula}, little, limits.effort) for n, formula in after.items())
        found = next((f for f in each if f), "")
    return f"{encoded.step_name(number)}: {found}" if found else ""


def _refuted(formulas: Sequence[Any], seconds: float, *efforts: int) -> str:
    """Nothing if no state satisfies the formulas, by one of two fresh solvers; else what they said.

    Each solver is given the first of *efforts* before one is given the next: the one that came second.
    """
    context, found = z3.Context(), ""
    whole = conjunction(formulas).translate(context)
    for effort, first in zip(efforts, (_simplifying, _simple), strict=False):
        other = _simple if first is _simplifying else _simplifying
        for query in (first(context), other(context)):
            query.set("timeout", max(1, int(seconds * 1000)))
            query.set("rlimit", effort)
            query.add(whole)
            answer = query.check()
            if answer != z3.unknown:
                return "" if answer == z3.unsat else "sat"
            found = f"unknown ({query.reason_unknown()})"
    return found


def _simple(context: Any) -> Any:
    return z3.SimpleSolver(ctx=context)


def _simplifying(context: Any) -> Any:
    steps = ("simplify", "propagate-values", "solve-eqs", "simplify", "smt")
    solver = z3.Then(*steps, ctx=context).solver()
    solver.set("arith.solver", ARITHMETIC)
    return solver


def total(encoded: Encoded) -> bool:
    """Whether every state has a successor: some guard holds, or the system stutters."""
    guards = [instance.guard for instance in encoded.instances]
    query = z3.Solver()
    query.add(z3.Not(z3.Or(*guards, encoded.stutter)))
    return bool(query.check() == z3.unsat)
