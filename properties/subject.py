"""What is checked: a subject, that is parts put together, with its targets and its bounds.

A *part* is one concern with all that belongs to it: state, events, steps of the reference design,
properties, runs that show them, seeded bugs. A *subject* is parts in a world of their own; engines,
audit, campaigns and the telling of traces take one and name none.

    PAUSES = Part("pauses", "a transfer can be paused", events=(Pause,), properties=(PAUSED,))
    PROXY = Subject("proxy", "a proxy hands its sockets to its successor", start=blank, parts=(PAUSES,))
    WIDER = CHIMNEY.with_parts(PAUSES)

Parts are put together when a subject is made (:mod:`.assembly`): one that lacks what it needs, and
what two of them define, is a ValueError that says so.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args

from ..model.bounds import Bounds
from ..model.design import Bug, Design, DesignStep, Reaction, most_general, spelt
from ..model.event import Event
from ..model.kernel import Action, State, System, arguments
from ..model.logic import And, Not, Value, all_of
from ..model.records import BOOL, differ, domain, equal, extended, var
from .assembly import check
from .property import Case, Kind, Property, Source, case, conjunct, lemma
from .situation import Situation

T = TypeVar("T", Event, DesignStep, Bug)
Script = Sequence[tuple[str, Mapping[str, int | bool]]]
"""A run as names of actions with their parameters."""


@dataclasses.dataclass(frozen=True)
class Astray:
    """The mark that a design took a step that no target can take."""

    astray: Value = var(BOOL)


def _possible(s: State) -> Iterator[Case]:
    yield case("the design", True, conjunct("it took only steps that a target can take", Not(s.astray)))


REFINES = Property(
    "refinement.possible-steps",
    "refinement",
    "The design takes events only where a target can: its runs are runs of the most general target.",
    Source("docs/own-design.md", "What a design may do"),
    _possible,
)
"""What every design owes, whatever the subject."""


def _domain(s: State) -> Value:
    """Every variable has a value of its sort."""
    return domain(s)


DOMAIN = lemma("domain")(_domain)
"""What is true of every subject whose events keep to the sorts: else it falls, as any lemma would."""


@dataclasses.dataclass(frozen=True)
class Part:
    """One concern with all that belongs to it. A verdict names the parts that it covers.

    ``needs`` names the parts that must be there too. ``fields`` says which record of the state gains the
    fields of which dataclass (all with defaults). ``events`` are those of every actor; ``opened`` says how
    the most general target takes one of them, if not with open values (None: not by itself). ``steps``
    and ``reactions`` are what the reference design (and all made from it) does, ``choices`` the functions
    that they share, ``memory`` the paths of what it remembers. ``situations`` are worth seeing, ``runs``
    are scripts that show premises of ``properties`` reached; ``bugs`` change the reference.
    """

    name: str
    says: str = ""
    needs: tuple[str, ...] = ()
    fields: Mapping[type, type] = dataclasses.field(default_factory=dict)
    events: tuple[Event, ...] = ()
    opened: Mapping[str, DesignStep | None] = dataclasses.field(default_factory=dict)
    steps: tuple[DesignStep, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    choices: tuple[Callable[..., Any], ...] = ()
    memory: frozenset[str] = frozenset()
    properties: tuple[Property, ...] = ()
    situations: tuple[Situation, ...] = ()
    runs: tuple[Script, ...] = ()
    bugs: tuple[Bug, ...] = ()


@dataclasses.dataclass(frozen=True)
class Subject:
    """A world with its targets and properties.

    ``start(bounds)`` is a blank state; ``init(s, blank)`` says which states may be the first (None: the
    blank one). ``reference`` is the design that is meant to comply, before the parts add theirs;
    ``designs`` are besides it and the bugs of the parts. ``over(s)``: nothing happens any more; ``rest``
    is the event that everybody had all the time there is, possible only when the target owes no step.
    ``prefers(s)`` are conditions on first states that a reader likes to see. ``first(blank)`` is the state
    in which the parts' ``runs`` begin, in a world of ``enough`` (None: of ``bounds``). ``ready`` makes a
    lemma of each clause in its default reading: one that carries it over the step before the moment of
    which clauses speak. ``order`` has events, steps and bugs where the whole is not to have them in the
    order of the parts; others follow.
    """

    name: str
    says: str
    start: Callable[[Bounds], State]
    init: Callable[[State, State], Value] | None = None
    parts: tuple[Part, ...] = ()
    bounds: Bounds = Bounds()
    reference: Design | None = None
    designs: tuple[Design, ...] = ()
    over: Callable[[State], Value] = lambda s: False
    rest: Event | None = None
    prefers: Callable[[State], Sequence[Value]] = lambda s: ()
    enough: Bounds | None = None
    first: Callable[[State], State] = lambda blank: blank
    ready: Callable[[Property], Property] | None = None
    order: tuple[Event | DesignStep | Bug, ...] = ()

    def __post_init__(self) -> None:
        check(self)

    # -- what there is ------------------------------------------------------------

    def _whole(self, items: Callable[[Part], Iterable[T]]) -> tuple[T, ...]:
        """What all parts have of a kind, in the subject's order."""
        place = {(type(item), item.name): n for n, item in enumerate(self.order)}
        every = (item for part in self.parts for item in items(part))
        return tuple(sorted(every, key=lambda item: place.get((type(item), item.name), len(place))))

    @functools.cached_property
    def events(self) -> tuple[Event, ...]:
        """The whole vocabulary."""
        return self._whole(lambda part: part.events)

    @functools.cached_property
    def properties(self) -> tuple[Property, ...]:
        """Every property: clauses, guarantees and the rest by kind, each in the order of the parts."""
        every = [p for part in self.parts for p in part.properties]
        every = every if any(p.name == DOMAIN.name for p in every) else [DOMAIN, *every]
        clauses = (p for p in every if p.kind == "clause" and not p.reading)
        made = map(self.ready, clauses) if self.ready else ()
        return tuple(sorted((*every, REFINES, *made), key=lambda p: get_args(Kind).index(p.kind)))

    def find(self, name: str) -> Property:
        """The property called *name* (``id`` or ``id@reading``). Raises KeyError if there is none."""
        return self._by_name[name]

    @functools.cached_property
    def _by_name(self) -> dict[str, Property]:
        return {p.name: p for p in self.properties}

    def of_kind(self, *kinds: str) -> tuple[Property, ...]:
        """The properties of the kinds given."""
        return tuple(p for p in self.properties if p.kind in kinds)

    def part_of(self, name: str) -> Part | None:
        """The part that has the property called *name*; None for one that no part has."""
        return next((part for part in self.parts if any(p.name == name for p in part.properties)), None)

    @property
    def situations(self) -> tuple[Situation, ...]:
        """What is worth seeing, in the order of the parts."""
        return tuple(s for part in self.parts for s in part.situations)

    @property
    def runs(self) -> tuple[Script, ...]:
        """The scripts of all parts."""
        return tuple(run for part in self.parts for run in part.runs)

    # -- the targets --------------------------------------------------------------

    @functools.cached_property
    def most_general(self) -> Design:
        """The target that does anything at its interface."""
        instead = {name: step for part in self.parts for name, step in part.opened.items()}
        says = "Does anything at its interface; the clauses alone restrain it."
        return most_general("general", says, self.events, instead)

    @functools.cached_property
    def the_reference(self) -> Design:
        """The design that is meant to comply: with the steps of every part, and what each remembers.

        Where there is none, and no part has steps, it is the most general target, in the subject's name.
        """
        steps = self._whole(lambda part: part.steps)
        if self.reference is None and not steps:
            return dataclasses.replace(self.most_general, name=self.name)
        whole = self.reference or Design("reference", "Takes the steps of its parts.")
        for part in self.parts:
            whole = whole.extended((), part.reactions, part.choices, part.memory)
        return whole.extended(steps)

    @functools.cached_property
    def bugs(self) -> dict[str, Bug]:
        """The seeded bugs by name."""
        return {b.name: b for b in self._whole(lambda part: part.bugs)}

    @property
    def design_names(self) -> tuple[str, ...]:
        """Every design, the reference first, without the most general target."""
        return (self.the_reference.name, *(d.name for d in self.designs), *self.bugs)

    @property
    def every_design(self) -> tuple[Design, ...]:
        """The designs of :attr:`design_names`."""
        return tuple(self.design(name) for name in self.design_names)

    def design(self, name: str) -> Design:
        """The design called *name*, with hyphens or underscores; "reference" is one of every subject.

        Raises KeyError if there is none.
        """
        name = spelt(name)
        whole = (self.the_reference, self.most_general, *self.designs)
        known = {"reference": self.the_reference, **{d.name: d for d in whole}}
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
        init, ours = self.init or equal, not hasattr(self.start(bounds), "astray")

        def starts(s: State) -> Value:
            # Of a mark that we added the subject's own condition says nothing.
            return And(init(s, blank), Not(s.astray) if ours else True)

        return System(made.name, blank, starts, whole, made.says, self.prefers)

    def with_parts(self, *parts: Part) -> Subject:
        """This subject with more parts."""
        return dataclasses.replace(self, parts=(*self.parts, *parts))

    def with_events(self, *events: Event) -> Subject:
        """This subject with other events in the place of those of the same names."""
        new = {e.name: e for e in events}
        parts = (
            dataclasses.replace(part, events=tuple(new.get(e.name, e) for e in part.events))
            for part in self.parts
        )
        return dataclasses.replace(self, parts=tuple(parts))

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
    """The world comes to rest only when no step is left that the target must take, and that does anything.

    A step that leaves everything as it was may be taken for ever, and is as good as none; so is one that only
    tells again what was told, where the state knows what that is.
    """
    owed = [(a, {**i, **a.owed}) for a in actions if a.owed is not None for i in a.instances()]

    def waits(s: State, action: Action, taken: Any) -> Value:
        possible = action.guard(s, taken)
        if possible is False:  # what it would do is work for nothing
            return False
        after = action.effect(s, taken)
        news = after.without_repeats(s) if hasattr(after, "without_repeats") else after
        return And(possible, differ(s, news))

    def guard(s: State, p: Any) -> Value:
        return And(rest.guard(s, p), all_of(Not(waits(s, a, arguments(values))) for a, values in owed))

    return dataclasses.replace(rest, guard=guard)
