"""For property tests with Hypothesis: scenarios, states of a subject, and a machine that runs one.

    @given(scenarios())
    def test_my_target_keeps_the_rules(scenario):
        played = play(MyTarget, scenario)
        assert played.ok, played

    class Proxy(SubjectMachine):
        subject = PROXY

        @invariant()
        def nothing_is_sold_twice(self):
            assert self.state.sold <= self.state.made

    TestProxy = Proxy.TestCase

Needs the extra ``chimneysweep[hypothesis]``. docs/hypothesis.md has examples that run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from .counterexamples.render import text
from .counterexamples.trace import Scalar, Step, Trace, flat, violation
from .counterexamples.trace import step as as_step
from .model.bounds import Bounds
from .model.design import Design
from .model.kernel import Action, State, System, arguments
from .model.records import Sort, rebuild, values, variables
from .properties.property import Property
from .properties.subject import Subject
from .targets.campaign import generate
from .targets.chimney.scenario import Scenario

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
except ImportError as missing:
    raise ImportError(
        "chimneysweep.hypothesis_strategies needs Hypothesis: pip install 'chimneysweep[hypothesis]'"
    ) from missing

NEAR = 8
"""Values of an unbounded parameter that are tried in one state: the smallest, and some that stand in it."""
TRIES = 200
"""Sets of parameters that are tried for one action in one state."""


def scenarios() -> st.SearchStrategy[Scenario]:
    """Lives of one or two offloaded connections, with the hand-off somewhere in them.

    They are drawn as ``chimneysweep conform`` draws its random runs, and shrink to few moves and
    small numbers. Every one is legal: a move that is not possible when its turn comes is skipped.
    """
    return st.randoms(use_true_random=False).map(generate.scenario)


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
    """A design in its world, run by Hypothesis: each event is a rule, its guard the precondition.

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
    _system: ClassVar[System]
    _demands: ClassVar[tuple[Property, ...]]

    state: Any = None

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if not hasattr(cls, "subject"):
            return
        own = {name: cls.subject.find(name) for name in cls.properties}
        cls._demands = tuple(own.values()) or cls.subject.of_kind("clause", "guarantee", "rule", "refinement")
        cls._demands = tuple(p for p in cls._demands if own or not p.reading)
        cls._system = cls.subject.system(cls.design, cls.bounds or cls.subject.bounds)
        for action in cls._system.actions:
            setattr(cls, action.name, _as_rule(action))

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """The first state. Raises ValueError for one in which the system does not start."""
        blank = self._system.template
        self.state = self.subject.first(blank) if self.starts is None else data.draw(self.starts)
        if not self._system.init(self.state):
            raise ValueError(f"{self._system.name} does not start in this state; give `starts`: {self.state}")
        self._first, self._steps = flat(self.state), list[Step]()

    def happens(self, action: Action, values: Mapping[str, Scalar]) -> None:
        """Something happens, with these values."""
        before, self.state = self.state, action.effect(self.state, arguments(values))
        self._steps.append(as_step(action, values, before, self.state))

    @invariant()
    def keeps_its_properties(self) -> None:
        """No property is broken. Raises AssertionError with the story of the run."""
        for prop in self._demands if self.state is not None else ():
            if broken := violation(prop, self.state):
                bounds = self.bounds or self.subject.bounds
                trace = Trace("model", self._system.name, bounds, self._first, self._steps, broken)
                raise AssertionError("\n" + text(trace, 100))


def _as_rule(action: Action) -> Callable[[SubjectMachine], None]:
    @precondition(lambda self: self.state is not None and any(possible(action, self.state)))
    @rule(data=st.data())
    def happens(self: SubjectMachine, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(list(possible(action, self.state))), action.name)
        self.happens(action, chosen)

    happens.__name__ = action.name
    return happens


def possible(action: Action, state: State) -> Iterator[dict[str, Scalar]]:
    """Values with which *action* is possible in *state*, the simplest first; not all that there are."""
    inside = sorted({value for value in values(state) if not isinstance(value, bool)}, key=abs)
    free = [p for p in action.parameters if not p.enumerate]
    choices = itertools.product(action.instances(), *(_some(p.sort, inside) for p in free))
    for instance, *chosen in itertools.islice(choices, TRIES):
        given = {**instance, **{p.name: value for p, value in zip(free, chosen, strict=True)}}
        if action.guard(state, arguments(given)):
            yield given


def _some(sort: Sort, inside: list[int]) -> list[Scalar]:
    """Some values of a sort: the smallest, and those next to what stands in the state."""
    if sort.kind == "bool":
        return [False, True]
    low = sort.low if sort.low is not None else 0
    near = (low, low + 1, low + 2, *(value + more for value in inside for more in (0, 1)))
    return list(dict.fromkeys(value for value in near if sort.contains(value)))[:NEAR]
