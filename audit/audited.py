"""What is audited: a subject, and what the questions need to know of it besides.

A user's file has a :class:`..properties.subject.Subject` alone, or says more:

    AUDITED = Audited(TICKETS, duty=Duty(due=lambda s: s.due, call="Give"), rules=(...))

What is not said is not asked: a question that cannot be put says so, and why.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..counterexamples.trace import TracedSubject, traced
from ..model.bounds import Bounds
from ..model.design import Design
from ..model.kernel import State, System
from ..model.logic import Value
from ..properties.loading import (
    BadFile,
    SubjectRef,
    as_it_is,
    import_file,
    load_clauses,
    load_subject,
    resolved,
    split,
)
from ..properties.mistakes import listed
from ..properties.property import Property
from ..properties.subject import Part, Script, Subject
from .example import Example
from .occurrences import Occurrences
from .rules import Decision, Inferred, Rule
from .vocabulary import Vocabulary

_WORLDS = "chimneysweep.audit.chimney.worlds"
BUILT_IN = {
    "chimney": ("chimneysweep.audit.chimney.material", "AUDITED"),
    "upload": (f"{_WORLDS}.upload", "AUDITED"),
    "timers": (f"{_WORLDS}.timers", "AUDITED"),
    "returned": (f"{_WORLDS}.returned", "AUDITED"),
    "blocks": (f"{_WORLDS}.block_kinds", "AUDITED"),
    "asked": (f"{_WORLDS}.asked", "AUDITED"),
    "ends": (f"{_WORLDS}.ends_of_stream", "AUDITED"),
}
"""What is known besides of the subjects that are built in."""

Run = tuple[System, Bounds, State, Script]
"""A system, the size of its world, a first state, and what happens from there on."""
Replay = Callable[[Mapping[str, Any]], dict[str, str]]


@dataclasses.dataclass(frozen=True)
class Duty:
    """When an answer is due, and the names of the events that make one up.

    ``before`` may precede it (what others do and the target waits for, and its own steps),
    ``call`` is the answer itself, ``after`` is what may follow for everybody concerned. In a
    state where ``settled`` holds nothing more is owed.
    """

    due: Callable[[State], Value]
    call: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    settled: Callable[[State], Value] = lambda s: True


@dataclasses.dataclass(frozen=True)
class Audited:
    """A subject to be audited.

    ``parts`` are for the audit alone. ``name`` is what a report calls it, ``bounds`` the world that the
    questions are asked in (those of the subject, if not given). ``duty`` says when an answer of the
    target is due. ``rules`` restrain single steps of a target beside the clauses: what the text says
    and no clause formalises, and what is proposed to close its holes. ``inferred`` is what clauses and
    rules demand and no sentence states. ``presumed`` binds others than
    the target, on whom a premise may depend. ``lemmas`` help to prove that guarantees are kept (none:
    those of the subject). ``ending`` are the steps to the end from wherever a run stops. ``examples``
    are worked examples of the text, computed by ``replays``; ``vocabulary`` the names that it uses.
    ``occurrences`` are its events against its states, ``comes_to`` when a hole among them is reached.
    ``auxiliary`` are sentences about what this world has no room for, each in a world of its own; ``decided``
    is what the text leaves open and this world had to decide. ``tried`` are proposed wordings, as clauses.
    ``findings`` is the folder of what was written about findings. ``ref`` makes it again in a worker.
    """

    subject: Subject
    parts: tuple[Part, ...] = ()
    name: str = ""
    bounds: Bounds | None = None
    duty: Duty | None = None
    rules: tuple[Rule, ...] = ()
    inferred: tuple[Inferred, ...] = ()
    presumed: tuple[Property, ...] = ()
    lemmas: tuple[Property, ...] = ()
    ending: Script = ()
    examples: tuple[Example, ...] = ()
    replays: Mapping[str, Replay] = dataclasses.field(default_factory=dict)
    vocabulary: Vocabulary = Vocabulary()
    occurrences: Occurrences = Occurrences()
    comes_to: Mapping[str, Callable[[State], Value]] = dataclasses.field(default_factory=dict)
    auxiliary: tuple[Audited, ...] = ()
    decided: tuple[Decision, ...] = ()
    findings: Path | None = None
    ref: SubjectRef | None = None
    tried: tuple[Property, ...] = ()

    @functools.cached_property
    def whole(self) -> Subject:
        """The subject with the parts that are for the audit alone, and what is tried."""
        whole = self.subject.with_parts(*self.parts)
        return whole.with_properties("tried", self.tried) if self.tried else whole

    @functools.cached_property
    def worlds(self) -> tuple[Audited, ...]:
        """This world, those beside it, and the ones in which a decision is the other way."""
        other = (dataclasses.replace(self, subject=self.subject.with_events(*d.events)) for d in self.decided)
        return (self, *self.auxiliary, *other)

    @functools.cached_property
    def added(self) -> frozenset[str]:
        """The names of what is tried, by us or in a user's files: is a hole closed by it?"""
        files = () if self.ref is None else self.ref.clauses
        theirs = (prop for file in files for prop in load_clauses(file))
        return frozenset(prop.name for prop in (*self.tried, *theirs))

    @property
    def traced(self) -> TracedSubject:
        """The subject as traces name it."""
        return traced(self.subject, self.ref)

    @property
    def title(self) -> str:
        """What a report calls it."""
        return self.name or self.subject.says or self.subject.name

    @property
    def world(self) -> Bounds:
        """The size of the world that the questions are asked in; every verdict names it."""
        return self.subject.bounds if self.bounds is None else self.bounds

    @property
    def clauses(self) -> tuple[Property, ...]:
        """The clauses in their default readings."""
        return tuple(p for p in self.whole.of_kind("clause") if not p.reading)

    @property
    def readings(self) -> tuple[Property, ...]:
        """The clauses in readings other than the default."""
        return tuple(p for p in self.whole.of_kind("clause") if p.reading)

    @property
    def guarantees(self) -> tuple[Property, ...]:
        """What the users are owed, whatever the text says."""
        return self.whole.of_kind("guarantee")

    def find(self, name: str) -> Property:
        """The property called *name* (``id`` or ``id@reading``). Raises KeyError if there is none."""
        return self.whole.find(name)

    def rule(self, name: str) -> Rule:
        """The rule called *name*. Raises KeyError if there is none."""
        return {rule.name: rule for rule in self.rules}[name]

    def general(self, bounds: Bounds | None = None) -> System:
        """The most general target, in the world of the questions or another one."""
        return self._system(self.whole.most_general, bounds)

    def design(self, bounds: Bounds | None = None) -> System:
        """The design that is meant to comply."""
        return self._system(self.whole.the_reference, bounds)

    def _system(self, design: Design, bounds: Bounds | None) -> System:
        return self.whole.system(design, self.world if bounds is None else bounds)

    def scripted(self) -> list[Run]:
        """The runs of the design that are written down, in a world that has room for them."""
        enough = self.whole.enough or self.world
        system = self.design(enough)
        first = self.whole.first(system.template)
        return [(system, enough, first, script) for script in self.whole.runs]


