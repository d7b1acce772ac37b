"""Which rules no answer in a situation keeps together: smallest sets of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import z3

from ..engines.effort import MILLION, Effort
from ..engines.encode import term
from ..model.logic import Value
from ..properties.property import Property
from .possible_answers import Answers, Choice

Names = frozenset[str]
EACH = 10 * MILLION
"""Work for one query about one situation."""


class Undecided(RuntimeError):
    """The solver gave up on a situation; the text says why."""


class RulesAtOnce:
    """Rules asked of the answers in one situation; each by name, so any set of them can be asked.

    *each* is the work for one query.
    """

    def __init__(self, answers: Answers, rules: Iterable[Property], each: float = EACH) -> None:
        self._answers = answers
        self._each = each
        self._solver = z3.Solver()
        self._solver.add(term(answers.possible))
        self._named: dict[str, z3.BoolRef] = {}
        for rule in rules:
            self._named[rule.name] = z3.Bool(rule.name)
            self._solver.add(z3.Implies(self._named[rule.name], term(answers.keeps(rule))))
        self._settled = z3.Bool("nothing is owed any more")
        self._solver.add(z3.Implies(self._settled, term(answers.settled)))

    def clash(self, names: Sequence[str]) -> Names | None:
        """A smallest set among the rules *names* that no answer keeps; None if one keeps them all.

        It is smallest in that no rule can be left out. Raises Undecided.
        """
        core = self._core(names)
        if core is None:
            return None
        for name in sorted(core, key=names.index):
            smaller = self._core([n for n in core if n != name]) if name in core else None
            core = core if smaller is None else smaller
        return frozenset(core)

    def _core(self, names: Iterable[str]) -> list[str] | None:
        wanted = [self._named[name] for name in names]
        if self._check(*wanted, self._settled) == z3.sat:
            return None
        return [str(b) for b in self._solver.unsat_core() if str(b) in self._named]

    def answer(self, names: Iterable[str], also: Value = True) -> list[Choice] | None:
        """An answer that keeps the rules *names* and makes *also* true; None if there is none."""
        self._solver.push()
        try:
            self._solver.add(term(also))
            if self._check(*(self._named[name] for name in names)) == z3.unsat:
                return None
            return self._answers.chosen(self._solver.model())
        finally:
            self._solver.pop()

    def _check(self, *assumed: z3.BoolRef) -> z3.CheckSatResult:
        effort = Effort(self._each)
        found = effort.check(self._solver, *assumed)
        if found == z3.unknown:
            raise Undecided(effort.reason(self._solver))
        return found
