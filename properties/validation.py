"""Is what a user wrote sound? All of it is built before an engine starts, and every mistake is said at once.

What Z3 would take without complaint and mean something else by (the truth of ``a == b``, a division) is
refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..model.bounds import Bounds
from ..model.design import Bug, Design, DesignStep, Reaction, Remembered
from ..model.event import Event, Taken
from ..model.kernel import State
from ..model.logic import Not
from ..model.records import domain, values, variables
from .inspection import Inspection, kind_of, shown
from .mistakes import Mistake, defined, listed
from .property import Case, Conjunct, Property
from .subject import Subject

SECONDS = 5.0
"""For each question to the solver; one that is not answered in time counts as no mistake."""


def subject_inspected(subject: Subject, bounds: Bounds, folders: Collection[Path]) -> list[Mistake]:
    """Everything that is wrong with a user's subject in a world of that size. *folders* hold their files."""
    look = Inspection(subject, bounds, folders)
    with _strict():
        if look.state_is_sound():
            _subject(look)
    return look.mistakes


def additions_inspected(
    subject: Subject,
    bounds: Bounds,
    folders: Collection[Path],
    designs: Iterable[Design] = (),
    properties: Iterable[Property] = (),
    events: Iterable[Event] = (),
) -> list[Mistake]:
    """Everything that is wrong with what a user adds to a subject that is sound itself."""
    look = Inspection(subject, bounds, folders)
    with _strict():
        if look.state_is_sound():
            for event in events:
                _event(look, event)
            for design in designs:
                _design(look, design)
            for prop in properties:
                _property(look, prop)
    return look.mistakes


@contextmanager
def _strict() -> Iterator[None]:
    """The truth of a symbolic value and its division are errors, also where Z3 has an answer of its own."""
    import z3

    def no_truth(self: Any) -> bool:
        raise TypeError("the truth of a symbolic value")

    def no_division(self: Any, other: Any) -> Any:
        raise TypeError("the division of a symbolic value")

    changed = ((z3.AstRef, "__bool__", no_truth), (z3.ArithRef, "__truediv__", no_division))
    kept = [(owner, name, vars(owner)[name]) for owner, name, _ in changed]
    try:
        for owner, name, instead in changed:
            setattr(owner, name, instead)
        yield
    finally:
        for owner, name, original in kept:
            setattr(owner, name, original)


# -- the subject ----------------------------------------------------------------------


def _subject(look: Inspection) -> None:
    """Its events, first states, designs, bugs and properties."""
    subject = look.subject
    if not subject.events:
        look.wrong("", f"{subject.name} has no events, so nothing can happen: give its parts some")
    for name, number in look.bounds.items():
        if number < 1:
            says = f"the bound {name} of {subject.name} is {number}; a world has 1 or more of each"
            look.wrong("", says, subject.start)
    look.sound("the words of its Bounds", subject.start, lambda: _bounds_said(look))
    for event in subject.events:
        _event(look, event)
    for name, conditions in (
        ("over", lambda: [subject.over(look.state)]),
        ("prefers", lambda: subject.prefers(look.state)),
    ):
        code = getattr(subject, name)
        look.sound(name, code, functools.partial(_truths, look, name, code, conditions))
    if subject.init is not None:
        look.sound("init", subject.init, lambda: _first_states(look))
    for design in (subject.the_reference, *subject.designs):
        _design(look, design)
    for bug in subject.bugs.values():
        _bug(look, bug)
    for prop in subject.properties:
        _property(look, prop)


def _first_states(look: Inspection) -> None:
    """There are some, and in them every variable is within its sort."""
    init = look.subject.init
    assert init is not None
    begins = init(look.state, look.blank)
    if not look.truth("init", begins, init):
        return
    if _solved(begins)[0] == "unsat":
        look.wrong(
            "init", "no state satisfies it: nothing could ever happen, and every property would hold", init
        )
    answer, stray = _solved(begins, Not(domain(look.state)))
    if answer == "sat":
        look.wrong("init", f"{_stray(look, stray)}; add domain(s) to what it demands", init)


def _solved(*formulas: Any) -> tuple[str, Any]:
    """Whether the formulas can hold together ("sat", "unsat", "unknown"), and a model of them."""
    import z3

    query = z3.Solver()
    query.set("timeout", int(1000 * SECONDS))
    query.add(*formulas)
    answer = query.check()
    return str(answer), query.model() if answer == z3.sat else None


def _stray(look: Inspection, model: Any) -> str:
    """A variable that a first state has outside of its sort."""
    for variable, term in zip(variables(look.blank), values(look.state), strict=True):
        found = model.eval(term, model_completion=True)
        if variable.sort.kind != "bool" and not variable.sort.contains(found.as_long()):
            return f"it lets {variable.name} begin as {found}, outside of {shown(variable.sort)}"
    return "it lets a variable begin outside of its range"


def _bounds_said(look: Inspection) -> None:
    """The words of the bounds name no others."""
    for name in look.bounds.said():
        if name not in look.bounds:
            says = f"the words of its Bounds name {{{name}}}, no bound; {listed(name, look.bounds)}"
            look.wrong("", says, look.subject.start)


