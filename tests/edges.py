"""States at the edge of each property: they tell it from one that is a little weaker, or stronger.

`python tests/edges.py` makes edges.json anew. Every comparison and every term of every property is changed
by one step (`=` to `<=`, `>` to `>=`, a bound moved by one, a term dropped); the solver finds a state in
which the property and the changed one differ, or there is none. What the two do not read is blank in it.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import inspect
import json
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import z3

from chimneysweep.counterexamples.trace import flat
from chimneysweep.engines.encode import Encoded, concrete, inside, term
from chimneysweep.model.bounds import Bounds
from chimneysweep.model.kernel import System
from chimneysweep.model.records import rebuild
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Property, collected

FILE = Path(__file__).with_name("edges.json")
JUDGES = ("clause", "guarantee", "rule")
State = dict[str, Any]
"""What is stored: whether the property ``holds`` in it, and the variables that are not blank (``state``)."""
BOUNDS = Bounds(buffers=2, blocks=3, connections=2, requests=2)
WORK = 20_000_000
"""Units of the solver's for one question."""
TURNED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.LtE, ast.GtE),
    ast.Gt: (ast.GtE,),
    ast.GtE: (ast.Gt,),
    ast.Lt: (ast.LtE,),
    ast.LtE: (ast.Lt,),
}
ORDERS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
TERMS = ("And", "Or")
NOTHING_SAID = ("conjunct", "same", "at_most")
"""What declares a conjunct, which a change leaves out."""


@dataclasses.dataclass(frozen=True)
class Change:
    """One place of a module's source changed: its function, and how the place reads before and after."""

    module: str
    function: str
    before: str
    after: str
    number: int
    """Which of those that read alike, from 0."""

    @property
    def name(self) -> str:
        """What it is called in the file."""
        more = f" ({self.number + 1})" if self.number else ""
        return f"{self.module.rpartition('.')[2]}.{self.function}{more}: {self.before} -> {self.after}"


def modules() -> list[types.ModuleType]:
    """The modules in which properties are declared that judge."""
    rooms = ("chimneysweep.properties.chimney", "chimneysweep.properties.tcp")
    files = [(room, path.stem) for room in rooms for path in sorted(_folder(room).glob("*.py"))]
    found = [importlib.import_module(f"{room}.{stem}") for room, stem in files if stem != "__init__"]
    return [module for module in found if judged(vars(module))]


def _folder(room: str) -> Path:
    return Path(inspect.getfile(importlib.import_module(room))).parent


def judged(namespace: Mapping[str, Any]) -> dict[str, Property]:
    """The clauses, guarantees and rules that a module declares, by name."""
    return {p.name: p for p in collected(namespace) if p.kind in JUDGES}


# -- the changes ---------------------------------------------------------------------------------


def changed(module: types.ModuleType) -> Iterator[tuple[Change, list[tuple[Property, Property]]]]:
    """Every change of a module; and each property that it declares, beside what it declares then."""
    originals = judged(vars(module))
    tree = ast.parse(inspect.getsource(module))
    seen: dict[tuple[str, str, str], int] = {}
    for function in judging(tree):
        places = [node for part in function.body for node in _formulas(part)]
        for node in places:
            for other in _others(node):
                key = function.name, ast.unparse(node), ast.unparse(other)
                number = seen[key] = seen.get(key, -1) + 1
                others = judged(_run(module, tree, node, other))
                pairs = [(prop, others[name]) for name, prop in originals.items()]
                yield Change(module.__name__, *key, number), pairs


def judging(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions of a module that declare what is judged, and those that they call."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    declared = {name: {*map(_decorator, node.decorator_list)} for name, node in functions.items()}
    functions = {name: node for name, node in functions.items() if declared[name] <= {*JUDGES}}
    calls = {
        name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} for name, node in functions.items()
    }
    found = {name for name in functions if declared[name]}
    while more := {n for name in found for n in calls[name] if n in functions} - found:
        found |= more
    return [node for name, node in functions.items() if name in found]


def _decorator(node: ast.expr) -> str:
    return _called(node) if isinstance(node, ast.Call) else ""


