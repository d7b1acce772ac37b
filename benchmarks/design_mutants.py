"""Which changes of the reference design the properties find.

Each change of `changed_design` makes another transition system. It is told from the reference by a run that
breaks a property (written down, or found by bounded search and replayed), or is shown to be the same: no
state of the reference's invariant tells the two apart. What is left survives, and has its reason in
design_survivors.toml, or nobody has looked at it yet. Where all claims are kept by induction, no search would
have found anything.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import z3
from changed_design import Change, changed, changes
from survivors import ALIKE, BROKEN, KEPT, SAME, MutantJournal, Score

from chimneysweep.counterexamples.trace import traced
from chimneysweep.engines.bmc import ShortestRun, search
from chimneysweep.engines.effort import MILLION, Effort
from chimneysweep.engines.encode import Encoded, copied, inside, term
from chimneysweep.engines.induction import START, Induction, Limits
from chimneysweep.engines.pieces import Pieces
from chimneysweep.engines.tracing import TraceMaker
from chimneysweep.engines.witness import states
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.shapes import Offload, neighbor, offloaded, path
from chimneysweep.model.chimney.state import ABORTIVE
from chimneysweep.model.logic import Not, Value
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.chimney.runs import END, TERMINATE, on
from chimneysweep.properties.property import Case, Property, Source
from chimneysweep.properties.subject import Script, Subject

NO_CASE = (BROKEN, SAME, ALIKE)
LEAST = Bounds(buffers=2, blocks=1, connections=1, requests=1)
SMALL = Bounds(buffers=2, blocks=3, connections=1, requests=1)
WIDE = Bounds(buffers=2, blocks=4, connections=2, requests=2)
DEPTH = 10
"""Steps of a run that is searched for."""
QUICK, LIKELY = 2 * MILLION, 5 * MILLION
"""Work for a first search, and for one among the properties that a change may break."""
STEP = 20 * MILLION
"""Work for one question about a step."""

_SENT = on(0, ("MiniportTcpOffloadSend", {"length": 10}), ("MiniportTcpOffloadSend", {"length": 20}))
_ACKED = on(0, ("PeerReceives", {"upto": 30}), ("AckArrives", {"upto": 30, "window": 60}))
_OUT = on(0, ("Transmit", {"length": 30}))
_READ = on(
    0, ("DataArrives", {"length": 5}), ("IndicateReceive", {}), ("ReturnReceiveIndication", {"bytes": 5})
)
_REPEATED = on(0, ("ReturnReceiveIndication", {"bytes": 3}))
_SENT_1 = on(1, ("MiniportTcpOffloadSend", {"length": 10}), ("Transmit", {"length": 10}))
_ACKED_1 = on(1, ("PeerReceives", {"upto": 10}), ("AckArrives", {"upto": 10, "window": 60}))
_ABORTED = on(0, ("MiniportTcpOffloadDisconnect", {"kind": ABORTIVE}))
_TOLD = on(0, ("IndicateTcpEvent", {}))
_RETURNED = on(0, ("ReturnTcpEvent", {}))
SCRIPTS: tuple[Script, ...] = (
    (*_READ, *on(0, ("DataArrives", {"length": 3}), ("IndicateReceive", {})), *_REPEATED),
    (*_READ[:2], *on(0, ("MiniportTcpOffloadReceive", {"size": 3}), ("CompleteReceive", {})), *_READ[2:]),
    (*on(0, ("DataArrives", {"length": 1})), *TERMINATE, *END),
    (*_SENT, *_OUT, *on(0, ("RetransmitTimeout", {}), ("Transmit", {"length": 10})), *TERMINATE, *END),
    (*_SENT, *_OUT, ("HardwareFails", {"block": 2}), *_ACKED, *on(0, ("CompleteSend", {}))),
    (*_SENT_1, *_ACKED_1, *TERMINATE, *END),
    (*_SENT_1, *on(1, ("MiniportTcpOffloadSend", {"length": 5})), *TERMINATE, *END),
    (*_ABORTED, *TERMINATE, *END),
    (*on(0, ("DataArrives", {"length": 3}), ("AckArrives", {"upto": 0, "window": 60})), *TERMINATE, *END),
    (*_TOLD, *TERMINATE, *END),
    (*_READ[:2], *TERMINATE, *END),
    (*_TOLD, *on(0, ("RstArrives", {})), *_RETURNED, *on(0, ("TellReset", {})), *_RETURNED, ("Quiet", {})),
    (
        *_TOLD,
        *on(0, ("RstArrives", {})),
        *_RETURNED,
        *on(0, ("TellReset", {})),
        *_RETURNED,
        *on(0, ("TellReset", {})),
        *_RETURNED,
        ("Quiet", {}),
    ),
    (*_SENT, *_OUT, *on(0, ("RetransmitTimeout", {})), *_ACKED, *TERMINATE, *END),
    (*_SENT, *_OUT, *on(0, ("RetransmitTimeout", {})), *TERMINATE, *END),
    (*_SENT, *_OUT, *_ACKED, *on(0, ("CompleteSend", {}), ("CompleteSend", {})), *TERMINATE, *END),
    (*_SENT, *_OUT, *_ACKED, *on(0, ("CompleteSend", {})), ("Quiet", {})),
    (*_SENT, *_OUT, *_ACKED, *on(1, ("MiniportTcpOffloadForward", {})), *TERMINATE, *END),
    (*_READ, *on(0, ("DataArrives", {"length": 3}), ("SendAck", {})), *TERMINATE, *END),
    (
        *on(
            0,
            ("MiniportTcpOffloadDisconnect", {}),
            ("Transmit", {"length": 1}),
            ("PeerReceives", {"upto": 1}),
        ),
        *on(0, ("AckArrives", {"upto": 1, "window": 60})),
        *TERMINATE,
        *END,
    ),
)
"""Runs that are played besides those of the parts: deeper than a search comes for what it may cost."""
APART: tuple[Script, ...] = ((*_SENT_1, *_ACKED_1, *TERMINATE, END[0], *on(1, ("CompleteSend", {}))),)
"""The same, where connection 1 is not in the tree."""


def _apart(blank: Any) -> Any:
    offloads = [Offload(1000 * n, 5000, window=100, capacity=100) for n in (1, 2)]
    return offloaded(blank, (neighbor(path(0)),), offloads)


class SizedReference:
    """The reference in a world of one size: its terms, and the claims that are an invariant of it."""

    def __init__(self, subject: Subject, bounds: Bounds) -> None:
        self.bounds = bounds
        self.reference = Encoded(subject.system(subject.the_reference, bounds))
        self.invariant = _invariant(self.reference, subject.properties)
        self._seen: dict[Any, Encoded] = {}

    def without(self, names: Iterable[str]) -> SizedReference:
        """The same world without some claims, to see what they are needed for."""
        other, left = copy.copy(self), set(names)
        other.invariant = tuple(p for p in self.invariant if p.name not in left)
        other._seen = {}
        return other

    @property
    def judges(self) -> tuple[Property, ...]:
        """What tells a design from the reference: all that this keeps, without the lemmas."""
        return tuple(prop for prop in self.invariant if prop.kind != "lemma")

    def changes(self, other: Encoded) -> list[int]:
        """The numbers of the action instances that are not written alike."""
        pairs = enumerate(zip(self.reference.instances, other.instances, strict=True))
        return [n for n, (ours, theirs) in pairs if _written(ours) != _written(theirs)]

    def seen(self, other: Encoded) -> bool:
        """Whether a design that is written like this one was seen here before."""
        written = tuple(map(_written, other.instances))
        return self._seen.setdefault(written, other) is not other  # what is kept keeps its numbers

    def alike(self, other: Encoded, numbers: Sequence[int]) -> bool:
        """Whether no state of the invariant tells these instances from the reference's."""
        return all(self._alike(self.reference.instances[n], other.instances[n]) for n in numbers)

    def _alike(self, ours: Any, theirs: Any) -> bool:
        after, then = ({old.get_id(): (old, new) for old, new in i.changes} for i in (ours, theirs))
        pairs = ((after.get(k, v)[-1], then.get(k, v)[-1]) for k, v in _both(after, then).items())
        differ = z3.Or(*(one != other for one, other in pairs if not one.eq(other)))
        query = z3.Solver()
        query.set("rlimit", STEP)
        sorts = zip(self.reference.variables, self.reference.constants, strict=True)
        query.add(*(term(inside(v.sort, constant)) for v, constant in sorts))
        query.add(*map(self.reference.claim, self.invariant))
        query.add(z3.Or(ours.guard != theirs.guard, z3.And(ours.guard, differ)))
        return bool(query.check() == z3.unsat)

    def fallen(self, other: Encoded, numbers: Sequence[int]) -> set[str]:
        """The claims that these instances may break, if all held before."""
        pieces = Pieces(other, self.invariant)
        every = list(range(len(pieces.every)))
        induction, found = Induction(pieces, Limits(effort=STEP)), set()
        for number in numbers:
            steps = induction.step(number, every, every)
            found |= {pieces.every[n].claim for n, _ in (*steps.fallen, *steps.open)}
        return found

    def rest_falls(self, other: Encoded, fallen: set[str]) -> set[str]:
        """What falls besides, where some claims have *fallen* that others rest on."""
        kept = {prop.name for prop in _invariant(other, self.invariant)}
        return fallen | {prop.name for prop in self.invariant if prop.name not in kept}


