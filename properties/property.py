"""What a property is: a clause of the specification, a guarantee, or a lemma.

    @clause("chain.order", "pages/handling-send-data.md", "first item of the list")
    def order(world):
        \"\"\"The chain keeps the order in which the sends were posted.\"\"\"
        for k, buf in enumerate(world.bufs):
            later = conjunct("the send that follows it was posted later", buf.next > k, Next=buf.next)
            yield case(f"send buffer {k}", buf.status == PENDING, later)

The function yields cases (each block, each connection, each buffer): in each, the conjuncts must
hold where the premise does. Its docstring is the property in one sentence. It is written with
:mod:`..model.logic`, so it is checked on Z3 terms and on the Python values of a run alike.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from ..model.event import with_brackets
from ..model.kernel import State
from ..model.logic import Implies, Value, all_of, any_of

Kind = Literal["clause", "guarantee", "rule", "refinement", "lemma"]
"""A sentence of the documents; what users are owed; a rule of the wire (RFC 9293 and its companions);
that a design is a refinement of the most general target; a helper."""


@dataclasses.dataclass(frozen=True)
class Conjunct:
    """One thing that must hold, in words, with the values that it speaks of."""

    says: str
    formula: Value
    values: Mapping[str, Value] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Case:
    """One place where a property applies: ``connection 1, buffer 3``."""

    where: str
    premise: Value
    holds: tuple[Conjunct, ...]


Cases = Callable[[State], Iterable[Case]]


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the specification (or an RFC) says it: file name and heading or step."""

    page: str
    heading: str = ""

    def __str__(self) -> str:
        return f"{self.page}, {self.heading}" if self.heading else self.page


@dataclasses.dataclass(frozen=True)
class Property:
    """A named invariant.

    ``reading`` names the reading of the sentence that this property takes; the default
    reading has none. ``impossible_with`` marks a literal reading that no target can keep
    together with the clauses named, and is itself checked. ``inferred`` says why a clause is
    demanded that no sentence of the documents states. ``watched``: it is judged of executable targets, and
    no model does what it is about. ``stepwise``: what it says is proved one thing after
    the other, each from those before it.
    """

    id: str
    kind: Kind
    says: str
    source: Source
    cases: Cases
    reading: str = ""
    impossible_with: tuple[str, ...] = ()
    inferred: str = ""
    watched: bool = False
    stepwise: bool = False

    @property
    def name(self) -> str:
        """The id, with the reading if it is not the default one: ``snd.specified@literal``."""
        return f"{self.id}@{self.reading}" if self.reading else self.id

    def holds(self, world: State) -> Value:
        """The invariant as one formula or truth value."""
        return all_of(Implies(c.premise, all_of(j.formula for j in c.holds)) for c in self.cases(world))

    def premise(self, world: State) -> Value:
        """Whether the property applies anywhere in this state."""
        return any_of(c.premise for c in self.cases(world))


@dataclasses.dataclass(frozen=True)
class Failure:
    """A conjunct that does not hold in a concrete state: where, what, and on which values."""

    where: str
    says: str
    values: Mapping[str, int | bool]


def failures(prop: Property, world: State) -> list[Failure]:
    """Every conjunct of *prop* that a concrete state breaks; empty if it holds."""
    found = []
    for case in prop.cases(world):
        if case.premise:
            broken = (j for j in case.holds if not j.formula)
            found += [Failure(case.where, j.says, dict(j.values)) for j in broken]
    return found


# -- declaring them -----------------------------------------------------------------

Place = tuple[str, tuple[Any, ...]]
"""Where something stands, in words, and what stands there."""
Each = Callable[[State], Iterable[Place]]
Holding = tuple[Value, *tuple[Conjunct, ...]]
"""When a property applies in a place, and what must hold there."""
Declares = Callable[[Callable[..., Iterable[Case] | Holding]], Property]


def conjunct(says: str, formula: Value, /, **values: Value) -> Conjunct:
    """One thing that must hold, in words, and the values to show where it does not.

    An underscore in a value's name stands for a space (``acknowledged_up_to=...``); any other name
    is given as ``**{"host's SND.UNA": ...}``.
    """
    return Conjunct(says, formula, {name.replace("_", " "): value for name, value in values.items()})


