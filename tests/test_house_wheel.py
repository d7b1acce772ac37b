"""The wheel, built in a clean copy and installed in a fresh environment, works away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from house import ROOMS, ROOT, files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def _run(*command: str | Path, cwd: Path) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built in a copy under a name that is no Python identifier."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "a-copy 1.0"
    for path in files():
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, copy, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_rooms_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name for name in names if ".dist-info/" not in name}
    assert all(name.startswith("chimneysweep/") for name in inside)
    rooms = {name.split("/")[1] for name in inside if name.count("/") > 1}
    assert rooms == set(ROOMS)
    on_disk = {
        path.relative_to(ROOT).as_posix() for path in files() if path.relative_to(ROOT).parts[0] in ROOMS
    }
    on_disk |= {path.name for path in ROOT.glob("*.py")}
    missing = {name for name in on_disk if not name.endswith(".md") and f"chimneysweep/{name}" not in inside}
    assert not missing


def test_it_installs_and_runs(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "fresh", with_pip=True)
    tools = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin")
    pip = (tools / "python", "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt")
    _run(*pip, wheel, cwd=tmp_path)
    assert "check" in _run(tools / "chimneysweep", "--help", cwd=tmp_path)
    assert "check" in _run(tools / "python", "-m", "chimneysweep", "--help", cwd=tmp_path)
    assert "urn:chimneysweep:check" in _run(tools / "chimneysweep", "schema", "check", cwd=tmp_path)
    names = "from chimneysweep import Subject, check; from chimneysweep.chimney import REFERENCE"
    _run(tools / "python", "-c", names, cwd=tmp_path)
    where = _run(tools / "python", "-c", "import chimneysweep; print(chimneysweep.__file__)", cwd=tmp_path)
    assert str(tmp_path) in where
    nothing = (
        "import importlib.util as u; print([n for n in ('model', 'properties', 'cli') if u.find_spec(n)])"
    )
    assert _run(tools / "python", "-c", nothing, cwd=tmp_path).strip() == "[]"
