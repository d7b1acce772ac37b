"""What is wrong with a user's file, where, and what would be right: as their mistake, never as ours."""

from __future__ import annotations

import dataclasses
import difflib
import linecache
import textwrap
import traceback
from collections.abc import Collection, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

TRUTH = (
    "a value of the state stands for all its values at once, so Python cannot ask whether it is true: "
    "instead of `and`, `or`, `not`, `if`, `in` and `a < b < c` use And(...), Or(...), Not(...), "
    "If(condition, then, otherwise) and And(a < b, b < c), and instead of `min`, `max`, `all`, `any` "
    "use Min, Max, all_of, any_of"
)
NUMBERS = "numbers of the state have +, -, * and %, comparisons, Min and Max; / and // are not among them"
INDEX = (
    "a number of the state cannot index a tuple: use pick(items, i), put(items, i, new) or "
    "modify(items, i, change), or declare the parameter as Index(...)"
)
PARTS = (
    "it returns more or fewer things than belong there: an event (what it requires, the state after it), "
    "a step (when it is taken, [what it does]), a choice the same as the one that it replaces, "
    "a property with each= (when it applies, conjunct(...), ...)"
)
SAID = (
    'a property is declared with its id and where it is said: @guarantee("bytes.kept", "our manual, page 1")'
)
SORTS = "a number stands where a condition belongs, or a condition where a number does"

WIDTH = 90
"""Columns of what is said of a mistake."""
_HINTS = (
    (("symbolic expressions cannot be cast", "truth of a symbolic"), TRUTH),
    (("indices must be integers",), INDEX),
    (("division of a symbolic", "for //", "for <<", "for >>", "for &", "for |", "for **"), NUMBERS),
    (("cannot unpack", "values to unpack", "object is not iterable"), PARTS),
    (("positional argument: 'page'",), SAID),
    (("sort mismatch", "boolean expression expected", "converted into a z3 boolean", "parser error"), SORTS),
)
"""What an error says, in lower case, and what would be right."""


@dataclasses.dataclass(frozen=True)
class FileLine:
    """A line of a user's file."""

    file: str
    line: int
    source: str


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One thing that is wrong: in what (``event Sends``), what would be right, and where, if known."""

    what: str
    says: str
    place: FileLine | None = None

    def as_text(self) -> str:
        """For the user: the place, the line of the source, and below it what is wrong."""
        if self.place is None:
            return f"{self.what}: {self.says}" if self.what else self.says
        inside = f", in {self.what}" if self.what else ""
        head = f"{self.place.file}, line {self.place.line}{inside}:\n    {self.place.source}\n"
        return head + textwrap.fill(self.says, WIDTH, initial_indent="  ", subsequent_indent="  ")


def as_text(mistakes: Collection[Mistake]) -> str:
    """All of them as one message."""
    each = list(dict.fromkeys(mistake.as_text() for mistake in mistakes))
    return each[0] if len(each) == 1 else "\n".join((f"{len(each)} mistakes", *each))


def mistake(what: str, error: BaseException, folders: Collection[Path], code: Any = None) -> Mistake:
    """An error that a user's code led to, with the line; without one, the line of *code*, a function."""
    if isinstance(error, SyntaxError) and error.filename:
        place = FileLine(error.filename, error.lineno or 1, (error.text or "").strip())
        return Mistake(what, f"{error.msg}", place)
    return Mistake(what, explained(error), _raised(error, folders) or defined(code, folders))


def _raised(error: BaseException, folders: Collection[Path]) -> FileLine | None:
    """The last line of a user's file that an error went through."""
    mine = [f for f in traceback.extract_tb(error.__traceback__) if _within(f.filename, folders)]
    return FileLine(_short(mine[-1].filename), mine[-1].lineno or 1, mine[-1].line or "") if mine else None


def defined(code: Any, folders: Collection[Path]) -> FileLine | None:
    """The line on which a function (or what a decorator made of it) stands in a user's file."""
    found = _users_function(code, folders, 3)
    if found is None:
        return None
    file, line = found.__code__.co_filename, found.__code__.co_firstlineno
    linecache.checkcache(file)
    while linecache.getline(file, line).lstrip().startswith("@"):  # the decorators come first
        line += 1
    return FileLine(_short(file), line, linecache.getline(file, line).strip())


def _users_function(code: Any, folders: Collection[Path], depth: int) -> Any:
    """*code*, or a function that it holds on to, if a user wrote it."""
    code = getattr(code, "reacts", code)  # of two reactions to one event
    if not hasattr(code, "__code__"):
        return None
    if _within(code.__code__.co_filename, folders):
        return code
    cells = zip(code.__code__.co_freevars, code.__closure__ or (), strict=True) if depth else ()
    held = (cell.cell_contents for name, cell in cells if name != "each")  # that one only says where
    return next(filter(None, (_users_function(c, folders, depth - 1) for c in held)), None)


def field_place(record: type, field: str, folders: Collection[Path]) -> FileLine | None:
    """The line on which a field of a user's record is declared."""
    import inspect

    try:
        file, (lines, first) = inspect.getsourcefile(record), inspect.getsourcelines(record)
    except (OSError, TypeError):
        return None
    if file is None or not _within(file, folders):
        return None
    at = next((n for n, line in enumerate(lines) if line.split(":")[0].strip() == field), 0)
    return FileLine(_short(file), first + at, lines[at].strip())


def _within(file: str, folders: Collection[Path]) -> bool:
    return Path(file).resolve().parent in folders and Path(file).is_file()  # no "<string>" of a dataclass


def _short(file: str) -> str:
    """A path as the user would type it: relative, if it is below the current folder."""
    path = Path(file).resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def explained(error: BaseException) -> str:
    """What an error means to whoever wrote the file."""
    missing = _missing(error) if isinstance(error, AttributeError) and error.name else ""
    if missing:
        return missing
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    hint = next((h for signs, h in _HINTS if any(sign in message.lower() for sign in signs)), "")
    if hint:
        return hint
    if "unexpected keyword argument" in message:
        name = message.rsplit("'", 2)[-2]
        return f"there is no field {name!r} in {message.split('.')[0]}"
    if "ArithRef" in message or "BoolRef" in message:
        return (
            f"{message}; a value of the state stands for all its values at once, so Python cannot use it here"
        )
    return message if isinstance(error, ValueError | KeyError) else f"{type(error).__name__}: {message}"


def _missing(error: AttributeError) -> str:
    """A field or parameter that is not there; "" for what says so itself."""
    owner, name = error.obj, error.name or ""
    if isinstance(owner, SimpleNamespace):
        return f"there is no parameter {name!r}; {listed(name, vars(owner))}"
    if isinstance(owner, type) or not dataclasses.is_dataclass(owner) or hasattr(type(owner), "__getattr__"):
        return ""
    fields = [f.name for f in dataclasses.fields(owner)]
    return f"{type(owner).__name__} has no field {name!r}; {listed(name, fields)}"


def listed(name: str, known: Iterable[str]) -> str:
    """``did you mean x?``, or the names that there are."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names) or 'none'}"