def _both(after: dict[int, Any], then: dict[int, Any]) -> dict[int, Any]:
    return {k: (pair[0],) for k, pair in {**after, **then}.items()}


def _written(instance: Any) -> tuple[Any, ...]:
    ids = tuple((old.get_id(), new.get_id()) for old, new in instance.changes)
    return instance.guard.get_id(), ids


def _invariant(encoded: Encoded, claims: Sequence[Property]) -> tuple[Property, ...]:
    """The largest part of *claims* that the first states satisfy and every step preserves."""
    alive, size = {claim.name: claim for claim in claims}, -1
    while size != len(alive):
        size = len(alive)
        pieces = Pieces(encoded, list(alive.values()))
        every, induction = list(range(len(pieces.every))), Induction(pieces, Limits(effort=STEP))
        for number in range(START, len(encoded.instances)):
            left = [n for n in every if pieces.every[n].claim in alive]
            steps = induction.step(number, left, left)
            for n, _ in (*steps.fallen, *steps.open):
                alive.pop(pieces.every[n].claim, None)
    return tuple(alive.values())


def together(props: Sequence[Property]) -> Property:
    """One property that claims what all of these do; where it is broken, the case names which."""

    def cases(world: Any) -> Iterator[Case]:
        for prop in props:
            for case in prop.cases(world):
                yield dataclasses.replace(case, where=f"{prop.name}: {case.where}")

    return Property("every.property", "guarantee", "What each of them says.", Source("benchmarks"), cases)


