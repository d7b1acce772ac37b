"""Ambiguity: on which situations do two readings of a clause disagree, and does a guarantee depend on it?

A disagreement is a shortest run on which every other clause holds, one reading holds, and
the other does not. A guarantee depends on the choice where, in one situation, an answer
that keeps the one reading and every other clause breaks it, and none that keeps the other
does. The target that answers is the most general one whose holes are closed, since what
every reading allows says nothing about the choice.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ...counterexamples.trace import Trace
from ...engines.bmc import Choice, Exhausted, Found, Outcome
from ...engines.compliance import Search
from ...engines.encode import Encoded
from ...model.kernel import System
from ...model.logic import And, Not, Or, Value
from ...model.records import rebuild
from ...properties.property import Case, Conjunct, Property, Source
from ..answers import Answers
from ..clashes import Situation
from ..finding import Answer, Finding, Sound
from ..rules import restrained
from ..situations import Place, along, end, walked
from ..spec import Spec

DEPTH = 7
"""Steps within which a disagreement is sought."""
WALKS = 8
"""Random runs of the most general target on whose situations a guarantee may be broken."""

Note = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Pair:
    """A clause in another reading and in its default one, and the rest of the clauses."""

    reading: Property
    default: Property
    others: tuple[Property, ...]


@dataclasses.dataclass(frozen=True)
class _Harm:
    """An answer that one reading allows, after which a guarantee is broken; the other reading has none."""

    guarantee: Property
    allowed_by: Property
    place: Place
    answer: list[Choice]


def ask(spec: Spec, budget: float, note: Note) -> Answer:
    """Compare every reading with the default one of its clause."""
    until = time.monotonic() + budget
    wanted = list(pairs(spec))
    search = Search(Encoded(careful(spec)))
    runs: dict[str, Place] = {}
    sound, undecided = [], []
    for pair in wanted:
        name = pair.reading.name
        note(name)
        outcome = disagreement(search, pair, (until - time.monotonic()) / 2)
        if isinstance(outcome, Found):
            first = rebuild(search.encoded.system.template, outcome.first)
            runs[name] = end(search.encoded.system, spec.bounds, first, outcome.choices)
        elif isinstance(outcome, Exhausted):
            told = f"no run of up to {DEPTH} steps tells them apart"
            sound.append(Sound(f"{name} and the default reading agree", told))
        else:
            undecided.append(f"{name}: {outcome.reason}")
    note("which guarantees depend on a reading")
    harms = _Harms(spec, wanted)
    harms.look(list(runs.values()), until)
    findings = [
        _finding(pair, runs[n], harms.of(pair)) for pair in wanted if (n := pair.reading.name) in runs
    ]
    return Answer("ambiguity", len(wanted), tuple(findings), tuple(sound), tuple(undecided))


def pairs(spec: Spec) -> Iterator[Pair]:
    """Every reading whose clause has a default one."""
    for reading in spec.readings:
        for default in spec.clauses:
            if default.id == reading.id:
                others = tuple(c for c in spec.clauses if c.id != reading.id)
                yield Pair(reading, default, others)


def disagreement(search: Search, pair: Pair, budget: float) -> Outcome:
    """A shortest run on which every other clause holds, and in the end one reading alone.

    On the way at least one of the two holds, so the one that holds in the end held throughout.
    """

    def either(state: Any) -> Iterator[Case]:
        one = Or(pair.reading.holds(state), pair.default.holds(state))
        yield Case("either", True, (Conjunct("one of the readings holds", one),))

    def apart(state: Any) -> Value:
        return Not(And(pair.reading.holds(state), pair.default.holds(state)))

    together = Property(f"either.{pair.reading.name}", "lemma", "", Source(""), either)
    return search.shortest((*pair.others, together), apart, DEPTH, budget=max(0.0, budget)).outcome


class _Harms:
    """For each reading the guarantees that depend on it, each with the shortest harm that was found."""

    def __init__(self, spec: Spec, wanted: Sequence[Pair]) -> None:
        self._spec = spec
        self._wanted = wanted
        self._found: dict[tuple[str, str], _Harm] = {}

    def of(self, pair: Pair) -> list[_Harm]:
        """What was found for a pair of readings, shortened."""
        mine = [harm for (name, _), harm in self._found.items() if name == pair.reading.name]
        return [_shortened(self._spec, pair, harm) for harm in mine]

    def look(self, near: Sequence[Place], until: float) -> None:
        """Ask where an answer is due on these runs and on random ones, the nearest first."""
        spec, duty = self._spec, self._spec.duty
        if duty is None or not self._wanted:
            return
        places = [p for run in near for p in along(run.system, run.bounds, run.first, run.choices, duty)]
        places += walked(spec, careful(spec), duty, WALKS)
        for place in sorted(places, key=lambda p: len(p.choices)):
            if time.monotonic() > until:
                return
            at = _At(spec, place, [p for p in spec.properties if p.kind == "clause"])
            for pair in self._wanted:
                for guarantee in spec.guarantees:
                    if (pair.reading.name, guarantee.name) not in self._found:
                        harm = at.harm(pair, guarantee)
                        if harm is not None:
                            self._found[pair.reading.name, guarantee.name] = harm


def careful(spec: Spec) -> System:
    """The target that answers: the most general one, without what does harm under every reading."""
    return restrained(spec.general(spec.bounds), spec.rules)


class _At:
    """What answers can do in one situation."""

    def __init__(self, spec: Spec, place: Place, rules: Iterable[Property]) -> None:
        assert spec.duty is not None
        self._place = place
        passed = place.states()
        kept = {rule.name: rule for rule in rules if all(rule.holds(state) for state in passed)}
        self._names = set(kept)
        self._answers = Answers(careful(spec), place.state, spec.duty)
        self._here = Situation(self._answers, kept.values())
        self._different: dict[tuple[str, str], bool] = {}

    def harm(self, pair: Pair, guarantee: Property) -> _Harm | None:
        """An answer that one reading of a pair allows and that breaks a guarantee, if the other has none."""
        others = [rule.name for rule in pair.others]
        if not {*others, pair.reading.name, pair.default.name} <= self._names:
            return None
        broken = self._answers.breaks(guarantee)
        for kept, given_up in ((pair.reading, pair.default), (pair.default, pair.reading)):
            if not self._differ(others, kept, given_up):
                continue
            unlike = Not(self._answers.keeps(given_up))
            answer = self._here.answer([*others, kept.name], And(unlike, broken))
            if answer is not None and self._here.answer([*others, given_up.name], broken) is None:
                return _Harm(guarantee, kept, self._place, answer)
        return None

    def _differ(self, others: Sequence[str], kept: Property, given_up: Property) -> bool:
        """Whether an answer keeps the one reading and not the other."""
        key = kept.name, given_up.name
        if key not in self._different:
            unlike = Not(self._answers.keeps(given_up))
            self._different[key] = self._here.answer([*others, kept.name], unlike) is not None
        return self._different[key]


def _shortened(spec: Spec, pair: Pair, harm: _Harm) -> _Harm:
    """The same harm without the steps that it does not need."""
    rules = (*pair.others, pair.reading, pair.default)
    for n in reversed(range(len(harm.place.choices))):
        fewer = harm.place.without(n)
        if fewer is not None and spec.duty is not None and spec.duty.due(fewer.state):
            same = _At(spec, fewer, rules).harm(pair, harm.guarantee)
            if same is not None and same.allowed_by is harm.allowed_by:
                harm = same
    return harm


def _finding(pair: Pair, run: Place, harms: Sequence[_Harm]) -> Finding:
    name, other = pair.reading.name, pair.default.name
    failed, kept = (pair.default, name) if pair.reading.holds(run.state) else (pair.reading, other)
    steps = len(run.choices)
    shows = f"A run of {steps} steps keeps {kept} and every other clause, and does not keep {failed.name}. "
    shows += " ".join(_told(harm, pair) for harm in harms) or "No guarantee was seen to depend on the choice."
    clauses = (name, other, *(harm.guarantee.name for harm in harms))
    shown = _harmful(harms[0]) if harms else run.trace(failed)
    return Finding(f"ambiguity.{name}", "ambiguity", clauses, shows, shown)


def _told(harm: _Harm, pair: Pair) -> str:
    other = pair.default if harm.allowed_by is pair.reading else pair.reading
    return (
        f"{harm.guarantee.name} depends on the choice: an answer that keeps {harm.allowed_by.name} breaks "
        f"it, and none that keeps {other.name} does in the same situation."
    )


def _harmful(harm: _Harm) -> Trace:
    """The run to the harm, as far as the state that shows it."""
    place, choices = harm.place, (*harm.place.choices, *harm.answer)
    passed = dataclasses.replace(place, choices=choices).states()
    last = next(n for n, state in enumerate(passed) if not harm.guarantee.holds(state))
    return end(place.system, place.bounds, place.first, choices[:last]).trace(harm.guarantee)
