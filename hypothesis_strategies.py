"""For property tests with Hypothesis: scenarios, states of a subject, and a machine that runs one.

    @given(scenarios(CHIMNEY))
    def test_my_target_keeps_the_rules(scenario):
        played = play(MyTarget, scenario)
        assert played.ok, str(played)

    class Proxy(SubjectMachine):
        subject = PROXY

        @invariant()
        def nothing_is_sold_twice(self):
            assert self.state.sold <= self.state.made

    TestProxy = Proxy.TestCase

Needs the extra ``chimneysweep[hypothesis]``. docs/hypothesis.md has examples that run.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from .counterexamples.render import text
from .counterexamples.trace import Scalar, Trace, flat, run, traced, violation
from .model.bounds import Bounds
from .model.design import Design
from .model.kernel import State, System, arguments
from .model.records import Sort, rebuild, values, variables
from .properties.chimney.chimney import CHIMNEY
from .properties.property import Property
from .properties.subject import Subject
from .targets.campaign import generate
from .targets.chimney.move_kinds import MoveKind
from .targets.chimney.moves import moves_of
from .targets.chimney.scenario import Scenario
from .targets.judging.criteria import criteria

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
except ImportError as missing:
    raise ImportError(
        "chimneysweep.hypothesis_strategies needs Hypothesis: pip install 'chimneysweep[hypothesis]'"
    ) from missing

NEAR = 6
"""Values of an unbounded parameter that are tried in one state: the smallest, and some that stand in it."""
TRIES = 36
"""Sets of parameters that are tried in one state for one instance of an action."""
MOSTLY = 9
"""So many moves are kept for each that is left out."""
MOST = 2**15
"""Answers about states that a machine remembers."""

Values = dict[str, Scalar]
"""The parameters with which an action happens, by name."""


def scenarios(subject: Subject = CHIMNEY) -> st.SearchStrategy[Scenario]:
    """Lives of one or two offloaded connections, with the hand-off somewhere in them.

    They are drawn as ``chimneysweep conform`` draws its random runs, and shrink to few moves and
    small numbers. Every one is legal: a move that is not possible when its turn comes is skipped.
    Raises ValueError for a subject that is not the chimney, with or without parts of one's own.
    """
    if subject.start is not CHIMNEY.start:
        raise ValueError(f"{subject.name} has no executable targets: use states() or a SubjectMachine")
    kinds = moves_of(criteria(subject).added, subject.bounds)
    return _scenarios(kinds)


@st.composite
def _scenarios(draw: st.DrawFn, kinds: Mapping[str, MoveKind]) -> Scenario:
    """A scenario of a random run; of its moves each may be left out, which is what makes it small."""
    whole = generate.scenario(draw(st.randoms(use_true_random=False)), kinds)
    kept = tuple(move for move in whole.moves if draw(st.integers(0, MOSTLY)) > 0)
    return dataclasses.replace(whole, moves=kept)


def in_sort(sort: Sort) -> st.SearchStrategy[int | bool]:
    """The values that a variable of *sort* may have."""
    return st.booleans() if sort.kind == "bool" else st.integers(sort.low, sort.high)


def states(subject: Subject, bounds: Bounds | None = None) -> st.SearchStrategy[State]:
    """States in which each variable is within its sort; nothing says that a run ever leads there.

    *bounds* is the size of the world, by default the subject's own. Properties of single states
    and of single events are tested so, as are lemmas: whatever holds in such a state holds in a run.
    """
    blank = subject.blank(bounds or subject.bounds)
    each = st.tuples(*(in_sort(v.sort) for v in variables(blank)))
    return each.map(lambda drawn: rebuild(blank, drawn))


class SubjectMachine(RuleBasedStateMachine):
    """A design in its world, run by Hypothesis: what happens is drawn from what is possible.

    A subclass names the ``subject``, and may name a ``design`` (by name, or the object), ``bounds``,
    the ``properties`` that must hold in every state (names; by default every clause, guarantee and
    rule of the subject), and ``starts``, from which the first state is drawn (by default the subject's
    own first one). ``self.state`` is the state now. Rules and invariants of one's own are added as in
    any :class:`hypothesis.stateful.RuleBasedStateMachine`; what breaks is told as a story.
    """

    subject: ClassVar[Subject]
    design: ClassVar[str | Design] = "reference"
    bounds: ClassVar[Bounds | None] = None
    properties: ClassVar[tuple[str, ...]] = ()
    starts: ClassVar[st.SearchStrategy[State] | None] = None

    state: Any = None
    _ran: ClassVar[_Known]

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if not hasattr(cls, "subject"):
            return
        every = cls.subject.of_kind("clause", "guarantee", "rule", "refinement")
        named = tuple(cls.subject.find(name) for name in cls.properties)
        demands = named or tuple(p for p in every if not p.reading)
        cls._ran = _Known(cls.subject.system(cls.design, cls.bounds or cls.subject.bounds), demands)

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """The first state. Raises ValueError for one in which the system does not start."""
        blank = self._ran.system.template
        self.state = self.subject.first(blank) if self.starts is None else data.draw(self.starts, "starts")
        if not self._ran.system.init(self.state):
            raise ValueError(
                f"{self._ran.system.name} does not start in this state; give `starts`: {self.state}"
            )
        self._first, self._choices = self.state, list[tuple[str, Values]]()

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        """An event or a step of the design that is possible now; nothing, where none is."""
        happening = data.draw(_happenings(self._ran, self.state), "happens")
        if happening is not None:
            self._choices.append(happening)
            name, chosen = happening
            self.state = self._ran.system.action(name).effect(self.state, arguments(chosen))

    @invariant()
    def keeps_its_properties(self) -> None:
        """No property is broken. Raises BrokenProperty."""
        prop = None if self.state is None else self._ran.broken(self.state)
        if prop is not None:
            raise BrokenProperty(self, prop)

    def trace(self, prop: Property) -> Trace:
        """The run so far, as a trace that ends where *prop* breaks, if it does."""
        steps, last = run(self._ran.system, self._first, self._choices)
        world, own = self.bounds or self.subject.bounds, traced(self.subject)
        broken, first = violation(prop, last), flat(self._first)
        return Trace("model", self._ran.system.name, world, first, steps, broken, subject=own)


class BrokenProperty(AssertionError):
    """A property does not hold. It reads as the story of the run, which is told only when it is asked for."""

    def __init__(self, machine: SubjectMachine, prop: Property) -> None:
        super().__init__(prop.name)
        self.machine, self.property = machine, prop

    def __str__(self) -> str:
        return "\n" + text(self.machine.trace(self.property), 100)


@st.composite
def _happenings(draw: st.DrawFn, known: _Known, state: State) -> tuple[str, Values] | None:
    """What can happen: the action drawn, or the next one of which anything is possible."""
    names = [action.name for action in known.system.actions]
    first = draw(st.integers(0, len(names) - 1))
    for name in (*names[first:], *names[:first]):
        if choices := known.possible(name, state):
            return name, draw(st.sampled_from(choices))
    return None


class _Known:
    """What is known of states. Hypothesis goes through the same ones again and again, so it is kept.

    ``possible(name, state)`` has values with which an action is possible, the simplest first, and not
    all that there are; ``broken(state)`` is the first property that a state breaks.
    """

    def __init__(self, system: System, demands: Sequence[Property]) -> None:
        self.system, self._demands = system, demands
        kept = functools.lru_cache(MOST)
        self._numbers: Callable[[State], Sequence[int]] = kept(_numbers)
        self.possible: Callable[[str, State], Sequence[Values]] = kept(self._possible)
        self.broken: Callable[[State], Property | None] = kept(self._broken)

    def _broken(self, state: State) -> Property | None:
        return next((p for p in self._demands if not p.holds(state)), None)

    def _possible(self, name: str, state: State) -> Sequence[Values]:
        action, numbers = self.system.action(name), self._numbers(state)
        free = [p for p in action.parameters if not p.enumerate]
        found = []
        for instance in action.instances():
            some = itertools.product(*(_some(p.sort, numbers) for p in free))
            for chosen in itertools.islice(some, TRIES):
                given = {**instance, **{p.name: value for p, value in zip(free, chosen, strict=True)}}
                found += [given] if action.guard(state, arguments(given)) else []
        return found


def _numbers(state: State) -> Sequence[int]:
    return sorted({value for value in values(state) if not isinstance(value, bool)}, key=abs)


def _some(sort: Sort, inside: Sequence[int]) -> list[Scalar]:
    """Some values of a sort: the smallest, and those next to what stands in the state."""
    if sort.kind == "bool":
        return [False, True]
    low = sort.low if sort.low is not None else 0
    near = (low, low + 1, low + 2, *(value + more for value in inside for more in (0, 1)))
    return list(dict.fromkeys(value for value in near if sort.contains(value)))[:NEAR]
