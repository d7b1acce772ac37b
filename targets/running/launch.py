"""Which runner plays a target: the one place where that is decided.

Every target that a user names is played in a child process: a Python class, a driver in C,
a program that speaks the line protocol. A class at hand (in a test, in a benchmark) may be
played in this process, by :class:`.direct.InProcess`.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ...properties.loading import SubjectRef
from ..chimney.built_in import MINIPORTS, canonical, miniports, sources
from ..chimney.native.project_file import PROJECTS, read_project
from ..chimney.recipes import NativeRecipe, ProtocolRecipe, PythonRecipe
from ..machine.cache import digest
from ..machine.folder import Folder
from ..machine.refusal import BadTarget
from .isolation.messages import Recipe
from .isolation.runner import CHIMNEY_ALONE, Isolated

SOURCES = (".c", *PROJECTS)
LIBRARIES = (".so",)


@dataclasses.dataclass(frozen=True)
class How:
    """How a target is built and started, as far as the user decides.

    ``sanitize`` and ``flags`` (for the compiler, after ours) concern targets in C.
    ``protocol``: the file is a program that speaks the line protocol, whatever its name says.
    """

    sanitize: bool = True
    flags: tuple[str, ...] = ()
    protocol: bool = False

    def to_json(self) -> dict[str, Any]:
        """The choices that differ from the usual, as JSON data."""
        usual = How()
        chosen = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        data = {name: value for name, value in chosen.items() if value != getattr(usual, name)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()}


def how_from_json(data: Mapping[str, Any]) -> How:
    """What :meth:`How.to_json` wrote. Raises ValueError for anything else."""
    try:
        how = How(**{**data, "flags": tuple(data.get("flags", ()))})
    except (TypeError, AttributeError) as error:
        raise ValueError(f"no way to build a target: {error}") from error
    switches = isinstance(how.sanitize, bool) and isinstance(how.protocol, bool)
    if not switches or not all(isinstance(flag, str) for flag in how.flags):
        raise ValueError(f"no way to build a target: {dict(data)!r}")
    return how


def launch(
    spec: str,
    how: How | None = None,
    timeout: float = 5.0,
    subject: SubjectRef = CHIMNEY_ALONE,
    record: Path | None = None,
) -> Isolated:
    """A runner for the target that *spec* names; to be used in a ``with`` block. Raises BadTarget.

    The target is judged by *subject*. What passes between NDIS and a driver in C is written to *record*.
    """
    recipe, keep = _recipe(canonical(spec), how or How())
    if record is not None:
        if not isinstance(recipe, NativeRecipe):
            raise BadTarget(f"{spec} is no driver in C, whose calls could be recorded")
        recipe = dataclasses.replace(recipe, record=record)
    return Isolated(recipe, timeout, keep=keep, subject=subject)


def launch_several(
    count: int, spec: str, how: How, timeout: float = 5.0, subject: SubjectRef = CHIMNEY_ALONE
) -> list[Isolated]:
    """So many runners of one target, built once, which are to expand states. Raises BadTarget."""
    recipe, keep = _recipe(canonical(spec), how)

    with ExitStack() as ends:

        def begins(number: int) -> Isolated:
            return ends.enter_context(Isolated(recipe, timeout, keep=keep, subject=subject, explores=True))

        with ThreadPoolExecutor(count) as pool:  # each loads it: all at the same time
            found = list(pool.map(begins, range(count)))
        ends.pop_all()
    return found


def made_of(spec: str) -> str:
    """What tells the sources of a target from any others."""
    path = Path(spec if Path(spec).exists() else spec.rpartition(":")[0] or spec)
    listed = read_project(path) if path.suffix in PROJECTS and path.is_file() else None
    folders = listed.folders if listed else [path] if path.is_dir() else []
    files = sorted({file for folder in folders for file in folder.rglob("*.[ch]")})
    files += [path] if path.is_file() else []
    return digest(*(file.read_bytes() for file in files))


def _recipe(spec: str, how: How) -> tuple[Recipe, object]:
    """How the target is made, and what must live as long as it does."""
    path = Path(spec)
    if spec.startswith(MINIPORTS):
        return _miniport(spec, how)
    if how.protocol or _is_program(path):
        return ProtocolRecipe(_program(path)), None
    if path.is_dir() or path.suffix in (*SOURCES, *LIBRARIES):
        return _native(path, how)
    if path.is_file() and path.suffix != ".py":
        raise BadTarget(
            f"{path} is no target: it is neither a Python file (.py), nor a driver in C (a folder of "
            ".c files, a .c file, a .vcxproj, a .so), nor a program that may be executed (chmod +x)"
        )
    return PythonRecipe(spec), None


def _is_program(path: Path) -> bool:
    named = path.suffix in (".py", *SOURCES, *LIBRARIES)
    return path.is_file() and os.access(path, os.X_OK) and not named


def _program(path: Path) -> Path:
    if not path.is_file():
        raise BadTarget(f"there is no program {path}")
    if not os.access(path, os.X_OK):
        raise BadTarget(f"{path} may not be executed; chmod +x {path}")
    return path.resolve()


def _native(path: Path, how: How) -> tuple[Recipe, object]:
    """Build the driver here, where the compiler's words reach the user, and load it in the child."""
    from ..chimney.native.compiler import BuildOptions, build
    from ..machine.toolchain import find_compiler

    built = build(path, BuildOptions(sanitize=how.sanitize, flags=how.flags))
    kinds = " and ".join(f"{kind}-sanitizer" for kind in built.sanitizers)
    without = "no sanitizer: the compiler has none that works" if how.sanitize else "no sanitizer"
    says = f"C, built by {' '.join(find_compiler().command)} with {kinds or without}, in a child process"
    return NativeRecipe(built.library, says, built.env, locks=built.locks), built


def _miniport(name: str, how: How) -> tuple[Recipe, object]:
    """A driver that comes along."""
    known = [entry.name.removeprefix(MINIPORTS) for entry in miniports()]
    own = name.removeprefix(MINIPORTS)
    if own not in known:
        near = difflib.get_close_matches(own, known, 1)
        shows = "`chimneysweep list targets` shows those there are"
        raise BadTarget(
            f"there is no target {name!r}; {f'did you mean {MINIPORTS}{near[0]}?' if near else shows}"
        )
    folder = Folder()  # a story shows lines of the sources, so they stay as long as the library
    path = sources(name, folder.path / own)
    prefix_map = f"-fmacro-prefix-map={path}/="  # what it tells of a place is the same in every run
    recipe, built = _native(path, dataclasses.replace(how, flags=(*how.flags, prefix_map)))
    return recipe, (built, folder)
