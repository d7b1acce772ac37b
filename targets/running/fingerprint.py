"""Whether two runs stand in the same state: what can make a difference to what comes next, as a few bytes.

That is the world, what the checker holds for host, wire and hardware, and the target's own memory: its
objects, followed from one to the next, its modules and classes. Objects are told apart by the order in which
they are found, and not by their addresses. Nothing of the target's runs, and nothing is copied.

What cannot be looked into (another process, a lock, a generator) is :class:`Opaque`. Such a target is told by
all that was said to it instead, so that two runs of it are the same only if it cannot tell them apart itself.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import hashlib
import itertools
import marshal
import random
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..chimney.interface import Target

PLAIN = (type(None), bool, int, float, complex, str, bytes)
NAMED = (
    types.ModuleType,
    property,
    classmethod,
    staticmethod,
    types.GenericAlias,
    types.WrapperDescriptorType,
)
"""Types of which the name will do: they hold no state of a run's."""
HELD = (
    *(list, tuple, collections.deque, bytearray, set, frozenset),
    *(collections.OrderedDict, collections.defaultdict, dict),
)
"""Types that hold others, and may have a class of the target's derived from them."""
PACKAGE = Path(__file__).resolve().parents[2]
DIGEST = 16
"""Bytes of a key: two states of a billion have the same by chance once in 10^20 searches."""

Way = Callable[["Walk", Any], None]
"""Writes an object down, which is met for the first time."""


class Opaque(Exception):
    """Here is something that cannot be looked into."""


class Walk:
    """Follows objects from one to the next, and writes down what it finds."""

    def __init__(self, cuts: Mapping[type, Way] | None = None, own: OwnCode | None = None) -> None:
        """*cuts* say what is written of an object of these types instead; *own*: the target's code."""
        self.found: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.own = own or OwnCode()
        self._ways = dict(cuts or {})
        self._alive: list[Any] = []  # keeps ids apart
        self._todo: list[Any] = []

    def digest(self) -> bytes:
        """All that was written, as a few bytes."""
        return hashlib.blake2b(marshal.dumps(self.found, 2), digest_size=DIGEST).digest()

    def follow(self, *roots: Any) -> None:
        """Write down these objects and all that they lead to. Raises Opaque."""
        found, numbers, ways, todo = self.found, self.numbers, self._ways, self._todo
        todo.extend(reversed(roots))
        while todo:
            thing = todo.pop()
            kind: Any = type(thing)
            if kind in PLAIN:
                found.append(thing)
            elif id(thing) in numbers:
                found.append(("again", numbers[id(thing)]))
            else:
                way = ways.get(kind) or ways.setdefault(kind, _way(kind))
                if way not in BY_VALUE:
                    numbers[id(thing)] = len(numbers)
                    self._alive.append(thing)
                found.append(kind.__qualname__)
                way(self, thing)

    def then(self, *things: Any) -> None:
        """These are next."""
        self._todo.extend(reversed(things))


@functools.cache
def _way(kind: type) -> Way:
    """How an object of that type is written down."""
    for above, way in DERIVED:
        if issubclass(kind, above):
            return way
    for kinds, way in BUILT_IN:
        if kind in kinds:
            return way
    if kind.__module__ == "typing":
        return _name
    base = next(b for b in kind.__mro__ if b in (*HELD, *PLAIN, object))
    made = kind.__mro__[: kind.__mro__.index(base)]
    if not all(_by_statement(b) for b in made):
        return _opaque
    slots = [name for b in made for name in _slots(b)]
    return functools.partial(_object, base, slots)


def _object(base: Any, slots: Sequence[str], walk: Walk, thing: Any) -> None:
    """What an object holds as one of a built-in type, and in its attributes."""
    attributes = getattr(thing, "__dict__", None)
    if base is not object:
        _contents(base, walk, thing)
    if slots:
        walk.then(*(getattr(thing, name) for name in slots if hasattr(thing, name)))
    if attributes:
        walk.found.append(tuple(attributes))
        walk.then(*attributes.values())
    if type(thing).__module__ in walk.own.modules:
        walk.then(type(thing))


def _contents(base: Any, walk: Walk, thing: Any) -> None:
    if base in PLAIN or base is bytearray:
        walk.found.append(bytes(thing) if base is bytearray else base(thing))
        return
    walk.found.append(len(thing))
    if issubclass(base, dict):
        walk.then(*itertools.chain.from_iterable(base.items(thing)))
    elif base not in (set, frozenset):
        walk.then(*base.__iter__(thing))
    elif all(type(item) in PLAIN or isinstance(item, enum.Enum) for item in thing):
        walk.then(*sorted(thing, key=lambda item: (type(item).__qualname__, repr(item))))
    else:
        raise Opaque("a set of objects, whose order is chance")


def _opaque(walk: Walk, thing: Any) -> None:
    raise Opaque(f"an object of type {type(thing).__module__}.{type(thing).__qualname__}")


def _member(walk: Walk, thing: Any) -> None:
    walk.found.append(thing.name)


def _written(walk: Walk, thing: Any) -> None:
    walk.found.append(repr(thing))


def _name(walk: Walk, thing: Any) -> None:
    walk.found.append(str(getattr(thing, "__name__", "")))


def _class(walk: Walk, thing: Any) -> None:
    """A class, and what is kept in it if it is one of the target's own."""
    walk.found.append((thing.__module__, thing.__qualname__))
    if thing.__module__ in walk.own.modules:
        walk.then(*thing.__bases__, *walk.own.held(thing))


