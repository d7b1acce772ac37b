"""Subjects, designs and clauses by what a user types: a name, or an object in a file of theirs.

    chimney                   what comes along
    my_protocol.py            the one Subject in a file
    my_protocol.py:PROXY      the object of that name

A :class:`SubjectRef` is plain data, so a worker process makes the same subject again. What is
wrong with a user's file is said as theirs, with the line.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import functools
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from ..model.bounds import Bounds
from ..model.design import Design
from ..model.event import Event
from .mistakes import as_text, listed, mistake
from .property import Property
from .subject import Subject

_WORLDS = "chimneysweep.audit.chimney.worlds"
BUILT_IN = {
    "chimney": ("chimneysweep.properties.chimney.chimney", "CHIMNEY"),
    "upload": (f"{_WORLDS}.upload", "SUBJECT"),
    "timers": (f"{_WORLDS}.timers", "SUBJECT"),
    "returned": (f"{_WORLDS}.returned", "SUBJECT"),
    "blocks": (f"{_WORLDS}.block_kinds", "SUBJECT"),
    "asked": (f"{_WORLDS}.asked", "SUBJECT"),
    "ends": (f"{_WORLDS}.ends_of_stream", "SUBJECT"),
}
"""Subjects by name: the modules and the objects that they are."""
_USERS = "chimneysweep_user_"
"""What the names of modules begin with that users' files are loaded as."""
T = TypeVar("T")


class BadFile(ValueError):
    """A user's file that cannot be used: what is wrong, where, and what would be right."""


@dataclasses.dataclass(frozen=True)
class SubjectRef:
    """A subject by name, and the files whose clauses are added to it."""

    subject: str = "chimney"
    clauses: tuple[str, ...] = ()

    def load(self) -> Subject:
        """The subject, as its files are now. Raises BadFile."""
        return _loaded(self, as_it_is(*self.files()))

    def files(self, *designs: str) -> list[Path]:
        """The user's files that it names, and those of designs named beside it."""
        return [Path(split(name)[0]) for name in (self.subject, *self.clauses, *designs) if is_file(name)]


def as_it_is(*files: Path) -> str:
    """What tells files with this content, in this place, from any others; "" for none."""
    read = "".join(f"{file.resolve()}\0{_content(file)}\0" for file in files)
    return hashlib.sha256(read.encode()).hexdigest() if files else ""


def _content(file: Path) -> str:
    return file.read_bytes().hex() if file.is_file() else ""


@functools.lru_cache(maxsize=8)
def _loaded(ref: SubjectRef, version: str) -> Subject:
    subject = load_subject(ref.subject)
    for file in ref.clauses:
        subject = subject.with_properties(Path(file).name, load_clauses(file))
    return subject


def load_subject(spec: str) -> Subject:
    """The subject that *spec* names. Raises BadFile."""
    if spec in BUILT_IN:
        found: Subject = resolved(*BUILT_IN[spec])
        return found
    return _the_one(spec, Subject, "Subject", f"built in: {', '.join(BUILT_IN)}")


def resolved(module: str, name: str) -> Any:
    """The object of that name in a module of ours."""
    return getattr(importlib.import_module(module), name)


def inspect(ref: SubjectRef, bounds: Bounds, designs: Sequence[str] = ()) -> None:
    """Everything that users wrote is built once in a world of that size.

    *designs* are those to look at, by name or in files. Raises BadFile that says all that is wrong.
    """
    from .validation import additions_inspected, subject_inspected

    own = ref.files(*designs)
    if not own:
        return
    folders = {path.resolve().parent for path in own}
    subject = ref.load()
    found = [] if ref.subject in BUILT_IN else subject_inspected(subject, bounds, folders)
    if not found:
        more = (load_design(name, subject) for name in designs if is_file(name))
        rules = () if ref.subject not in BUILT_IN else (p for file in ref.clauses for p in load_clauses(file))
        found = additions_inspected(subject, bounds, folders, more, rules)
    if found:
        raise BadFile(as_text(found))


def load_design(spec: str, subject: Subject) -> Design:
    """A design of *subject* by name, or one in a file (``my_design.py:DESIGN``). Raises KeyError, BadFile."""
    if not is_file(spec):
        return subject.design(spec)
    return _the_one(spec, Design, "Design", known=(subject.the_reference, subject.most_general))


def load_clauses(file: str) -> tuple[Property, ...]:
    """Every property in a user's file, in the order in which it has them. Raises BadFile."""
    path = Path(file)
    listed = tuple(p for p in getattr(import_file(path), "PROPERTIES", ()) if isinstance(p, Property))
    found = _own(path, Property).values()
    if not found and not listed:
        raise BadFile(f"{file} has no property: declare one with @clause, @guarantee or @lemma")
    return tuple(dict.fromkeys((*listed, *found)))


