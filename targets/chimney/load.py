"""Finding the target that a user names: a file, a module, or one that is built in.

``examples/my_target.py:MyTarget``, ``package.module:MyTarget``, ``reference``,
``seeded/tail-forgotten``. What is wrong with it is said in words for its author.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ..machine.refusal import BadTarget
from ..machine.watchdog import Hung, limit
from .built_in import BUILT_IN, canonical
from .interface import ENTRY_POINTS, OPTIONAL, Factory, Ndis, Target

SECONDS_TO_IMPORT = 20.0


def load(spec: str) -> Factory:
    """The target class that *spec* names. Raises BadTarget."""
    built_in = BUILT_IN.get(canonical(spec))
    if built_in and built_in.target:
        return built_in.target
    place, _, name = _split(spec)
    module = _from_file(Path(place)) if _is_file(place) else _from_module(place, spec)
    found = _class(module, name, place)
    _check(found, place)
    return found


def _split(spec: str) -> tuple[str, str, str]:
    """``C:\\x.py:Name`` has two colons, and the first is no separator."""
    place, colon, name = spec.rpartition(":")
    drive = len(place) == 1 and name[:1] in ("\\", "/")
    return (spec, "", "") if not colon or drive else (place, colon, name)


def _is_file(place: str) -> bool:
    return place.endswith(".py") or "/" in place or "\\" in place or Path(place).exists()


def _from_file(path: Path) -> ModuleType:
    if path.is_dir():
        raise BadTarget(f"{path} is a folder; name a Python file in it")
    if not path.is_file():
        raise BadTarget(f"there is no file {path}{_near(path)}")
    name = f"chimneysweep_target_{path.stem}"
    module_spec = importlib.util.spec_from_file_location(name, path)
    if module_spec is None or module_spec.loader is None:
        raise BadTarget(f"{path} is no Python file (its name must end in .py)")
    module = importlib.util.module_from_spec(module_spec)
    with _importing(str(path)), _beside(path):
        sys.modules[name] = module
        module_spec.loader.exec_module(module)
    return module


def _near(path: Path) -> str:
    """What the user may have meant: a file of a like name, or a built-in target."""
    around = [str(p) for p in sorted(path.parent.glob("*.py"))] if path.parent.is_dir() else []
    near = difflib.get_close_matches(str(path), [*around, *BUILT_IN], 1)
    return f"; did you mean {near[0]}?" if near else ""


def _from_module(name: str, spec: str) -> ModuleType:
    try:
        known = importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        known = False
    if known:
        with _importing(name):
            return importlib.import_module(name)
    near = difflib.get_close_matches(name, BUILT_IN, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    built_in = ", ".join(list(BUILT_IN)[:2])
    raise BadTarget(
        f"there is no target {spec!r}: no built-in one (such as {built_in}), no file and no module{hint}"
    )


@contextmanager
def _importing(what: str) -> Iterator[None]:
    try:
        with limit(SECONDS_TO_IMPORT):
            yield
    except SyntaxError as error:
        raise BadTarget(f"{error.filename or what}, line {error.lineno}: {error.msg}") from error
    except Hung:
        raise BadTarget(f"{what}: importing it takes more than {SECONDS_TO_IMPORT:g} s") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise BadTarget(f"{what} cannot be imported: {_told(error, what)}") from error


@contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let the file import its neighbors; the rest of the path comes first."""
    folder = str(path.resolve().parent)
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _told(error: BaseException, file: str) -> str:
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == Path(file).name
    ]
    place = f" (line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _class(module: ModuleType, name: str, place: str) -> Any:
    own = {n: v for n, v in vars(module).items() if inspect.isclass(v) and v.__module__ == module.__name__}
    targets = [n for n, v in own.items() if issubclass(v, Target)]
    if not name:
        if len(targets) == 1:
            return own[targets[0]]
        if targets:
            raise BadTarget(f"{place} has several targets; name one of them: {_choices(place, targets)}")
        raise BadTarget(f"{place} has no class derived from chimneysweep.targets.api.Target")
    if not hasattr(module, name):
        near = difflib.get_close_matches(name, own, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(own) or 'no class at all'}"
        raise BadTarget(f"{place} has no class {name}{hint}")
    return getattr(module, name)


def _choices(place: str, names: list[str]) -> str:
    return ", ".join(f"{place}:{name}" for name in names)


def _check(found: Any, place: str) -> None:
    """Whether the class has every entry point, with parameters that fit, and can be made."""
    if not inspect.isclass(found):
        raise BadTarget(f"{place}: that is {type(found).__name__}, not a class")
    missing = [n for n in ENTRY_POINTS if getattr(found, n, None) in (None, getattr(Target, n))]
    if missing:
        what = "an entry point" if len(missing) == 1 else "entry points"
        raise BadTarget(f"{found.__name__} lacks {what}: {', '.join(missing)}")
    for name in (name for name in (*ENTRY_POINTS, *OPTIONAL) if hasattr(found, name)):
        _check_parameters(found, name)
    _check_constructor(found)


def _check_parameters(found: type, name: str) -> None:
    method = getattr(found, name)
    if not callable(method):
        raise BadTarget(f"{found.__name__}.{name} is {type(method).__name__}, not a method")
    expected = list(inspect.signature(getattr(Target, name)).parameters)
    try:
        inspect.signature(method).bind(*expected)
    except TypeError:
        takes = ", ".join(expected)
        raise BadTarget(
            f"{found.__name__}.{name} is called as {name}({takes}), which it does not take"
        ) from None
    except ValueError:
        return  # a built-in without a signature


def _check_constructor(found: type) -> None:
    try:
        with limit(SECONDS_TO_IMPORT):
            found(_Deaf())
    except Hung:
        raise BadTarget(f"the constructor of {found.__name__} does not return") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        file = inspect.getsourcefile(found) or ""
        raise BadTarget(
            f"the constructor of {found.__name__}, called with an Ndis object, raises {_told(error, file)}"
        ) from error


class _Deaf(Ndis):
    """An Ndis for trying the constructor: a call at this point is judged in the run, not here."""

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name) if name.startswith("__") else lambda *a, **k: None
