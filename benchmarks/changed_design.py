"""The reference design with one place of its source changed: every guard, and everything that it does.

A conjunct of a guard is dropped or turned round, a comparison moved by one, a choice made always the same
way; a value that is remembered, handed over or answered becomes another one, and a deed is left out.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import hashlib
import importlib
import inspect
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from survivors import reasons

from chimneysweep.model.chimney.designs import charge, ending
from chimneysweep.model.design import DesignStep, Reaction
from chimneysweep.properties.subject import Part, Subject

MODULES = (charge, ending)
ORDERS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.LtE, ast.GtE),
    ast.NotEq: (),
    ast.Gt: (ast.GtE,),
    ast.GtE: (ast.Gt,),
    ast.Lt: (ast.LtE,),
    ast.LtE: (ast.Lt,),
}
ALIKE = (
    ("una", "nxt", "max"),
    ("rcv_nxt", "consumed"),
    ("sack_from", "sack_to"),
    ("begin", "end"),
    ("isn", "irn"),
    ("SUCCESS", "REQUEST_ABORTED", "UPLOAD_IN_PROGRESS"),
    ("BLOCK_SUCCESS", "BLOCK_FAILURE"),
    ("ABORT", "DISCONNECT", "RETRIEVE", "BACKLOG_CHANGE"),
    ("GRACEFUL", "ABORTIVE"),
    ("OFFLOADED", "TERMINATING"),
    ("RTO", "NOT_RUNNING"),
)
"""Names of values of one kind: each may stand where another does."""
CHOICES = ("If", "Min", "Max")
TERMS = ("And", "Or")
WRITES = ("own", "remember", "update")


@dataclasses.dataclass(frozen=True)
class Change:
    """One place changed: the module, the function, its line, and how the place reads before and after."""

    module: str
    function: str
    line: int
    before: str
    after: str
    number: int
    """Which of those in the function that read alike, from 0."""
    make: Callable[[], dict[str, Any]] = dataclasses.field(compare=False)
    """The names of both modules, with the change made."""

    @property
    def name(self) -> str:
        """What it is called where it has a reason."""
        more = f" ({self.number + 1})" if self.number else ""
        return f"{self.function}{more}: {self.before} -> {self.after}"

    def __str__(self) -> str:
        return self.name

    @property
    def group(self) -> str:
        """The function."""
        return self.function

    @property
    def says(self) -> str:
        """What is changed."""
        return f"{self.module}.py, line {self.line}: `{self.before}` becomes `{self.after}`"

    @property
    def reason(self) -> dict[str, str]:
        """Why it is not found, ``kind`` and ``says``; empty if nobody has looked at it."""
        return reasons("design_survivors.toml", "change").get((self.name,), {})

    @property
    def key(self) -> str:
        """Tells it from all others, and draws it."""
        return hashlib.sha256(f"{self.module}.{self.name}".encode()).hexdigest()


def changes() -> Iterator[Change]:
    """Every change of the reference design."""
    for module in MODULES:
        tree = ast.parse(inspect.getsource(module))
        for function in tree.body:
            if isinstance(function, ast.FunctionDef):
                seen: Counter[tuple[str, str]] = Counter()
                for node, other in _places(function):
                    read = _read(node), _read(other)
                    make = _making(module, tree, node, other)
                    short = module.__name__.rpartition(".")[2]
                    yield Change(short, function.name, node.lineno, *read, seen[read], make)
                    seen[read] += 1


def changed(subject: Subject, change: Change) -> Subject:
    """A subject whose reference design has the change."""
    made = change.make()

    def of(old: Any) -> Any:
        if isinstance(old, DesignStep):
            return made.get(old.name, old)
        if isinstance(old, Reaction):
            name = old.reacts.__name__
            return made.get(name, old)
        return made.get(old.__name__, old)

    def part(old: Part) -> Part:
        steps, reactions, choices = (tuple(map(of, some)) for some in (old.steps, old.reactions, old.choices))
        return dataclasses.replace(old, steps=steps, reactions=reactions, choices=choices)

    return dataclasses.replace(subject, parts=tuple(map(part, subject.parts)))


def _read(node: ast.AST | None) -> str:
    return "nothing" if node is None else ast.unparse(node)


def _making(
    module: types.ModuleType, tree: ast.Module, node: ast.AST, other: ast.AST | None
) -> Callable[[], dict[str, Any]]:
    class Replaced(ast.NodeTransformer):
        def visit(self, at: ast.AST) -> Any:
            return copy.deepcopy(other) if at is node else super().visit(at)

    def make() -> dict[str, Any]:
        text = ast.fix_missing_locations(Replaced().visit(copy.deepcopy(tree, {id(node): node})))
        names: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
        exec(compile(text, module.__name__, "exec"), names)
        if module is charge:  # what the other module has of this one is the changed one, too
            later = dict(vars(importlib.import_module(ending.__name__)))
            exec(compile(inspect.getsource(ending), ending.__name__, "exec"), later)
            later |= {name: names[name] for name in ("own", "received", "window")}
            return {**later, **_declared(names, charge)}
        return {**vars(charge), **names}

    return make


def _declared(names: Mapping[str, Any], module: types.ModuleType) -> dict[str, Any]:
    own = {node.name for node in ast.parse(inspect.getsource(module)).body if hasattr(node, "name")}
    return {name: value for name, value in names.items() if name in own}


# -- the places --------------------------------------------------------------------------------------


def _places(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Each node of a function that may be changed, with what it may become; None: it goes."""
    for part in function.body:
        for node in ast.walk(part):
            if isinstance(node, ast.expr) and not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                continue
            yield from ((node, other) for other in _others(node))