def _function(walk: Walk, thing: Any) -> None:
    walk.found.append((thing.__module__, thing.__qualname__))
    if thing.__module__ in walk.own.modules:
        walk.then(thing.__defaults__, thing.__kwdefaults__, *vars(thing).values())
    walk.then(*(cell.cell_contents for cell in thing.__closure__ or () if _filled(cell)))


def _method(walk: Walk, thing: Any) -> None:
    walk.then(thing.__func__, thing.__self__)


def _builtin(walk: Walk, thing: Any) -> None:
    walk.found.append(thing.__qualname__)
    walk.then(thing.__self__)


def _partial(walk: Walk, thing: Any) -> None:
    walk.then(thing.func, thing.args, thing.keywords)


def _draws(walk: Walk, thing: Any) -> None:
    walk.then(thing.getstate(), getattr(thing, "__dict__", None))


def _many(base: type) -> Way:
    return functools.partial(_contents, base)


DERIVED: tuple[tuple[type, Way], ...] = (
    *((enum.Enum, _member), (types.GenericAlias, _written)),
    *((type, _class), (random.Random, _draws)),
)
"""How objects of types derived from these are written down."""
BUILT_IN: tuple[tuple[tuple[type, ...], Way], ...] = (
    ((range, slice, re.Pattern, itertools.count, type(Ellipsis), type(NotImplemented)), _written),
    (
        (
            *(types.ModuleType, property, classmethod, staticmethod),
            *(types.WrapperDescriptorType, types.MemberDescriptorType, types.GetSetDescriptorType),
        ),
        _name,
    ),
    ((types.FunctionType,), _function),
    ((types.MethodType,), _method),
    ((types.BuiltinFunctionType,), _builtin),
    ((functools.partial,), _partial),
    *(((base,), _many(base)) for base in HELD),
)
"""How objects of types of Python's own are written down."""
BY_VALUE = frozenset(way for kinds, way in BUILT_IN if kinds == (tuple,)) | {_member, _written, _name}
"""Of these it makes no difference whether they are one object or two."""
HEAP = 1 << 9
"""The flag of a type that was made by a class statement."""


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  an empty one raises
    except ValueError:
        return False
    return True


def _by_statement(kind: type) -> bool:
    """Whether a class statement made a type, so that its objects hold nothing that Python does not show."""
    return bool(kind.__flags__ & HEAP) and (_file(kind.__module__) or Path()).suffix == ".py"


def _slots(kind: type) -> Iterable[str]:
    slots = vars(kind).get("__slots__", ())
    for name in (slots,) if isinstance(slots, str) else tuple(slots):
        if name not in ("__dict__", "__weakref__"):
            hidden = name.startswith("__") and not name.endswith("__")
            yield f"_{kind.__name__.lstrip('_')}{name}" if hidden else name


@dataclasses.dataclass(frozen=True)
class _Kept:
    """What a module or class holds: the *ids* of it all, its *code* in brief, and the names of the rest."""

    ids: tuple[int, ...]
    code: bytes
    rest: tuple[str, ...]


class OwnCode:
    """The modules that are a target's own, with their classes, and what they hold besides code."""

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self.modules = frozenset(modules)
        self._kept: dict[Any, _Kept] = {}  # by module or class, as it was when it was last looked at

    @staticmethod
    @functools.cache
    def of(kind: type) -> OwnCode:
        """The modules of a target's class and of its bases, and those that lie beside its file."""
        names = {base.__module__ for base in kind.__mro__ if base not in (Target, *Target.__mro__)}
        folders = {file.parent for name in names if (file := _file(name)) and PACKAGE not in file.parents}
        siblings = {
            n for n in tuple(sys.modules) if (file := _file(n)) and not folders.isdisjoint(file.parents)
        }
        return OwnCode(names & sys.modules.keys() | siblings)

    def kept(self) -> Iterator[Any]:
        """What all the modules hold."""
        for name in sorted(self.modules):
            yield name
            yield from self.held(sys.modules[name])

    def held(self, holder: Any) -> Iterator[Any]:
        """What a module or class holds: names and values, its code in brief."""
        now = vars(holder)
        ids = tuple(map(id, now.values()))
        kept = self._kept.get(holder)
        if kept is None or kept.ids != ids:
            names = [name for name in now if not name.startswith(("__", "_abc_"))]
            code = {name for name in names if _is_code(now[name])}
            brief = repr([(name, getattr(now[name], "__qualname__", "")) for name in sorted(code)])
            digest = hashlib.blake2b(brief.encode(), digest_size=DIGEST).digest()
            kept = self._kept[holder] = _Kept(ids, digest, tuple(name for name in names if name not in code))
        yield kept.code
        for name in kept.rest:
            yield from (name, now[name])


def _is_code(value: Any) -> bool:
    """Whether it holds nothing that can change."""
    if isinstance(value, types.FunctionType):
        defaults = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
        return not value.__closure__ and not vars(value) and all(type(d) in PLAIN for d in defaults)
    kind: Any = type(value)
    return kind not in PLAIN and _way(kind) in BY_VALUE


@functools.cache
def _file(module: str) -> Path | None:
    file = getattr(sys.modules.get(module), "__file__", None)
    return Path(file).resolve() if isinstance(file, str) else None
