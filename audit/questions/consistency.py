"""Consistency: is there a situation in which no answer of the target satisfies all clauses?

In each situation Z3 decides for all answers at once. Where none is left, rules are taken
away until each one that remains is needed: a smallest clash. Other readings are tried in
the place of the default ones, each by itself and all together, so that a clash between
sentences taken as they stand is found as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from ...properties.property import Property
from ..audited import Audited
from ..clashes import EACH, Names, RulesAtOnce, Undecided
from ..finding import Answer, Finding, Sound
from ..jobs import Asks, Computation, Failed, Inquiry
from ..places import AnswerDue, along, explored, searched, shortened, small, walked
from ..possible_answers import Answers

WALKS = 16
"""Random runs of the most general target on which situations are looked for."""
STATED = "stated"
"""The reading of rules that nobody doubts: a clash may rest on them, and is not about them."""

WHOLE = "and there are no others"
PART = (
    "many of them reached by random compliant runs; the design that keeps every clause shows that there "
    "is one wherever it comes itself, and says nothing of where only another compliant target comes"
)


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    due = any(part.duty is not None for part in (audited, *audited.auxiliary))
    return "" if due else "nothing says when an answer of the target is due (Audited has no duty)"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Look for clashes in the world of a specification, and in those beside it."""
    parts = (inquiry.audited, *inquiry.audited.auxiliary)
    wanted = [n for n, part in enumerate(parts) if part.duty is not None and _concerned(inquiry, part)]
    jobs = {n: Computation(asked, (n, inquiry.effort), f"clashes in {parts[n].title}") for n in wanted}
    done = yield list(jobs.values())
    found = [_of(parts[n].title, done[job]) for n, job in jobs.items()]
    return Answer(
        "consistency",
        sum(answer.examined for answer in found),
        tuple(f for answer in found for f in answer.findings if inquiry.wants(f.id)),
        tuple(s for answer in found for s in answer.sound),
        tuple(text for answer in found for text in answer.undecided),
    )


def _concerned(inquiry: Inquiry, part: Audited) -> bool:
    """Whether a world has the rules that the findings in question are about."""
    ids = {p.id for p in part.whole.properties}
    about = (set(name.removeprefix("consistency.").split("+")) for name in inquiry.only)
    return not inquiry.only or any(names <= ids for names in about)


def _of(title: str, done: Answer | Failed) -> Answer:
    return (
        Answer("consistency", 0, undecided=(f"{title}: {done.reason}",)) if isinstance(done, Failed) else done
    )


def asked(audited: Audited, number: int, effort: float) -> Answer:
    """What is to be said of one world, the audited one (0) or one beside it: a job."""
    part = (audited, *audited.auxiliary)[number]
    looked = _Looked(part, effort * EACH)
    for place in places(part):
        looked.at(place)
    findings = [_finding(part, clash, number) for clash in looked.smallest()]
    return Answer(
        "consistency", looked.situations, tuple(findings), tuple(looked.sound()), tuple(looked.undecided)
    )


@dataclasses.dataclass(frozen=True)
class _Clash:
    names: Names
    place: AnswerDue

    @property
    def about(self) -> tuple[str, ...]:
        """The sentences that the clash is about: readings, if there are any."""
        doubted = [n for n in self.names if "@" in n and not n.endswith(f"@{STATED}")]
        return tuple(sorted(doubted or self.names))

    @property
    def size(self) -> tuple[int, int]:
        return len(self.place.choices), len(self.names)


def places(audited: Audited) -> Iterator[AnswerDue]:
    """The situations that are looked at, a small world's all of them."""
    duty = audited.duty
    if duty is None:
        return
    system = audited.general()
    if small(system):
        yield from explored(system, audited.world, duty)
        return
    for scripted in audited.scripted():
        yield from along(*scripted, duty)
    yield from searched(audited, audited.readings, duty)
    yield from walked(audited, system, duty, WALKS)


