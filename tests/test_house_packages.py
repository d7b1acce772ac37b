"""The lists in pyproject.toml say what the folders say."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from house import ROOMS, ROOT, files

import chimneysweep

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages_on_disk(root: Path) -> set[str]:
    """The packages that the folders under *root* make up."""
    inside = [path.parent.relative_to(root) for path in files(root) if path.name == "__init__.py"]
    return {".".join(("chimneysweep", *folder.parts)) for folder in inside}


def test_the_package_list_is_what_is_on_disk() -> None:
    listed = PROJECT["tool"]["setuptools"]["packages"]
    assert len(set(listed)) == len(listed)
    assert set(listed) == packages_on_disk(ROOT)


def test_a_folder_that_is_not_listed_is_noticed(tmp_path: Path) -> None:
    for folder in (".", "model", "model/extra", ".venv/model", "build/lib/model"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "__init__.py").touch()
    assert packages_on_disk(tmp_path) == {"chimneysweep", "chimneysweep.model", "chimneysweep.model.extra"}


def test_every_python_file_in_a_room_is_in_a_package() -> None:
    folders = {path.parent for path in files() if path.suffix == ".py" and in_a_room(path)}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def in_a_room(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in ROOMS


def test_what_is_no_python_in_a_room_is_shipped_with_it() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["chimneysweep"]
    shipped = {path for pattern in patterns for path in ROOT.glob(pattern)}
    data = {path for path in files() if in_a_room(path) and path.suffix not in (".py", ".md")}
    assert not data - shipped, "list it under [tool.setuptools.package-data]"


def test_every_pattern_of_shipped_files_matches_one() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["chimneysweep"]
    assert not [pattern for pattern in patterns if not list(ROOT.glob(pattern))]


def test_coverage_and_the_linter_know_every_room() -> None:
    tools = PROJECT["tool"]
    assert set(tools["coverage"]["run"]["source"]) == set(ROOMS)
    assert set(tools["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]) == set(ROOMS)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = re.search(r"^ROOMS := (.*)$", makefile, re.MULTILINE)
    assert listed
    assert set(listed[1].split()) == set(ROOMS)


def test_the_version_is_told_once() -> None:
    assert PROJECT["project"]["version"] == chimneysweep.__version__


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("group", ["needed", *PROJECT["project"]["optional-dependencies"]])
def test_every_requirement_is_pinned(group: str) -> None:
    project = PROJECT["project"]
    wanted = project["dependencies"] if group == "needed" else project["optional-dependencies"][group]
    pinned = {_folded(name) for name in pins()}
    assert not {_folded(re.split(r"[<>=!~ \[;]", need)[0]) for need in wanted} - pinned


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


PUBLIC = {
    "chimney.py",
    *(f"targets/{name}.py" for name in ("api", "callbacks", "reference", "steady")),
}
"""What users import from: nothing but names for what stands elsewhere."""


def twice(root: Path, room: str) -> set[str]:
    """Names of Python files in *room* that stand in another folder, too; tests and public names aside."""
    python = [path.relative_to(root) for path in files(root) if path.suffix == ".py"]
    python = [path for path in python if path.as_posix() not in PUBLIC]
    count = Counter(path.name for path in python if path.parts[0] != "tests")
    return {path.name for path in python if path.parts[0] == room and count[path.name] > 1} - {"__init__.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_the_name_of_a_file_stands_once(room: str) -> None:
    assert not twice(ROOT, room)


def test_a_name_that_stands_twice_is_noticed(tmp_path: Path) -> None:
    for file in ("targets/a/wire.py", "targets/b/wire.py", "targets/a/run.py", "benchmarks/run.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for file in ("targets/a/__init__.py", "targets/b/__init__.py", "targets/b/own.py", "tests/own.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert twice(tmp_path, "targets") == {"wire.py", "run.py"}


def classes_twice(root: Path) -> set[str]:
    """Names of classes, not private ones, that stand in two files or more; tests and examples aside."""
    where: dict[str, set[Path]] = {}
    for path in files(root):
        room = path.relative_to(root).parts[0]
        if path.suffix == ".py" and room not in {"tests", "examples"}:
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    where.setdefault(node.name, set()).add(path)
    return {name for name, paths in where.items() if len(paths) > 1}


def test_the_name_of_a_class_stands_once() -> None:
    assert classes_twice(ROOT) == set()


def test_a_class_that_stands_twice_is_noticed(tmp_path: Path) -> None:
    for file in ("targets/a.py", "engines/b.py", "tests/c.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text("class Step:\n    pass\n\n\nclass _Own:\n    pass\n", encoding="utf-8")
    assert classes_twice(tmp_path) == {"Step"}


def defines(text: str) -> list[str]:
    """The functions and classes in a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]


@pytest.mark.parametrize("file", sorted(PUBLIC))
def test_a_public_module_only_names_what_stands_elsewhere(file: str) -> None:
    assert defines((ROOT / file).read_text(encoding="utf-8")) == []


def test_a_public_module_that_does_something_is_noticed() -> None:
    assert defines("from .chimney.interface import Ndis\nclass More(Ndis):\n    pass\n") == ["More"]