def _event(look: Inspection, event: Event) -> None:
    what, code = f"event {event.name}", event.happens

    def attempt(state: State, p: Any) -> None:
        result = event.happens(state, event.completed(state, p))
        if look.is_pair(what, result, "what it requires, and the state after it", code):
            look.truth(f"{what}, what it requires", result[0], code)
            look.after(what, result[1], code, to_come=result[0] is not False and state is look.state)

    if event.owed is not None and look.subject.rest is None:
        says = "it is owed before all comes to rest, and nothing does: Subject(..., rest=...) names the event"
        look.wrong(what, says, code)
    if look.declared(what, event, code, event.seen):
        look.tried(what, code, event.parameters(look.bounds), attempt)


# -- designs --------------------------------------------------------------------------


def _bug(look: Inspection, bug: Bug) -> None:
    code = next(iter(bug.changed.values()), None)
    look.sound(f"bug {bug.name}", code, lambda: _design(look, bug.of(look.subject.the_reference)))


def _design(look: Inspection, design: Design) -> None:
    """Its steps and reactions take target events that there are, and write its own memory."""
    theirs = [choice for choice in design.choices.values() if defined(choice, look.folders)]
    for step in design.steps:
        what = f"step {step.name} of design {design.name}"
        if look.declared(what, step, step.chooses):
            # Where a step of ours fails, it is for what one of their choices returned.
            code = next((c for c in (step.chooses, *theirs) if defined(c, look.folders)), step.chooses)
            look.tried(what, code, step.parameters(look.bounds), _choosing(look, what, design, step))
    events = {e.name: e for e in look.subject.events}
    for reaction in design.reactions:
        what, to = f"reaction to {reaction.event} of design {design.name}", events.get(reaction.event)
        if to is None or to.actor == "target":
            why = "is an event of the target itself" if to else "is no event"
            look.wrong(what, f"{reaction.event} {why}, so this would never be called", reaction.reacts)
        else:
            look.tried(
                what, reaction.reacts, to.parameters(look.bounds), _reacting(look, what, design, reaction)
            )


def _choosing(look: Inspection, what: str, design: Design, step: DesignStep) -> Callable[[State, Any], None]:
    code = step.chooses

    def attempt(state: State, p: Any) -> None:
        result = code(design, state, p)
        if look.is_pair(what, result, "when it is taken, and a list of what it does", code):
            look.truth(f"{what}, when it is taken", result[0], code)
            _deeds(look, what, result[1], state, design, code)

    return attempt


def _reacting(
    look: Inspection, what: str, design: Design, reaction: Reaction
) -> Callable[[State, Any], None]:
    code = reaction.reacts
    return lambda state, p: _deeds(look, what, code(design, state, p), state, design, code)


def _deeds(look: Inspection, what: str, deeds: Any, state: State, design: Design, code: Any) -> None:
    """What a step does: events of the target, with a value for each parameter, and what is remembered."""
    if not isinstance(deeds, Iterable):
        look.wrong(what, f"what it does is {kind_of(deeds)}; give a list", code)
        return
    done, before = list(deeds), len(look.mistakes)
    for deed in done:
        if isinstance(deed, Taken):
            _taken(look, what, deed, code)
        elif isinstance(deed, Remembered):
            look.sound(what, code, lambda d=deed: design.after(state, [d]))  # type: ignore[misc]
        else:
            look.wrong(
                what,
                f"it does {kind_of(deed)}; it takes an event, Event(...), or remembers, remember(...)",
                code,
            )
    if len(look.mistakes) == before:
        look.after(what, design.after(state, done), code)


def _taken(look: Inspection, what: str, deed: Taken, code: Any) -> None:
    event, subject = deed.event, look.subject
    if not any(e is event for e in subject.events):
        there = listed(event.name, (e.name for e in subject.events if e.actor == "target"))
        look.wrong(what, f"{event.name} is no event of {subject.name}; {there}", code)
    elif event.actor != "target":
        look.wrong(
            what, f"{event.name} is up to the {event.actor}; a design takes events of the target", code
        )
    parameters = event.parameters(look.bounds)
    known = [p.name for p in parameters]
    for name in deed.values:
        if name not in (*known, *event.seen):
            look.wrong(what, f"{event.name} has no parameter {name!r}; {listed(name, known)}", code)
    missing = [p.name for p in parameters if p.name not in deed.values and p.default is None]
    if missing:
        look.wrong(what, f"{event.name} needs a value for {', '.join(missing)}", code)
    look.truth(f"{what}, when it takes {event.name}", deed.when, code)


def _truths(look: Inspection, name: str, code: Any, conditions: Callable[[], Iterable[Any]]) -> None:
    for value in conditions():
        look.truth(name, value, code)


# -- properties -----------------------------------------------------------------------


def _property(look: Inspection, prop: Property) -> None:
    """It gives cases, in each a premise and conjuncts that are conditions."""
    what, code = f"{prop.kind} {prop.name}", prop.cases

    def attempt(state: State) -> None:
        found: Any = code(state)
        if not isinstance(found, Iterable):
            look.wrong(what, f"it returns {kind_of(found)}; it must yield cases", code)
            return
        for case in found:
            if not isinstance(case, Case):
                look.wrong(what, f"it yields {kind_of(case)}; it must yield cases", code)
                return
            stray = [c for c in case.holds if not isinstance(c, Conjunct)]
            if stray:
                look.wrong(what, f"in {case.where} {kind_of(stray[0])} must hold; give conjunct(...)", code)
                return
            conditions = {"the premise": case.premise, **{repr(c.says): c.formula for c in case.holds}}
            if not all(look.truth(f"{what}, {case.where}, {n}", c, code) for n, c in conditions.items()):
                return

    if look.sound(what, code, lambda: attempt(look.state)):
        look.sound(what, code, lambda: attempt(look.blank))
