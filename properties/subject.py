"""What is checked: a subject, that is parts put together, with its targets and its bounds.

A *part* is one concern with all that belongs to it: state, events, steps of the reference design,
properties, runs that show them, seeded bugs. A *subject* is parts in a world of their own; engines,
audit, campaigns and the telling of traces take one and name none.

    PROXY = Subject("proxy", "a proxy hands its sockets to its successor", start=Proxy, ...)
    WIDER = CHIMNEY.with_parts(PAUSES)
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..model.bounds import Bounds
from ..model.design import Bug, Design, Reaction, Step, most_general
from ..model.event import Event
from ..model.kernel import Action, State, System, arguments
from ..model.logic import And, Not, Value, all_of
from ..model.records import BOOL, equal, extended, var
from .property import Case, Conjunct, Property, Source

Script = Sequence[tuple[str, Mapping[str, int | bool]]]
"""A run as names of actions with their parameters."""


@dataclasses.dataclass(frozen=True)
class Astray:
    """The mark that a design took a step that no target can take."""

    astray: Value = var(BOOL)


def _possible(s: State) -> Iterator[Case]:
    yield Case("the design", True, (Conjunct("it took only steps that a target can take", Not(s.astray)),))


REFINES = Property(
    "refinement.possible-steps",
    "refinement",
    "The design takes events only where a target can: its runs are runs of the most general target.",
    Source("docs/own-design.md", "What a design may do"),
    _possible,
)
"""What every design owes, whatever the subject."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One concern with all that belongs to it.

    ``fields`` says which record of the state gains the fields of which dataclass (all with defaults).
    ``events`` are those of every actor, ``steps`` and ``reactions`` what the reference design (and all made
    from it) does with them, ``memory`` the paths of what it remembers. ``runs`` are scripts that show
    premises of ``properties`` reached; ``bugs`` change the reference, by name.
    """

    name: str
    says: str = ""
    fields: Mapping[type, type] = dataclasses.field(default_factory=dict)
    events: tuple[Event, ...] = ()
    steps: tuple[Step, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    memory: frozenset[str] = frozenset()
    properties: tuple[Property, ...] = ()
    runs: tuple[Script, ...] = ()
    bugs: tuple[Bug, ...] = ()


@dataclasses.dataclass(frozen=True)
class Subject:
    """A world with its targets and properties.

    ``start(bounds)`` is a blank state; ``init(s, blank)`` says which states may be the first (None: the
    blank one). ``over(s)``: nothing happens any more; ``rest`` is the event that everybody had all the
    time there is, possible only when the target owes no step. ``prefers(s)`` are conditions on first
    states that a reader likes to see. ``first(blank)`` is the state in which the parts' ``runs`` begin,
    in a world of ``enough``. ``designs`` are besides the reference and the bugs of the parts.
    """

    name: str
    says: str
    start: Callable[[Bounds], State]
    init: Callable[[State, State], Value] | None = None
    parts: tuple[Part, ...] = ()
    bounds: Bounds = Bounds()
    reference: Design | None = None
    general: Design | None = None
    designs: tuple[Design, ...] = ()
    over: Callable[[State], Value] = lambda s: False
    rest: Event | None = None
    prefers: Callable[[State], Sequence[Value]] = lambda s: ()
    enough: Bounds | None = None
    first: Callable[[State], State] = lambda blank: blank

    # -- what there is ------------------------------------------------------------

    @functools.cached_property
    def events(self) -> tuple[Event, ...]:
        """The whole vocabulary."""
        return tuple(e for part in self.parts for e in part.events)

    @functools.cached_property
    def properties(self) -> tuple[Property, ...]:
        """Every property, in the order of the parts; lemmas last."""
        every = [p for part in self.parts for p in part.properties]
        rules = (p for p in every if p.kind != "lemma")
        return (*rules, REFINES, *(p for p in every if p.kind == "lemma"))

    def find(self, name: str) -> Property:
        """The property called *name* (``id`` or ``id@reading``). Raises KeyError if there is none."""
        return self._by_name[name]

    @functools.cached_property
    def _by_name(self) -> dict[str, Property]:
        return {p.name: p for p in self.properties}

    def of_kind(self, *kinds: str) -> tuple[Property, ...]:
        """The properties of the kinds given."""
        return tuple(p for p in self.properties if p.kind in kinds)

    # -- the targets --------------------------------------------------------------

    @functools.cached_property
    def most_general(self) -> Design:
        """The target that does anything at its interface."""
        return self.general or most_general("general", "Does anything at its interface.", self.events)

    @functools.cached_property
    def the_reference(self) -> Design:
        """The design that is meant to comply: with the steps of every part, and what each remembers."""
        if self.reference is None:
            return dataclasses.replace(self.most_general, name="reference")
        steps = [s for part in self.parts for s in part.steps]
        whole = self.reference.extended(steps, [r for part in self.parts for r in part.reactions])
        memory = whole.memory.union(*(part.memory for part in self.parts))
        return dataclasses.replace(whole, memory=memory)

    @functools.cached_property
    def bugs(self) -> dict[str, Bug]:
        """The seeded bugs by name."""
        return {b.name: b for part in self.parts for b in part.bugs}

    @property
    def design_names(self) -> tuple[str, ...]:
        """Every design, the reference first, without the most general target."""
        return (self.the_reference.name, *(d.name for d in self.designs), *self.bugs)

    @property
    def every_design(self) -> tuple[Design, ...]:
        """The designs of :attr:`design_names`."""
        return tuple(self.design(name) for name in self.design_names)

    def design(self, name: str) -> Design:
        """The design called *name*. Raises KeyError if there is none."""
        whole = (self.the_reference, self.most_general, *self.designs)
        known = {d.name: d for d in whole}
        return known[name] if name in known else self.bugs[name].of(self.the_reference)

    # -- systems ------------------------------------------------------------------

    def blank(self, bounds: Bounds) -> State:
        """A state of the given size in which nothing has happened."""
        fields: dict[type, list[type]] = {}
        for part in self.parts:
            for record, more in part.fields.items():
                fields.setdefault(record, []).append(more)
        state = extended(self.start(bounds), fields)
        return state if hasattr(state, "astray") else extended(state, {type(state): [Astray]})

    def system(self, design: Design | str, bounds: Bounds) -> System:
        """The transition system of a design (or of the design of that name) in a world of the given size."""
        made = self.design(design) if isinstance(design, str) else design
        blank = self.blank(bounds)
        actions = made.actions((e for e in self.events if e is not self.rest), bounds)
        if self.rest is not None:
            actions = (*actions, _resting(self.rest.action(bounds), actions))
        whole = tuple(_until(self.over, a) for a in actions)
        return System(made.name, blank, lambda s: self._starts(s, blank), whole, made.says, self.prefers)

    def _starts(self, s: State, blank: State) -> Value:
        return equal(s, blank) if self.init is None else self.init(s, blank)

    def with_parts(self, *parts: Part) -> Subject:
        """This subject with more parts."""
        return dataclasses.replace(self, parts=(*self.parts, *parts))

    def with_properties(self, name: str, properties: Iterable[Property]) -> Subject:
        """This subject with more properties, or with those of the same name replaced."""
        new = {p.name: p for p in properties}
        kept = tuple(
            dataclasses.replace(part, properties=tuple(p for p in part.properties if p.name not in new))
            for part in self.parts
        )
        return dataclasses.replace(self, parts=(*kept, Part(name, properties=tuple(new.values()))))


def _until(over: Callable[[State], Value], action: Action) -> Action:
    return dataclasses.replace(action, guard=lambda s, p: And(Not(over(s)), action.guard(s, p)))


def _resting(rest: Action, actions: Sequence[Action]) -> Action:
    """The world comes to rest only when no step is enabled that the target is bound to take."""
    owed = [a for a in actions if a.owed]

    def guard(s: State, p: Any) -> Value:
        waiting = (a.guard(s, arguments(i)) for a in owed for i in a.instances())
        return And(rest.guard(s, p), all_of(Not(g) for g in waiting))

    return dataclasses.replace(rest, guard=guard)