def load(ref: SubjectRef) -> Audited:
    """The subject that *ref* names, with what its file says of it for the audit. Raises BadFile."""
    return _loaded(ref, as_it_is(*ref.files()))


@functools.lru_cache(maxsize=8)
def _loaded(ref: SubjectRef, version: str) -> Audited:
    return dataclasses.replace(_known(ref), subject=ref.load(), ref=ref)


def of(subject: Subject) -> Audited:
    """A subject that is at hand, with what is known of it besides, if it is built in."""
    known = _known(SubjectRef(subject.name)) if subject.name in BUILT_IN else Audited(subject)
    return dataclasses.replace(known, subject=subject, ref=None)


def _known(ref: SubjectRef) -> Audited:
    """What is known of a subject: in our own room, or in the file that it stands in."""
    if ref.subject in BUILT_IN:
        found: Audited = resolved(*BUILT_IN[ref.subject])
        return found
    subject = load_subject(ref.subject)
    file = split(ref.subject)[0]
    own = {n: v for n, v in vars(import_file(Path(file))).items() if isinstance(v, Audited)}
    about = {n: v for n, v in own.items() if v.subject is subject}
    if len(about) > 1:
        raise BadFile(f"{file}: {' and '.join(about)} are both about {subject.name}; leave one of them")
    audited = next(iter(about.values()), Audited(subject))
    wrong = [f"{file}, {text}" for text in unknown_names(audited)]
    if wrong:
        raise BadFile("\n".join(wrong))
    return audited


def unknown_names(audited: Audited) -> Iterator[str]:
    """Where what is said for the audit names what the subject does not have."""
    actions = [a.name for a in audited.general().actions]
    duty = audited.duty
    called = () if duty is None else (*duty.before, duty.call, *duty.after)
    for name in called:
        if name not in actions:
            yield f"the duty: there is no event {name!r} of the most general target; {listed(name, actions)}"
    guarantees = [g.name for g in audited.guarantees]
    for rule in audited.rules:
        if rule.guards not in guarantees:
            near = listed(rule.guards, guarantees)
            yield f"rule {rule.name}: there is no guarantee {rule.guards!r}; {near}"
        for name in rule.actions:
            if name not in actions:
                yield f"rule {rule.name}: there is no event {name!r}; {listed(name, actions)}"
    events = [event.name for event in audited.whole.events]
    for decision in audited.decided:
        for kind, names, known in (
            ("event", [event.name for event in decision.events], events),
            ("guarantee", decision.guards, guarantees),
        ):
            unknown = (name for name in names if name not in known)
            yield from (f"{decision.name}: there is no {kind} {n!r}; {listed(n, known)}" for n in unknown)
    yield from (f"the table of events: {line}" for line in audited.occurrences.wrong())
