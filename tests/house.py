"""The house, as the tests about it see it: its root, its rooms, and their files."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("model", "properties", "counterexamples", "engines", "audit", "targets", "cli")
OUTSIDE = {"build", "dist", "__pycache__", "node_modules", "venv"}
"""Folders that hold nothing of ours, besides those whose name starts with a dot."""


def files(root: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project."""
    for path in sorted(root.iterdir()):
        hidden = path.name.startswith(".") and path.name not in (".ci", ".gitignore", ".github")
        if hidden or path.name in OUTSIDE or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Every Python file of the package: in the rooms, and before their doors."""
    for path in files(root):
        if path.suffix == ".py" and (path.parent == root or path.relative_to(root).parts[0] in ROOMS):
            yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in a file, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def one_in(many: int, cases: Sequence[Any]) -> list[Any]:
    """The cases of a test: one in so *many* is for every day, the rest is marked slow."""
    given = [case if type(case) is tuple else (case,) for case in cases]
    return [pytest.param(*case, marks=[pytest.mark.slow] if k % many else []) for k, case in enumerate(given)]
