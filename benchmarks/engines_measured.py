"""The engines as the benchmark runs them: integers and bit-vectors by the same code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import z3
from bitvectors import CHOICE, REACH, BitVectors, Translation
from cells import CellTime, Stopwatch

from chimneysweep.engines import bmc, spacer
from chimneysweep.engines.encode import Encoded
from chimneysweep.engines.rawterms import constant_like
from chimneysweep.engines.relevance import Relevance
from chimneysweep.model.chimney.state import SUCCESS, World, world_size
from chimneysweep.model.logic import And, Value, all_of
from chimneysweep.properties.chimney.chimney import CHIMNEY

SPACER_PROPERTY = "snd.wnd"
DEEPEST = 40
NO_LIMIT = 10_000.0


def encoded(cell: CellTime) -> Encoded:
    """The reference in the cell's world."""
    bounds = world_size(cell.buffers, cell.blocks, cell.connections, cell.requests)
    return Encoded(CHIMNEY.system("reference", bounds))


class Unpruned(Relevance):
    """Everything may matter everywhere."""

    def plan(self, goal: Any, depth: int) -> tuple[list[list[int]], list[frozenset[int]]]:
        """All instances at every step, all variables in every state."""
        everything = frozenset(self._by_id)
        numbers = list(range(len(self.encoded.instances)))
        return [numbers] * depth, [everything] * (depth + 1)

    def after_independent(self, right: int, candidates: Any) -> list[int]:
        """No order is preferred."""
        return []


def solver(cell: CellTime) -> Any:
    """With the preprocessing of the bounded search, or without any."""
    return bmc.solver(NO_LIMIT) if cell.preprocessing else z3.SimpleSolver()


def wrapped(world: World, sends: int) -> Value:
    """Connection 0 is handed back after some sends, and its sequence numbers wrapped around on the way."""
    conn = world.conns[0]
    done = all_of(buf.status == SUCCESS for buf in conn.bufs[:sends])
    return And(world.handed_back(conn), conn.given.snd_max < conn.given.snd_una, done)


def choices(unrolling: bmc.Unrolling) -> list[Any]:
    """The free parameters of every step that may be taken."""
    return [
        constant_like(c, f"@{level}")
        for level, matter in enumerate(unrolling.steps)
        for n in matter
        for c in unrolling.encoded.instances[n].free.values()
    ]


def bounded(cell: CellTime, stopwatch: Stopwatch) -> str:
    """A shortest run to a hand-off that wraps around, depth by depth."""
    system, bits = encoded(cell), Translation()
    goal = system.formula(lambda w: wrapped(w, cell.sends))
    with stopwatch:
        relevance = Relevance(system) if cell.pruning else Unpruned(system)
    for depth in range(DEEPEST):
        with stopwatch:
            unrolling = bmc.Unrolling(system, relevance, goal, depth)
        constraints = unrolling.constraints
        if cell.bits:
            limits = bits.within(choices(unrolling), CHOICE)
            constraints = [*(bits(c) for c in constraints), *limits]
        with stopwatch:
            query = solver(cell)
            query.add(*constraints)
            if query.check() == z3.sat:
                return f"{depth} steps"
    return "none found"


def induction(cell: CellTime, stopwatch: Stopwatch) -> str:
    """Every step preserves the conjunction of all clauses, guarantees and lemmas."""
    system, bits = encoded(cell), Translation()
    claims = [system.claim(p) for p in CHIMNEY.properties if not p.reading]
    steps = [(z3.BoolVal(True), system.init, claims, [])]
    for i in system.instances:
        with stopwatch:
            after = [z3.substitute(c, *i.changes) for c in claims]
        changed = [a for a, c in zip(after, claims, strict=True) if not a.eq(c)]
        steps.append((z3.And(*claims), i.guard, changed, list(i.free.values())))
    lost = 0
    questions = [
        (given, guard, part, free)
        for given, guard, wanted, free in steps
        for part in (wanted if cell.one_by_one else [z3.And(*wanted)])
    ]
    for given, guard, part, free in questions:
        formulas = [given, guard, z3.Not(part)]
        if cell.bits:
            limits = bits.within(system.constants, REACH) + bits.within(free, CHOICE)
            formulas = [*(bits(f) for f in formulas), *limits]
        with stopwatch:
            query = solver(cell)
            query.add(*formulas)
            lost += query.check() != z3.unsat
    return f"{lost} steps fail" if lost else "proved"


def reachability(cell: CellTime, stopwatch: Stopwatch) -> str:
    """Spacer on one clause, without the lemmas."""
    system: Any = encoded(cell)
    if cell.bits:
        system = BitVectors(system)
    prop = CHIMNEY.find(SPACER_PROPERTY)
    system.claim(prop)
    with stopwatch:
        outcome = spacer.decide(system, prop, 2**32 - 1)
    return {"Inductive": "proved", "Reachable": "refuted"}.get(type(outcome).__name__, str(outcome))


ENGINES: dict[str, Callable[[CellTime, Stopwatch], str]] = {
    "bmc": bounded,
    "induction": induction,
    "spacer": reachability,
}