class _Looked:
    """What became of the situations of one world; *each* is the work for one query."""

    def __init__(self, audited: Audited, each: float) -> None:
        self._audited = audited
        self._each = each
        self._whole = small(audited.general())
        self.situations = 0
        self.found: dict[tuple[str, ...], _Clash] = {}
        self.undecided: list[str] = []

    def at(self, place: AnswerDue) -> None:
        """Every clash of every choice of readings in one situation."""
        self.situations += 1
        try:
            for names in clashes(self._audited, place, self._each):
                self._take(_Clash(names, place))
        except Undecided as gave_up:
            self.undecided.append(f"{self._audited.title}: a situation, {gave_up}")

    def _take(self, clash: _Clash) -> None:
        before = self.found.get(clash.about)
        if before is not None and clash.size >= before.size:
            return
        shorter = dataclasses.replace(clash, place=_shortened(self._audited, clash, self._each))
        if before is not None and shorter.size >= before.size:
            return
        if not _own_doing(self._audited, shorter.place):
            self.found[clash.about] = shorter

    def smallest(self) -> list[_Clash]:
        """Those that are about no more sentences than they need to be."""
        about = [set(clash.about) for clash in self.found.values()]
        return [c for c in self.found.values() if not any(a < set(c.about) for a in about)]

    def sound(self) -> list[Sound]:
        """That the default readings can be kept together, unless they cannot."""
        if not self.situations or any("@" not in "".join(c.names) for c in self.found.values()):
            return []
        count = len(self._audited.clauses)
        what = f"{self._audited.title}: all {count} clauses in their default readings together"
        rests = f"an answer was found in {self.situations} situations, "
        return [Sound(what, rests + (WHOLE if self._whole else PART))]


def _own_doing(audited: Audited, place: AnswerDue) -> bool:
    """Whether a run leads to a place since whoever has to answer there began to: that is its own doing."""
    duty = audited.duty
    assert duty is not None
    who = place.system.action(duty.call).actor
    for (name, _), state in zip(place.choices, place.states(), strict=False):
        mine = place.system.action(name).actor == who
        if mine and (name in duty.before or duty.due(state)):
            return True
    return False


def situation(
    audited: Audited, place: AnswerDue, rules: Iterable[Property], each: float = EACH
) -> RulesAtOnce:
    """The answers of the most general target at a place, and the rules asked of them."""
    assert audited.duty is not None
    return RulesAtOnce(Answers(audited.general(place.bounds), place.state, audited.duty), rules, each)


def clashes(audited: Audited, place: AnswerDue, each: float = EACH) -> Iterator[Names]:
    """Smallest sets of clauses, in readings of one's choice, that no answer at a place keeps.

    Readings that the run to the place has broken already are no choice there. Where a
    choice clashes, it is tried again without each reading that the clash needs.
    """
    passed = place.states()
    kept = [p for p in audited.whole.of_kind("clause") if all(p.holds(state) for state in passed)]
    if not {c.name for c in audited.clauses} <= {p.name for p in kept}:
        return
    here = situation(audited, place, kept, each)
    cores: list[Names] = []
    tried: set[Names] = set()
    queue = [frozenset(chosen) for chosen in _choices([p.name for p in kept if p.reading])]
    for chosen in queue:
        if chosen in tried:
            continue
        tried.add(chosen)
        rules = _rules(audited, chosen)
        core = next((c for c in cores if c <= set(rules)), None)
        if core is None:
            core = here.clash(rules)
            if core is None:
                continue
            cores.append(core)
            if len({name.partition("@")[0] for name in core}) == len(core):
                yield core
        queue += [chosen - {name} for name in sorted(core & chosen)]


def _choices(readings: Sequence[str]) -> Iterator[Sequence[str]]:
    stated = [name for name in readings if name.endswith(f"@{STATED}")]
    yield stated
    yield from ([*stated, name] for name in readings)
    yield readings


def _rules(audited: Audited, chosen: Names) -> list[str]:
    """The default of every clause that has no chosen reading, and after them the chosen ones."""
    replaced = {name.partition("@")[0] for name in chosen}
    return [*(c.name for c in audited.clauses if c.id not in replaced), *sorted(chosen)]


def _shortened(audited: Audited, clash: _Clash, each: float) -> AnswerDue:
    """The place reached without the steps that the clash does not need."""
    rules = [audited.find(name) for name in sorted(clash.names)]

    def clashes_too(place: AnswerDue) -> bool:
        due = audited.duty is not None and audited.duty.due(place.state)
        return due and situation(audited, place, rules, each).clash(sorted(clash.names)) == clash.names

    return shortened(clash.place, clashes_too)


def _finding(audited: Audited, clash: _Clash, world: int) -> Finding:
    name = "+".join(sorted(n.partition("@")[0] for n in clash.about))
    names = sorted(clash.names, key=lambda n: (n not in clash.about, n))
    shows = (
        f"Where this run ends, no answer keeps all of {', '.join(names)}; with any one of them left out, "
        "one does."
    )
    return Finding(
        f"consistency.{name}", "consistency", tuple(names), shows, clash.place.trace(audited.traced), world
    )
