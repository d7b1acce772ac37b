"""How lemmas are made: on the world, on each connection, on each send buffer, or from a clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...model.chimney.handover import terminate_completed
from ...model.chimney.state import TERMINATING, Buffer, Connection, World
from ...model.chimney.tree import ROOT
from ...model.logic import And, Value
from ..property import Case, Conjunct, Property, Source

OURS = Source("properties/lemmas.py")
Formula = Callable[[World], Value]
ConnFormula = Callable[[World, Connection], Value]
BufferFormula = Callable[[World, Connection, int, Buffer], Value]


def lemma(name: str, says: str, formula: Formula) -> Property:
    """A lemma on the world as a whole."""

    def cases(world: World) -> Iterator[Case]:
        yield Case("the world", True, (Conjunct(says, formula(world)),))

    return Property(f"lemma.{name}", "lemma", says, OURS, cases)


def conn_lemma(name: str, says: str, formula: ConnFormula) -> Property:
    """A lemma on each connection."""

    def cases(world: World) -> Iterator[Case]:
        for c, conn in enumerate(world.conns):
            yield Case(f"connection {c}", True, (Conjunct(says, formula(world, conn)),))

    return Property(f"lemma.{name}", "lemma", says, OURS, cases)


def buffer_lemma(name: str, says: str, formula: BufferFormula) -> Property:
    """A lemma on each send buffer."""

    def cases(world: World) -> Iterator[Case]:
        for c, conn in enumerate(world.conns):
            for k, buf in enumerate(conn.bufs):
                where = f"connection {c}, send buffer {k}"
                yield Case(where, True, (Conjunct(says, formula(world, conn, k, buf)),))

    return Property(f"lemma.{name}", "lemma", says, OURS, cases)


def ready(prop: Property) -> Property:
    """*prop* holds already when the tree is filled, should it be handed back now.

    The weakest precondition of NdisMTerminateOffloadComplete: most clauses speak of
    the moment after that call, and this carries them over the step before it.
    """

    def cases(world: World) -> Iterator[Case]:
        waiting = And(world.phase == TERMINATING, world.filled)
        after = prop.holds(terminate_completed(world, ROOT))
        yield Case("the filled tree", waiting, (Conjunct(prop.says, after),))

    return Property(f"lemma.ready.{prop.name}", "lemma", f"Once the tree is filled: {prop.says}", OURS, cases)