def _formulas(part: ast.AST) -> Iterator[ast.AST]:
    """The nodes that may be part of what is claimed: not the values that are only shown."""
    yield part
    shown = isinstance(part, ast.Call) and _called(part) == "conjunct"
    for child in ast.iter_child_nodes(part):
        if not (shown and isinstance(child, ast.keyword)):
            yield from _formulas(child)


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _others(node: ast.AST) -> Iterator[ast.expr]:
    """What a node may be changed to."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _compared(node)
    if isinstance(node, ast.Call):
        yield from _less(node)


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    (op,), (right,) = node.ops, node.comparators
    for turned in TURNED.get(type(op), ()):
        yield ast.Compare(node.left, [turned()], [right])
    if isinstance(op, ast.NotEq):
        yield ast.Constant(True)
    if isinstance(op, ORDERS):
        for way in (ast.Add(), ast.Sub()):
            yield ast.Compare(node.left, [op], [ast.BinOp(right, way, ast.Constant(1))])


def _less(node: ast.Call) -> Iterator[ast.expr]:
    name, args = _called(node), node.args
    if name in TERMS and len(args) > 1:
        for k in range(len(args)):
            yield ast.Call(node.func, [*args[:k], *args[k + 1 :]], [])
    if name == "Implies":
        yield args[1]
    if name in NOTHING_SAID:
        yield ast.Call(ast.Name("conjunct", ast.Load()), [args[0], ast.Constant(True)], [])
    if name == "same" and len(node.keywords) == 2:
        one, two = node.keywords
        for left, right in ((one, two), (two, one)):
            formula = ast.Compare(left.value, [ast.LtE()], [right.value])
            yield ast.Call(ast.Name("conjunct", ast.Load()), [args[0], formula], [])


def _run(module: types.ModuleType, tree: ast.Module, node: ast.AST, other: ast.expr) -> dict[str, Any]:
    """The module's globals with one node changed."""

    class Replaced(ast.NodeTransformer):
        def visit(self, at: ast.AST) -> Any:
            return copy.deepcopy(other) if at is node else super().visit(at)

    memory = {id(node): node}
    text = ast.fix_missing_locations(Replaced().visit(copy.deepcopy(tree, memory)))
    conjunct = importlib.import_module("chimneysweep.properties.property").conjunct
    names = {"__name__": module.__name__, "__package__": module.__package__, "conjunct": conjunct}
    exec(compile(text, module.__name__, "exec"), names)
    return names


# -- the states -----------------------------------------------------------------------------------


class Edges:
    """Looks for states that tell properties from changed ones."""

    def __init__(self) -> None:
        self.system: System = CHIMNEY.system("general", BOUNDS)
        self.encoded = Encoded(self.system)
        self.blank = flat(self.system.template)
        pairs = list(zip(self.encoded.variables, self.encoded.constants, strict=True))
        self.constants = {constant.get_id(): (variable.name, constant) for variable, constant in pairs}
        self.sorts = [term(inside(variable.sort, constant)) for variable, constant in pairs]

    def holds(self, prop: Property, given: Mapping[str, Any]) -> bool:
        """Whether it holds in a state of which that is *given*, the rest blank."""
        filled = [given.get(name, value) for name, value in self.blank.items()]
        return bool(prop.holds(rebuild(self.system.template, filled)))

    def differs(self, prop: Property, other: Property) -> dict[str, Any] | None:
        """What of a state tells the two apart; None if nothing does."""
        formula = z3.Xor(self.encoded.claim(prop), term(other.holds(self.encoded.state)))
        query = z3.Solver()
        query.set("rlimit", WORK)
        query.add(formula, *self.sorts)
        answer = query.check()
        if answer == z3.unknown:
            raise RuntimeError(f"{prop.name}: {query.reason_unknown()}")
        if answer == z3.unsat:
            return None
        model, read = query.model(), (self.constants[key] for key in self.encoded.reads(formula))
        values = {name: concrete(model.eval(constant, True)) for name, constant in read}
        return {name: value for name, value in values.items() if value != self.blank[name]}

    def told_apart(self, prop: Property, other: Property, known: Sequence[State]) -> bool:
        """Whether a state that is *known* tells the two apart."""
        return any(self.holds(other, state["state"]) != state["holds"] for state in known)


def make(say: Callable[[str], None]) -> dict[str, Any]:
    """The states by property, each with its verdict, and the changes that change nothing."""
    edges, alike, count = Edges(), [], 0
    states: dict[str, list[State]] = {}
    for module in modules():
        for change, pairs in changed(module):
            count += 1
            told = [_told(edges, prop, other, states.setdefault(prop.name, [])) for prop, other in pairs]
            alike += [change.name] * (not any(told))
        say(f"{module.__name__}: {count} changes so far, {len(alike)} that change nothing")
    for prop in CHIMNEY.of_kind(
        *JUDGES
    ):  # of those that are declared in another way, one state that breaks it
        known = states.setdefault(prop.name, [])
        if all(state["holds"] for state in known):
            _told(edges, prop, dataclasses.replace(prop, cases=lambda world: ()), known)
    return {"bounds": dict(BOUNDS), "changes": count, "alike": sorted(alike), "states": states}


def _told(edges: Edges, prop: Property, other: Property, known: list[State]) -> bool:
    """Whether the two differ; a state that tells them apart is *known* afterwards."""
    if edges.told_apart(prop, other, known):
        return True
    given = edges.differs(prop, other)
    if given is not None:
        known.append({"holds": edges.holds(prop, given), "state": given})
        assert edges.told_apart(prop, other, known[-1:]), prop.name
    return given is not None


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(print), indent=1, sort_keys=True) + "\n", encoding="utf-8")
