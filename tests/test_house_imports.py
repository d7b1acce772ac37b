"""Rooms import in one direction only, and never by a second name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import ROOT, sources

TOOLS = Path(sys.executable).parent


def arrows(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of pyproject.toml on the copy *root* of the package."""
    command = [str(TOOLS / "lint-imports"), "--no-cache", "--config", str(root / "pyproject.toml")]
    return subprocess.run(
        command, cwd=root, env={"PYTHONPATH": str(root.parent)}, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms and pyproject.toml under another root, so that a test may break them."""
    root = tmp_path / "chimneysweep"
    for path in (ROOT / "pyproject.toml", *sources()):
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return root


def test_the_rooms_keep_to_the_arrows(copy: Path) -> None:
    done = arrows(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("model", "from ..properties import property"),
        ("model", "import chimneysweep.engines.verdict"),
        ("properties", "from ..counterexamples.trace import Trace"),
        ("counterexamples", "def late():\n    from ..engines import verdict"),
        ("engines", "from ..targets import planted"),
        ("targets", "from ..engines.verdict import Proved"),
        ("targets", "from ..audit import planted"),
        ("audit", "from ..targets import planted"),
        ("engines", "from ..cli import planted"),
        ("cli", "from .. import hypothesis_strategies"),
        ("audit", "from ..__main__ import main"),
        ("targets.running", "from ..campaign.shrink import shrink"),
        ("targets.chimney", "from ..running.launch import launch"),
        ("targets.judging", "def late():\n    from ..chimney.interface import Status"),
        ("targets.judging.compiled", "from ...chimney.play import Play"),
        ("targets.machine", "from ..judging.misbehaviour import RULES"),
    ],
)
def test_an_import_against_the_arrows_is_caught(copy: Path, room: str, line: str) -> None:
    for name in ("targets", "audit", "cli"):
        (copy / name / "planted.py").touch()
    (copy / room.replace(".", "/") / "wrong.py").write_text(line + "\n", encoding="utf-8")
    done = arrows(copy)
    assert done.returncode == 1
    assert f"chimneysweep.{room}.wrong -> " in done.stdout


def test_a_room_nobody_placed_is_caught(copy: Path) -> None:
    (copy / "attic").mkdir()
    (copy / "attic" / "__init__.py").touch()
    done = arrows(copy)
    assert done.returncode == 1
    assert "attic" in done.stdout + done.stderr


def test_a_loose_file_among_the_targets_is_caught(copy: Path) -> None:
    (copy / "targets" / "loose.py").touch()
    done = arrows(copy)
    assert done.returncode == 1
    assert "loose" in done.stdout + done.stderr


def test_the_audit_may_import_the_engines(copy: Path) -> None:
    (copy / "audit" / "right.py").write_text("from ..engines import verdict\n", encoding="utf-8")
    done = arrows(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("import model.logic\n", False),
        ("from properties.property import Case\n", False),
        ("from ..model.logic import And\n", True),
        ("from chimneysweep.model.logic import And\n", True),
    ],
)
def test_the_linter_bans_a_room_as_a_top_level_name(text: str, allowed: bool) -> None:
    command = [str(TOOLS / "ruff"), "check", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    command += ["--select", "TID251", "--stdin-filename", str(ROOT / "engines" / "planted.py"), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == (0 if allowed else 1), done.stdout + done.stderr
