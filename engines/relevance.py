"""Which actions can matter at which step of a bounded run: three exact prunings.

*Forward*: an action whose guard no state of that step can satisfy is left out. States
are over-approximated by a set of possible constants per variable.
*Backward*: an action that writes nothing that the goal, or a later relevant action,
reads can be dropped from a run, which leaves a shorter run to the same goal. Shorter
runs are exhausted first, so such actions are left out, and with them the variables
that nobody reads.
*Order*: of two adjacent steps that neither read nor write what the other writes, one
order stands for both.

None of them loses a shortest run. Known limitation: the argument needs the depths to
be searched in ascending order, each to exhaustion.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

import z3

from .encode import Encoded, concrete

Values = dict[int, frozenset[int | bool]]
"""Variable (AST id of its constant) -> the constants it may hold; absent: anything."""

MOST_VALUES = 4


@dataclasses.dataclass(frozen=True)
class TermOutcome:
    """What a term may come to: some constants, or the value of some variables (AST ids)."""

    constants: frozenset[int | bool]
    variables: frozenset[int]


@dataclasses.dataclass(frozen=True)
class Footprint:
    """What an instance reads (in its guard; for each variable it writes) as AST ids."""

    guard: frozenset[int]
    writes: Mapping[int, frozenset[int]]

    @functools.cached_property
    def reads(self) -> frozenset[int]:
        """Everything that the guard or the effect reads."""
        return self.guard.union(*self.writes.values())


class Relevance:
    """The prunings for one encoded system."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self._by_id = {c.get_id(): c for c in encoded.constants}
        self.footprints = [self._footprint(n) for n in range(len(encoded.instances))]
        self._possible: list[list[int]] = []
        self._values: list[Values] = [self._initial()]
        self._verdicts: dict[tuple[Any, ...], bool] = {}
        self._guards = z3.SimpleSolver()
        self._options_of: dict[tuple[int, frozenset[int | bool]], Any] = {}
        self._outcomes: dict[int, TermOutcome | None] = {}
        self._pairs: dict[tuple[int, int], bool] = {}

    def variables(self, term: Any) -> frozenset[int]:
        """The state constants that occur in a term."""
        return self.encoded.reads(term)

    def _footprint(self, number: int) -> Footprint:
        return Footprint(self.variables(self.encoded.instances[number].guard), self.encoded.sources[number])

    def _initial(self) -> Values:
        """Constants that the initial condition fixes by an equation or a literal."""
        fixed: Values = {}
        for part in _conjuncts(self.encoded.init):
            negated = z3.is_not(part)
            literal = part.arg(0) if negated else part
            if literal.get_id() in self._by_id:
                fixed[literal.get_id()] = frozenset((not negated,))
            elif z3.is_eq(part) and part.arg(0).get_id() in self._by_id and z3.is_int_value(part.arg(1)):
                fixed[part.arg(0).get_id()] = frozenset((concrete(part.arg(1)),))
        return fixed

    def possible(self, level: int) -> list[int]:
        """Numbers of the instances that may be enabled after *level* steps."""
        while len(self._possible) <= level:
            now = self._values[len(self._possible)]
            enabled = [n for n in range(len(self.encoded.instances)) if self._may_happen(n, now)]
            self._possible.append(enabled)
            self._values.append(self._after(now, enabled))
        return self._possible[level]

    def _may_happen(self, number: int, values: Values) -> bool:
        known = tuple((v, values[v]) for v in sorted(self.footprints[number].guard) if v in values)
        key = (number, known)
        if key not in self._verdicts:
            self._guards.push()
            self._guards.add(self.encoded.instances[number].guard)
            self._guards.add(*(self._one_of(v, options) for v, options in known))
            self._verdicts[key] = self._guards.check() != z3.unsat
            self._guards.pop()
        return self._verdicts[key]

    def _one_of(self, variable: int, options: frozenset[int | bool]) -> Any:
        if (variable, options) not in self._options_of:
            equal = (self._by_id[variable] == value for value in options)
            self._options_of[variable, options] = z3.Or(*equal)
        return self._options_of[variable, options]

    def _after(self, values: Values, enabled: Iterable[int]) -> Values:
        """What variables may hold after one of the instances, or none, has happened."""
        result = dict(values)
        for number in enabled:
            for key, _, new in self.encoded.changes[number]:
                if key in result:
                    options = self._may_become(self._outcome(new), values)
                    both = None if options is None else result[key] | options
                    if both is None or len(both) > MOST_VALUES:
                        del result[key]
                    else:
                        result[key] = both
        return result

    def _may_become(self, outcome: TermOutcome | None, values: Values) -> frozenset[int | bool] | None:
        if outcome is None or any(v not in values for v in outcome.variables):
            return None
        return outcome.constants.union(*(values[v] for v in outcome.variables))

    def _outcome(self, new: Any) -> TermOutcome | None:
        """The leaves of a term's conditionals; None if one is neither a constant nor a variable."""
        key = new.get_id()
        if key not in self._outcomes:
            self._outcomes[key] = self._leaves(new)
        return self._outcomes[key]

    def _leaves(self, new: Any) -> TermOutcome | None:
        constants, variables, seen, todo = set(), set(), set(), [new]
        while todo:
            term = todo.pop()
            key = term.get_id()
            if key in seen:
                continue
            seen.add(key)
            if z3.is_app_of(term, z3.Z3_OP_ITE):
                todo += [term.arg(1), term.arg(2)]
            elif key in self._by_id:
                variables.add(key)
            elif z3.is_int_value(term) or z3.is_true(term) or z3.is_false(term):
                constants.add(concrete(term))
            else:
                return None
        return TermOutcome(frozenset(constants), frozenset(variables))

    def plan(self, goal: Any, depth: int) -> tuple[list[list[int]], list[frozenset[int]]]:
        """For a run of *depth* steps to *goal*: the instances that matter at each step,
        and the variables that matter in each state (the last one included)."""
        read = self.variables(goal)
        states = [read]
        steps: list[list[int]] = []
        for level in range(depth - 1, -1, -1):
            matter = [n for n in self.possible(level) if not read.isdisjoint(self.footprints[n].writes)]
            for n in matter:
                mark = self.footprints[n]
                read = read.union(mark.guard, *(r for v, r in mark.writes.items() if v in states[0]))
            states.insert(0, read)
            steps.insert(0, matter)
        return steps, states

    def after_independent(self, right: int, candidates: Iterable[int]) -> list[int]:
        """Those of *candidates* with a larger number than *right* that are independent of it."""
        return [left for left in candidates if left > right and self._independent(left, right)]

    def _independent(self, left: int, right: int) -> bool:
        """Whether two instances neither read nor write what the other writes."""
        if (left, right) not in self._pairs:
            a, b = self.footprints[left], self.footprints[right]
            touched = a.reads | a.writes.keys()
            apart = touched.isdisjoint(b.writes) and b.reads.isdisjoint(a.writes)
            self._pairs[left, right] = apart
        return self._pairs[left, right]


def _conjuncts(formula: Any) -> list[Any]:
    if z3.is_and(formula):
        return [leaf for child in formula.children() for leaf in _conjuncts(child)]
    return [formula]