class DesignJudge:
    """Tells changed designs from the reference, in worlds of one size after the other."""

    def __init__(self, subject: Subject = CHIMNEY, bounds: Sequence[Bounds] = (LEAST, SMALL, WIDE)) -> None:
        self.subject = subject
        self.worlds = [SizedReference(subject, b) for b in bounds]

    def became(self, change: Change) -> str:
        """What becomes of a change (:class:`Score`)."""
        said, differs = ALIKE, False
        for world in self.worlds:
            encoded = self._encoded(change, world)
            if encoded is None:
                return BROKEN
            numbers = world.changes(encoded)
            if numbers and world.seen(encoded):
                return SAME
            said = self._judged(world, encoded, numbers, change, not differs) if numbers else ALIKE
            differs = differs or bool(numbers)
            if said not in (ALIKE, KEPT, ""):
                return said
        return said if differs else SAME

    def _encoded(self, change: Change, world: SizedReference) -> Encoded | None:
        """The changed design in a world; None if the change makes no design."""
        try:
            subject = changed(self.subject, change)
            found = Encoded(subject.system(subject.the_reference, world.bounds))
        except (AttributeError, IndexError, NameError, TypeError, ValueError, z3.Z3Exception):
            return None
        sound = all(old.sort() == new.sort() for i in found.instances for old, new in i.changes)
        return found if sound else None

    def _judged(
        self, world: SizedReference, encoded: Encoded, numbers: Sequence[int], change: Change, first: bool
    ) -> str:
        """*first*: the change makes no difference in a smaller world."""
        # Most are found at once, by a run that is written down, or in the smallest world.
        found = self._scripted(change) if first else ""
        if not found and world is self.worlds[0]:
            found = self._broken(world, encoded, world.judges, QUICK)
        if found:
            return found
        if world.alike(encoded, numbers):
            return ALIKE
        fallen = world.fallen(encoded, numbers)
        if not fallen:
            return KEPT
        likely = [prop for prop in world.judges if prop.name in fallen]
        # All at once, and then, as `check` does, one at a time: of what one property speaks is less.
        for judges in ([likely] if likely else []) + [[prop] for prop in likely]:
            if found := self._broken(world, encoded, judges, LIKELY):
                return found
        more = world.without(fallen).rest_falls(encoded, fallen)
        others = [prop for prop in world.judges if prop.name in more - fallen]
        if others:
            return self._broken(world, encoded, others, LIKELY)
        return "" if likely else KEPT

    def _scripted(self, change: Change) -> str:
        """What a run breaks that is written down, in Python's semantics."""
        subject = changed(self.subject, change)
        system = subject.system(subject.the_reference, subject.enough or subject.bounds)
        first, other = subject.first(system.template), _apart(system.template)
        runs = [*((first, script) for script in (*subject.runs, *SCRIPTS)), *((other, s) for s in APART)]
        for start, script in runs:
            for count, state in enumerate(states(system, start, script)):
                for prop in self.worlds[-1].judges:
                    if not prop.holds(state):
                        return f"{prop.name} in {count}"
        return ""

    def _broken(
        self, world: SizedReference, encoded: Encoded, judges: Sequence[Property], effort: int
    ) -> str:
        whole = together(judges)

        def goal(state: Any) -> Value:
            return Not(whole.holds(state))

        with copied(encoded) as system:
            found = search(system, goal, DEPTH, Effort(effort))
        if not isinstance(found, ShortestRun):
            return ""
        trace = TraceMaker(encoded.system, world.bounds, traced(self.subject), "changed").counterexample(
            found, whole
        )
        assert trace.violation is not None
        return f"{trace.violation.broken[0].where.partition(':')[0]} in {len(found.choices)}"


