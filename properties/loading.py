"""Subjects, designs and clauses by what a user types: a name, or an object in a file of theirs.

    chimney                   what comes along
    my_protocol.py            the one Subject in a file
    my_protocol.py:PROXY      the object of that name

A :class:`SubjectRef` is plain data, so a worker process makes the same subject again. What is
wrong with a user's file is said as theirs, with the line.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from ..model.design import Design
from .property import Property
from .subject import Subject

BUILT_IN = {"chimney": ("chimneysweep.properties.chimney.subject", "CHIMNEY")}
T = TypeVar("T")


class BadFile(ValueError):
    """A user's file that cannot be used: what is wrong, where, and what would be right."""


@dataclasses.dataclass(frozen=True)
class SubjectRef:
    """A subject by name, and the files whose clauses are added to it."""

    subject: str = "chimney"
    clauses: tuple[str, ...] = ()

    def load(self) -> Subject:
        """The subject. Raises BadFile."""
        return _loaded(self)


@functools.lru_cache(maxsize=8)
def _loaded(ref: SubjectRef) -> Subject:
    subject = load_subject(ref.subject)
    for file in ref.clauses:
        subject = subject.with_properties(Path(file).stem, load_clauses(file))
    return subject


def load_subject(spec: str) -> Subject:
    """The subject that *spec* names. Raises BadFile."""
    if spec in BUILT_IN:
        module, name = BUILT_IN[spec]
        found: Subject = getattr(importlib.import_module(module), name)
        return found
    return _the_one(spec, Subject, "Subject", f"built in: {', '.join(BUILT_IN)}")


def load_design(spec: str, subject: Subject) -> Design:
    """A design of *subject* by name, or one in a file (``my_design.py:DESIGN``). Raises KeyError, BadFile."""
    return _the_one(spec, Design, "Design") if is_file(spec) else subject.design(spec)


def load_clauses(file: str) -> tuple[Property, ...]:
    """Every property in a user's file, in the order in which it has them. Raises BadFile."""
    module = import_file(Path(file))
    found = tuple(v for v in vars(module).values() if isinstance(v, Property))
    listed = tuple(p for p in getattr(module, "PROPERTIES", ()) if isinstance(p, Property))
    if not found and not listed:
        raise BadFile(f"{file} has no property: declare one with @clause, @guarantee or @lemma")
    return tuple(dict.fromkeys((*listed, *found)))


def is_file(spec: str) -> bool:
    """Whether a user means a file rather than a name."""
    place = split(spec)[0]
    return place.endswith(".py") or "/" in place or "\\" in place


def split(spec: str) -> tuple[str, str]:
    """``file.py:NAME`` as its two parts; ``C:\\x.py`` has a colon that separates nothing."""
    place, colon, name = spec.rpartition(":")
    drive = len(place) == 1 and name[:1] in ("\\", "/")
    return (spec, "") if not colon or drive else (place, name)


def _the_one(spec: str, kind: type[T], called: str, besides: str = "") -> T:
    place, name = split(spec)
    if not is_file(spec):
        raise BadFile(f"there is no {called.lower()} {spec!r} ({besides or 'and it is no .py file'})")
    own = {n: v for n, v in vars(import_file(Path(place))).items() if isinstance(v, kind)}
    if name in own:
        return own[name]
    have = ", ".join(f"{place}:{n}" for n in own) or f"no {called}"
    if name:
        near = difflib.get_close_matches(name, own, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; it has {have}"
        raise BadFile(f"{place} has no {called} {name}{hint}")
    distinct = list({id(v): v for v in own.values()}.values())
    if len(distinct) != 1:
        raise BadFile(
            f"{place} has {have}" + ("; name one of them" if own else f": it must define a {called}")
        )
    return distinct[0]


def import_file(path: Path) -> ModuleType:
    """A user's file as a module; it may import its neighbors. Raises BadFile."""
    if not path.is_file():
        near = difflib.get_close_matches(str(path), [str(p) for p in sorted(path.parent.glob("*.py"))], 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        what = "is a folder; name a Python file in it" if path.is_dir() else "is not there"
        raise BadFile(f"{path} {what}{hint}")
    real = path.resolve()
    name = f"chimneysweep_user_{hashlib.sha256(str(real).encode()).hexdigest()[:8]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, real)
    if spec is None or spec.loader is None:
        raise BadFile(f"{path} is no Python file (its name must end in .py)")
    module = importlib.util.module_from_spec(spec)
    with users_code(path, f"{path} cannot be imported"), _beside(real):
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return module


@contextmanager
def users_code(path: Path, what: str) -> Iterator[None]:
    """Whatever code of the file at *path* raises becomes a BadFile that says *what*, and the line."""
    try:
        yield
    except (BadFile, KeyboardInterrupt):
        raise
    except SyntaxError as error:
        raise BadFile(f"{error.filename or path}, line {error.lineno}: {error.msg}") from error
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        mine = [f for f in frames if Path(f.filename).name == path.name]
        place = f" ({path}, line {mine[-1].lineno}: {mine[-1].line})" if mine else ""
        raise BadFile(f"{what}: {type(error).__name__}: {error}{place}") from error


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let the file import its neighbors; the rest of the path comes first."""
    folder = str(path.parent)
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def known_files(ref: Any) -> Iterator[Path]:
    """The user's files that a reference names."""
    names = (ref.subject, *ref.clauses)
    yield from (Path(split(name)[0]) for name in names if is_file(name))
