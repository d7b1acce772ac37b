"""The monitor as a C program: events, guards and properties run once on terms, and written down.

An event computes the new values from the old world, stores those that differ, and judges
the properties that read one of them. A property looks at its conjuncts where its premise
holds, case by case.

A variable that an event leaves alone is not stored; a property is judged again only when
a variable changed that stands in it. Both are exact: they come from the terms.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import z3

from ....model.bounds import Bounds
from ....model.chimney.careful import as_careful
from ....model.chimney.handover import NdisMTerminateOffloadComplete
from ....model.chimney.state import World
from ....model.kernel import Action
from ....model.records import rebuild, values, variables
from ....properties.property import Case
from ..criteria import Criteria, observed
from .layout import WORD, run_struct, structs
from .program_interface import BEYOND, DECLARED, PASSED, PLACES, ProgramEvent
from .terms import CBlock, Term, Terms, below

HEAD = """#include <stdint.h>
static inline int64_t modulo(int64_t a, int64_t m) { int64_t r = a % m; return r < 0 ? r + m : r; }
"""
EVENT = f"Run *run, World *s, {PASSED}"
GUARD = f"const World *s, {PASSED}"
ALL = ", ".join(PLACES)
ANY_LARGE = " || ".join(f"large({place})" for place in PLACES)

TAIL = f"""static inline int large(int64_t x) {{ return x > INT64_C({BEYOND}) || x < -INT64_C({BEYOND}); }}
void happens(Run *run, int event, {PASSED}) {{
  if ({ANY_LARGE}) {{ run->beyond = 1; return; }}
  run->events++;
  EVENTS[event](run, &run->world, {ALL});
}}
_Bool possible(Run *run, int event, {PASSED}) {{
  if ({ANY_LARGE}) {{ run->beyond = 1; return 0; }}
  return GUARDS[event](&run->world, {ALL});
}}
"""


class Parameters:
    """Gives each parameter that is asked for a constant, in the order of asking."""

    def __init__(self, choice: str, number: int, conditions: frozenset[str]) -> None:
        """*conditions* are those that are Bool; all others are Int."""
        self.fixed = {choice: number}
        self.conditions = conditions
        self.given: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name in self.fixed:
            return self.fixed[name]
        if name not in self.given:
            place = PLACES[len(self.given)]
            self.given[name] = z3.Bool(f"({place} != 0)") if name in self.conditions else z3.Int(place)
        return self.given[name]


@dataclasses.dataclass(frozen=True)
class Program:
    """The C source; what cffi is told of it; the actions by name.

    The source has the other two in it, as JSON in a string called ``described``, so that the
    library made of it can be used without writing the program again.
    """

    source: str
    declarations: str
    entries: Mapping[str, ProgramEvent]


class Writer:
    """Writes the monitor for worlds of *bounds*. In all parts of the program ``s`` is the world."""

    def __init__(self, bounds: Bounds, criteria: Criteria) -> None:
        shaped, properties = criteria.subject.blank(bounds), criteria.properties
        self.events = criteria.subject.events
        self.actions = observed(self.events, bounds)
        self.names = [f"s->{v.name}" for v in variables(shaped)]
        kinds = (v.sort.kind for v in variables(shaped))
        terms = (z3.Bool(n) if k == "bool" else z3.Int(n) for n, k in zip(self.names, kinds, strict=True))
        self.world: World = rebuild(shaped, list(terms))
        self.cases = [list(p.cases(self.world)) for p in properties]
        self.terms = Terms()
        self.reads = [self._reads(cases) for cases in self.cases]
        self.declarations = f"{structs(shaped)}\n{run_struct(shaped, len(properties))}\n{DECLARED}"

    def program(self) -> Program:
        """The whole program."""
        every = [*_judged(range(len(self.cases))), "run->judged = 1;"]
        parts = [HEAD, self.declarations, *(self._judge(k, cases) for k, cases in enumerate(self.cases))]
        parts.append(_function("void judge_all(Run *run, const World *s)", every))
        entries: dict[str, ProgramEvent] = {}
        count = 0
        seen = {e.name: frozenset(n for n, v in e.seen.items() if isinstance(v, bool)) for e in self.events}
        for action in self.actions.values():
            choice, most = _choice(action)
            for k in range(most):
                passed = Parameters(choice, k, seen[action.name])
                parts.append(_function(f"void event{count + k}({EVENT})", self._event(action, passed)))
                parts.append(_function(f"int guard{count + k}({GUARD})", self._test(action, passed)))
            entries[action.name] = ProgramEvent(count, choice, tuple(passed.given))
            count += most
        for name, head in (
            ("event", f"void (*const EVENTS[])({EVENT})"),
            ("guard", f"int (*const GUARDS[])({GUARD})"),
        ):
            parts.append(f"static {head} = {{{', '.join(f'{name}{k}' for k in range(count))}}};")
        text = json.dumps([self.declarations, entries])
        parts.append(f"const char described[] = {json.dumps(text)};")
        return Program("\n".join([*parts, TAIL]), self.declarations, entries)

    def _event(self, action: Action, parameters: Parameters) -> list[str]:
        """The effect on the old world, computed as a whole and then stored; then the judgement."""
        after = values(as_careful(action.effect(self.world, parameters), self.world))
        pairs = zip(self.names, values(self.world), after, strict=True)
        changes = {name: self.terms.of(new) for name, old, new in pairs if not _same(old, new)}
        scope = CBlock(changes.values())
        fresh = {name: f"n{k}" for k, name in enumerate(changes)}
        lines = [*scope.lines]
        lines += [f"const int64_t {fresh[name]} = {scope.show(new)};" for name, new in changes.items()]
        lines += [f"{name} = {value};" for name, value in fresh.items()]
        touched = [k for k, reads in enumerate(self.reads) if reads & changes.keys()]
        if action.name == NdisMTerminateOffloadComplete.name:  # the tree was written from outside
            return [*lines, "judge_all(run, s);"]
        return [*lines, "if (!run->judged) { judge_all(run, s); return; }", *_judged(touched)]

    def _test(self, action: Action, parameters: Parameters) -> list[str]:
        guard = self.terms.of(action.guard(self.world, parameters))
        scope = CBlock([guard])
        return [*scope.lines, f"return {scope.show(guard)};"]

    def _reads(self, cases: Sequence[Case]) -> frozenset[str]:
        """What a property reads."""
        terms = [t for case in cases for t in (case.premise, *(j.formula for j in case.holds))]
        return frozenset(t.leaf for t in below(map(self.terms.of, terms)) if t.leaf)

    def _judge(self, number: int, cases: Sequence[Case]) -> str:
        """A property: its premise is noted as reached, and what does not hold where it does as broken."""
        word, bit = divmod(number, WORD)
        applies = f"run->reached[{word}] |= UINT64_C({1 << bit});"
        fails = f"run->fails = 1; if (!run->broken[{number}]) run->broken[{number}] = run->events;"
        rules = []
        for case in cases:
            premise = self.terms.of(case.premise)
            if case.premise is not False:
                conjuncts = [] if case.premise is True else list(premise.conjuncts())
                rules.append(CompiledCase(conjuncts, [self.terms.of(j.formula) for j in case.holds]))
        head = f"void judge{number}(Run *run, const World *s)"
        return _function(head, _ruled(rules, (applies, fails), CBlock(())))


class CompiledCase(NamedTuple):
    """A case of a property: conditions that must all be met, and what must hold then."""

    premise: Sequence[Term]
    holds: Sequence[Term]


def _ruled(rules: Sequence[CompiledCase], notes: tuple[str, str], outer: CBlock) -> list[str]:
    """The rules as C: *notes* are taken where one applies, and where it fails.

    What several in a row ask first is asked once.
    """
    lines: list[str] = []
    applies, fails = notes
    for first, group in itertools.groupby(rules, lambda rule: rule.premise[0] if rule.premise else None):
        if first is None:
            for rule in group:
                scope = CBlock(rule.holds, outer)
                broken = " || ".join(f"!{scope.show(term)}" for term in rule.holds) or "0"
                lines += ["{", *scope.lines, applies, f"if ({broken}) {{ {fails} }}", "}"]
        else:
            scope = CBlock([first], outer)
            rest = [CompiledCase(rule.premise[1:], rule.holds) for rule in group]
            lines += ["{", *scope.lines, f"if ({scope.show(first)}) {{", *_ruled(rest, notes, scope), "} }"]
    return lines


def _choice(action: Action) -> tuple[str, int]:
    """The parameter that an action is written down for value by value, and how many it has."""
    first = next((p for p in action.parameters if p.enumerate), None)
    return (first.name, (first.sort.high or 0) + 1) if first else ("", 1)


def _same(old: Any, new: Any) -> bool:
    return new is old or (z3.is_expr(new) and bool(new.eq(old)))


def _judged(numbers: Iterable[int]) -> list[str]:
    return [f"judge{k}(run, s);" for k in numbers]


def _function(head: str, lines: Iterable[str]) -> str:
    return "\n".join([f"static {head} {{", *(f"  {line}" for line in lines), "}"])
