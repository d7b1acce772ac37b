"""The world as C has it: one struct for each type of record, in the order of its fields.

Bool fields are ``_Bool``, all others ``int64_t``; the path of a variable in the record
(``conns[0].peer.acked``) is its path in the struct, too.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from ....model.records import INT, Sort

WORD = 64
"""Properties whose bits share an integer."""


def structs(record: Any) -> str:
    """The C declarations that *record*, a template of the world, needs; records below it come first."""
    done: dict[type, str] = {}
    _declare(record, done)
    return "\n".join(done.values())


def run_struct(record: Any, properties: int) -> str:
    """The struct of one run: the world, what was judged of it, and after how many events a property broke."""
    words = -(-properties // WORD)
    return (
        f"typedef struct {{ {type(record).__name__} world; uint64_t reached[{words}]; "
        f"int64_t events; int64_t broken[{properties}]; _Bool judged; _Bool fails; _Bool beyond; }} Run;"
    )


def _declare(record: Any, done: dict[type, str]) -> None:
    fields = []
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        sort: Sort = field.metadata.get("sort", INT)
        length = f"[{len(value)}]" if isinstance(value, tuple) else ""
        item = value[0] if isinstance(value, tuple) else value
        fields.append(f"{_type(item, sort, done)} {field.name}{length};")
    name = type(record).__name__
    done[type(record)] = f"typedef struct {{ {' '.join(fields)} }} {name};"


def _type(item: Any, sort: Sort, done: dict[type, str]) -> str:
    if not dataclasses.is_dataclass(item):
        return "_Bool" if sort.kind == "bool" else "int64_t"
    if type(item) not in done:
        _declare(item, done)
    return type(item).__name__


def store(place: Any, record: Any) -> None:
    """Write *record* to the struct at *place*."""
    for name in _fields(record.__class__):
        value = getattr(record, name)
        if isinstance(value, tuple):
            array = getattr(place, name)
            for k, item in enumerate(value):
                if _fields(item.__class__):
                    store(array[k], item)
                else:
                    array[k] = item
        elif _fields(value.__class__):
            store(getattr(place, name), value)
        else:
            setattr(place, name, value)


def load(place: Any, shaped: Any) -> Any:
    """The struct at *place* as a record; tuples are as long as in *shaped*."""
    found = {}
    for name in _fields(shaped.__class__):
        value, held = getattr(shaped, name), getattr(place, name)
        if isinstance(value, tuple):
            items = zip(value, held, strict=False)
            found[name] = tuple(load(h, v) if _fields(v.__class__) else h for v, h in items)
        else:
            found[name] = load(held, value) if _fields(value.__class__) else held
    return type(shaped)(**found)


@functools.cache
def _fields(kind: type) -> tuple[str, ...]:
    """The names of a record's fields; none of what is no record."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()