def left_out(subject: Subject) -> list[str]:
    """Events and properties that a user's file has beside *subject*, and that no subject in it has."""
    module = sys.modules.get(getattr(subject.start, "__module__", ""))
    if module is None or not module.__name__.startswith(_USERS):
        return []
    subjects = (subject, *(s for s in vars(module).values() if isinstance(s, Subject)))
    used = {name for s in subjects for name in (*(e.name for e in s.events), *(p.name for p in s.properties))}
    imported = _imported(Path(str(module.__file__)))
    own = {n: v for n, v in vars(module).items() if isinstance(v, Event | Property) and n not in imported}
    return list(dict.fromkeys(v.name for v in own.values() if v.name not in used))


def is_file(spec: str) -> bool:
    """Whether a user means a file rather than a name."""
    place = split(spec)[0]
    return place.endswith(".py") or "/" in place or "\\" in place


def split(spec: str) -> tuple[str, str]:
    """``file.py:NAME`` as its two parts; ``C:\\x.py`` has a colon that separates nothing."""
    place, colon, name = spec.rpartition(":")
    drive = len(place) == 1 and name[:1] in ("\\", "/")
    return (spec, "") if not colon or drive else (place, name)


def _the_one(spec: str, kind: type[T], called: str, besides: str = "", known: Collection[T] = ()) -> T:
    """The object of a kind that a file is to give; one that is *known* counts only where it is named."""
    place, name = split(spec)
    if not is_file(spec):
        raise BadFile(f"there is no {called.lower()} {spec!r} ({besides or 'and it is no .py file'})")
    own = _own(Path(place), kind)
    if name:
        return _named(spec, kind, called, own)
    distinct = {id(v): n for n, v in own.items() if not any(v is k for k in known)}
    if len(distinct) == 1:
        return own[distinct.popitem()[1]]
    if distinct:
        raise BadFile(f"{place} has {', '.join(f'{place}:{n}' for n in distinct.values())}; name one of them")
    raise BadFile(f"{place} has no {called}: it must define a {called}{_instead(Path(place))}")


def _named(spec: str, kind: type[T], called: str, own: Mapping[str, T]) -> T:
    place, name = split(spec)
    found = vars(import_file(Path(place))).get(name)
    if isinstance(found, kind):
        return found
    if found is not None:
        raise BadFile(f"{spec} is no {called}, but a {type(found).__name__}")
    raise BadFile(f"{place} has no {called} {name}; {listed(name, own)}")


def _instead(path: Path) -> str:
    """How a file is given that has something else than what was asked for."""
    ways = {Subject: "chimneysweep check {}", Design: "--design {}", Property: "--clauses {}"}
    found = [(kind, name) for kind in ways for name in _own(path, kind)]
    return "".join(f" (it has the {k.__name__} {n}: `{ways[k].format(path)}`)" for k, n in found[:1])


def _own(path: Path, kind: type[T]) -> dict[str, T]:
    """What a user's file defines of a kind, by name; what it imports from elsewhere is not its own."""
    every = {n: v for n, v in vars(import_file(path)).items() if isinstance(v, kind)}
    imported = _imported(path)
    return {n: v for n, v in every.items() if n not in imported}


def _imported(path: Path) -> set[str]:
    """The names that a file has from elsewhere."""
    imports = (n for n in ast.walk(ast.parse(path.read_bytes())) if isinstance(n, ast.ImportFrom))
    return {alias.asname or alias.name for node in imports for alias in node.names}


def import_file(path: Path) -> ModuleType:
    """A user's file as a module; it may import its neighbors. Raises BadFile."""
    if not path.is_file():
        near = difflib.get_close_matches(str(path), [str(p) for p in sorted(path.parent.glob("*.py"))], 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        what = "is a folder; name a Python file in it" if path.is_dir() else "is not there"
        raise BadFile(f"{path} {what}{hint}")
    real = path.resolve()
    name = f"{_USERS}{as_it_is(path)[:8]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, real)
    if spec is None or spec.loader is None:
        raise BadFile(f"{path} is no Python file (its name must end in .py)")
    module = importlib.util.module_from_spec(spec)
    with users_code(path), _beside(real):
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return module


@contextmanager
def users_code(path: Path, what: str = "") -> Iterator[None]:
    """Whatever code of the file at *path* raises becomes a BadFile that says *what*, and the line."""
    try:
        yield
    except (BadFile, KeyboardInterrupt):
        raise
    except BaseException as error:
        says = as_text([mistake("", error, {path.resolve().parent})])
        raise BadFile(f"{what}: {says}" if what else says) from error


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let the file import its neighbors; the rest of the path comes first."""
    folder = str(path.parent)
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