def same(says: str, /, **two: Value) -> Conjunct:
    """That two values, named like those of :func:`conjunct`, are the same."""
    one, other = two.values()
    return conjunct(says, one == other, **two)


def at_most(says: str, /, **two: Value) -> Conjunct:
    """That the first of two values is at most the second."""
    one, other = two.values()
    return conjunct(says, one <= other, **two)


def case(where: str, premise: Value, *holds: Conjunct) -> Case:
    """One place where a property applies, in words; *premise*: when it does; *holds*: what must hold."""
    return Case(where, premise, holds)


def clause(
    id: str,
    page: str,
    heading: str = "",
    *,
    each: Each | None = None,
    says: str = "",
    reading: str = "",
    impossible_with: tuple[str, ...] = (),
    inferred: str = "",
    watched: bool = False,
) -> Declares:
    """Declare a clause: one normative statement of *page*, found under *heading*.

    The function yields its cases. With *each* it is called for each of several places instead, with the
    state and what stands there, and returns when the clause applies and what must hold:

        @clause("snd.wnd", "delegated.md", "SndWnd", each=each_connection)
        def wnd(world, conn):
            \"\"\"SndWnd is the send window in bytes.\"\"\"
            return conn.back, conjunct("it is the peer's", conn.snd_wnd == conn.peer.wnd, SndWnd=conn.snd_wnd)

    Its docstring says the clause, or *says* where several are made in a loop. For the rest see
    :class:`Property`. Raises ValueError if nothing says it.
    """
    more = {"reading": reading, "impossible_with": impossible_with, "inferred": inferred, "watched": watched}
    return _declares(id, "clause", Source(page, heading), says, each, **more)


def guarantee(id: str, page: str, heading: str = "", *, each: Each | None = None, says: str = "") -> Declares:
    """Declare a guarantee: what the user is owed, whatever the text says. *page*: who promised it."""
    return _declares(id, "guarantee", Source(page, heading), says, each)


def rule(id: str, page: str, heading: str = "", *, each: Each | None = None, says: str = "") -> Declares:
    """Declare a rule of the wire: what an RFC demands of any endpoint, whatever the specification says."""
    return _declares(id, "rule", Source(page, heading), says, each)


def lemma(
    name: str, *, each: Each | None = None, stepwise: bool = False
) -> Callable[[Callable[..., Value]], Property]:
    """Declare a lemma, a helper of proofs: the function gives one formula, on the state or on *each* place.

    Its id is ``lemma.`` and *name*. *stepwise*: see :class:`Property`.

        @lemma("counted")
        def counted(s):
            \"\"\"The counter has counted what there is.\"\"\"
            return s.counter == total(s.items)
    """

    with_brackets("lemma", "its name", name)

    def declare(formula: Callable[..., Value]) -> Property:
        said = _docstring(formula)
        file = formula.__module__.removeprefix("chimneysweep.").replace(".", "/") + ".py"
        declared = _declares(
            f"lemma.{name}", "lemma", Source(file), said, each or _everywhere, stepwise=stepwise
        )
        return declared(lambda state, *there: (True, Conjunct(said, formula(state, *there))))

    return declare


def _everywhere(state: State) -> Iterable[Place]:
    return [("the world", ())]


def collected(namespace: Mapping[str, Any]) -> tuple[Property, ...]:
    """The properties in a module's ``globals()``, in the order of definition; tuples of them count."""
    values = (v if isinstance(v, tuple) else (v,) for v in namespace.values())
    return tuple(dict.fromkeys(p for each in values for p in each if isinstance(p, Property)))


def _declares(id: str, kind: Kind, source: Source, says: str, each: Each | None, **more: Any) -> Declares:
    def declare(function: Callable[..., Any]) -> Property:
        said = says or _docstring(function)
        if not said:
            raise ValueError(f"{kind} {id} says nothing: give its function a docstring, one sentence")
        return Property(id, kind, said, source, _cases(function, each) if each else function, **more)

    return declare


def _cases(function: Callable[..., Holding], each: Each) -> Cases:
    def cases(state: State) -> Iterator[Case]:
        for where, there in each(state):
            premise, *holds = function(state, *there)
            yield Case(where, premise, tuple(holds))

    return cases


def _docstring(function: Callable[..., Any]) -> str:
    return " ".join((function.__doc__ or "").split())