def score(
    count: int, tell: Callable[[str], None], journal: Path | None = None, judge: DesignJudge | None = None
) -> Score[Change]:
    """Try so many changes (0: all), drawn the same each time. What the *journal* has is not redone."""
    known, drawn = MutantJournal(journal), sorted(changes(), key=lambda one: one.key)[: count or None]
    if any(change.key not in known.known for change in drawn):
        judge = judge or DesignJudge()

    def tried(change: Change) -> str:
        assert judge is not None
        return judge.became(change)

    return Score({change: known.became(change, functools.partial(tried, change), tell) for change in drawn})


TOP = """# Mutants of the reference design

Each guard of the reference design, and each value that it remembers, hands over or answers with, is changed
in one place. A change is found if a run of the changed design breaks a property: one that is written down
(those of the parts, and {scripts} more), or one that a search finds (at most {depth} steps, in a world of
{least}, of {small}, or of {wide}). It is equivalent if the solver
shows that no state of the reference's invariant tells it from the reference; what is left survives. This page
is written by

    make bench ARGS="--only design-mutants --mutants {count} --page docs/design-mutants.md"

which takes a second or two for each of the {all} changes that there are; `--journal FILE` goes on where it
ended, and what it has is told as it came out then.

| function | made | are no design | no case of their own | equivalent | found | survive | of these a fault |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def page(found: Score[Change]) -> str:
    """The score, and each survivor with its reason."""
    sizes = {"least": LEAST.show(), "small": SMALL.show(), "wide": WIDE.show()}
    sizes |= {"depth": str(DEPTH), "scripts": str(len(SCRIPTS) + len(APART))}
    top = TOP.format(count=len(found.became), all=sum(1 for _ in changes()), **sizes)
    return found.page(top, NO_CASE)


def measured(count: int, tell: Callable[[str], None], journal: Path | None) -> tuple[str, dict[str, Any]]:
    """The score of so many changes (0: all), as a page and for a program."""
    found = score(count, tell, journal)
    return page(found), found.data(NO_CASE)
