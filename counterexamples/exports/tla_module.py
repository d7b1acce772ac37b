"""A TLA+ module that has the trace as its one behaviour: for TLC, for Apalache, for a look at it in TLA+."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..harmless import printable
from ..story import headline, source
from ..trace import Scalar, Step, Trace
from .state_tree import Path, identifiers, nested, paths, states

MODULE = "Finding"
OURS = ("step", "action", "states", "actions", "vars", "Init", "Next", "Spec", "NotBroken", "Finding", "n")
"""Names of the module's own."""


def export(trace: Trace) -> str:
    """The module. Its file has to be ``Finding.tla``: a module is found by its name."""
    return "".join(f"{line}\n" for line in _module(trace))


def _module(trace: Trace) -> Iterator[str]:
    values = states(trace)
    places = paths(values[0])
    roots = [str(root) for root in dict.fromkeys(place[0] for place in places.values())]
    names = identifiers(roots, OURS)
    yield f"---- MODULE {MODULE} ----"
    yield from _head(trace)
    yield "EXTENDS Integers, Sequences"
    yield f"VARIABLES {', '.join((*names.values(), 'step', 'action'))}"
    yield f"vars == <<{', '.join((*names.values(), 'step', 'action'))}>>"
    yield ""
    yield from _states(trace, values, places, names)
    yield from _behaviour(len(values), names)
    yield "===="


def _head(trace: Trace) -> Iterator[str]:
    yield f"\\* {_comment(headline(trace))}"
    if trace.violation:
        yield f"\\* wanted: {_comment(trace.violation.says)}"
        yield f"\\* said in: {_comment(source(trace.violation))}"
    yield "\\* Sequences begin with 1 here: conns[1] is connection 0."


def _states(
    trace: Trace, values: list[dict[str, Scalar]], places: Mapping[str, Path], names: Mapping[str, str]
) -> Iterator[str]:
    first = {names[root]: value for root, value in nested(values[0], places).items()}
    yield f"State1 == {_value(first)}"
    for number, step in enumerate(trace.steps, 2):
        changes = [
            f"!{_place(places[name], names)} = {_value(new)}" for name, (_, new) in step.changes.items()
        ]
        before = f"State{number - 1}"
        yield f"\\* {number - 1}. {_comment(step.says or step.action)}"
        yield f"State{number} == " + (f"[{before} EXCEPT {', '.join(changes)}]" if changes else before)
    yield f"states == <<{', '.join(f'State{number}' for number in range(1, len(values) + 1))}>>"
    actions = ['[name |-> "init"]', *map(_action, trace.steps)]
    yield f"actions == <<{', '.join(actions)}>>"
    yield ""


def _action(step: Step) -> str:
    parameters = identifiers(step.parameters, ("name",))
    picked = {parameters[name]: value for name, value in step.parameters.items()}
    return _value({"name": step.action, **picked})


def _behaviour(count: int, names: Mapping[str, str]) -> Iterator[str]:
    yield "Init == /\\ step = 1 /\\ action = actions[1]"
    yield from (f"        /\\ {name} = states[1].{name}" for name in names.values())
    yield f"Next == /\\ step < {count} /\\ step' = step + 1 /\\ action' = actions[step + 1]"
    yield from (f"        /\\ {name}' = states[step + 1].{name}" for name in names.values())
    yield "Spec == Init /\\ [][Next]_vars"
    yield "\\* It is false in the last state: as an invariant it has the trace as its counterexample."
    yield f"NotBroken == step # {count}"


def _place(place: Path, names: Mapping[str, str]) -> str:
    """``("conns", 0, "isn")`` as an EXCEPT has it: ``.conns[1].isn``."""
    root, *rest = place
    parts = [f".{names[str(root)]}"]
    parts += [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in rest]
    return "".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return f"[{', '.join(f'{name} |-> {_value(item)}' for name, item in value.items())}]"
    if isinstance(value, list):
        return f"<<{', '.join(map(_value, value))}>>"
    return f'"{_ascii(str(value))}"'


def _ascii(text: str) -> str:
    """The inside of a string: what TLA+ does not take in one is left out, or written in other characters."""
    return printable(text).encode("ascii", "backslashreplace").decode().replace("\\", "/").replace('"', "'")


def _comment(text: str) -> str:
    """One line of comment: no brackets of comments in it, and no line that ends a module."""
    return re.sub(r"\(\*|\*\)|={4,}|-{4,}", "_", _ascii(text))