def _others(node: ast.AST) -> Iterator[ast.AST | None]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _compared(node)
    elif isinstance(node, ast.Call):
        yield from _called(node)
    elif isinstance(node, ast.BinOp):
        yield from (node.left, node.right)
        turned = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield ast.BinOp(node.left, turned, node.right)
    elif isinstance(node, ast.Attribute):
        yield from (ast.Attribute(node.value, name, ast.Load()) for name in _alike(node.attr))
    elif isinstance(node, ast.Name):
        yield from (ast.Name(name, ast.Load()) for name in _alike(node.id))
    elif isinstance(node, ast.List | ast.Tuple) and len(node.elts) > (
        1 if isinstance(node, ast.Tuple) else 0
    ):
        for k in range(len(node.elts)):
            yield type(node)([*node.elts[:k], *node.elts[k + 1 :]], ast.Load())
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.expr):
        yield from (ast.Return(value) for value in _moved(node.value))
        if not isinstance(node.value, ast.Tuple | ast.List):
            yield ast.Return(_not(node.value))


def _alike(name: str) -> Iterator[str]:
    for names in ALIKE:
        if name in names:
            yield from (other for other in names if other != name)


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    (op,), (right,) = node.ops, node.comparators
    for turned in ORDERS.get(type(op), ()):
        yield ast.Compare(node.left, [turned()], [right])
    if isinstance(op, ast.Gt | ast.GtE | ast.Lt | ast.LtE):
        for way in (ast.Add(), ast.Sub()):
            yield ast.Compare(node.left, [op], [ast.BinOp(right, way, ast.Constant(1))])


def _called(node: ast.Call) -> Iterator[ast.expr]:
    name, args = (node.func.id if isinstance(node.func, ast.Name) else ""), node.args
    if name in TERMS:
        for k, arg in enumerate(args):
            if len(args) > 1:
                yield ast.Call(node.func, [*args[:k], *args[k + 1 :]], [])
            yield ast.Call(node.func, [*args[:k], _not(arg), *args[k + 1 :]], [])
    if name in CHOICES:
        yield from args[1:] if name == "If" else args
    if name == "Not":
        yield args[0]
    for k, given in enumerate(node.keywords):
        if given.arg is None:
            continue
        if name in WRITES or not name:
            yield ast.Call(node.func, args, [*node.keywords[:k], *node.keywords[k + 1 :]])
        for value in _moved(given.value):
            other = [*node.keywords[:k], ast.keyword(given.arg, value), *node.keywords[k + 1 :]]
            yield ast.Call(node.func, args, other)


def _moved(value: ast.expr) -> Iterator[ast.expr]:
    """Another value in the place of one: one more, one less, none."""
    if isinstance(value, ast.Constant) and isinstance(value.value, bool):
        yield ast.Constant(not value.value)
    elif not isinstance(value, ast.Tuple | ast.List) and not _constant(value):
        yield ast.BinOp(value, ast.Add(), ast.Constant(1))
        yield ast.BinOp(value, ast.Sub(), ast.Constant(1))
        yield ast.Constant(0)


def _not(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "Not":
        return value.args[0]
    return ast.Call(ast.Name("Not", ast.Load()), [value], [])


def _constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id.isupper()
