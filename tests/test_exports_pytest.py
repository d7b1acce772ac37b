"""A finding kept as a test: pytest runs it, red while the bug is there, green after the fix."""

from __future__ import annotations

import ast
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exported import FILES, TRACES, hostile
from house import ROOT

import chimneysweep
from chimneysweep.cli.main import main
from chimneysweep.counterexamples.exports.pytest_module import export
from chimneysweep.counterexamples.storage import load, loads, to_json


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _outcome() -> tuple[int, str]:
    """pytest's exit code, and what it prints."""
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "tests"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def _kept(trace: Path) -> None:
    Path("tests").mkdir()
    assert main(["export", str(trace), "--to", "pytest", "-o", "tests/test_kept.py"]) == 0


@pytest.mark.parametrize("kind", sorted(TRACES))
def test_what_is_still_broken_fails_and_says_so(kind: str) -> None:
    _kept(FILES[kind])
    code, printed = _outcome()
    assert (code, "1 failed" in printed) == (1, True)
    assert "happen again" in printed


@pytest.mark.slow
def test_a_python_target_is_green_after_the_fix() -> None:
    for name in ("my_target.py", "my_target_fixed.py"):
        shutil.copy(ROOT / "examples" / name, ".")
    mine = "from my_target{} import MyTarget{} as Base\n\nclass Mine(Base):\n    pass\n"
    Path("mine.py").write_text(mine.format("", ""), encoding="utf-8")
    assert main(["conform", "mine.py:Mine", "--runs", "0", "-q", "--trace", "found.json"]) == 1
    _kept(Path("found.json"))
    assert _outcome()[0] == 1
    Path("mine.py").write_text(mine.format("_fixed", "Fixed"), encoding="utf-8")
    assert _outcome()[0] == 0


def test_a_driver_is_green_after_the_fix() -> None:
    assert main(["new", "driver", "--like", "head-not-advanced"]) == 0
    assert main(["conform", "driver", "--runs", "0", "-q", "--trace", "found.json"]) == 1
    _kept(Path("found.json"))
    assert _outcome()[0] == 1
    shutil.rmtree("driver")
    assert main(["new", "driver"]) == 0
    assert _outcome()[0] == 0


@pytest.mark.slow
def test_a_design_is_green_after_the_fix() -> None:
    assert main(["new", "--design", "mine"]) == 0
    file = Path("mine.py")
    right = file.read_text(encoding="utf-8")
    wrong = right.replace("snd_max=given.snd_max", "snd_max=given.snd_nxt")
    assert wrong != right
    file.write_text(wrong, encoding="utf-8")
    assert main(["check", "-d", "mine.py", "-p", "snd.max", "-q", "--trace-dir", "traces"]) == 1
    (trace,) = [path for path in Path("traces").glob("*.json") if load(path).violation]
    _kept(trace)
    assert _outcome()[0] == 1
    file.write_text(right, encoding="utf-8")
    assert _outcome()[0] == 0


@pytest.mark.parametrize("kind", [*TRACES, "hostile"])
def test_the_trace_in_the_test_is_the_trace(kind: str, tmp_path: Path) -> None:
    trace = hostile() if kind == "hostile" else TRACES[kind]
    text = export(trace)
    code = text.split("TRACE = ")[0] + text.split("'''\n", 2)[2]
    assert code.isprintable() or all(line.isprintable() for line in code.split("\n"))
    made = [node for node in ast.parse(text).body if not isinstance(node, ast.Expr)]
    assert [type(node).__name__ for node in made] == ["Import", "Assign", "FunctionDef"]
    (tmp_path / "test_kept.py").write_text(text, encoding="utf-8")
    assert to_json(loads(runpy.run_path(str(tmp_path / "test_kept.py"))["TRACE"])) == to_json(trace)


def test_replay_takes_a_trace_its_text_and_its_file() -> None:
    file = FILES["model"]
    for given in (load(file), file.read_text(encoding="utf-8"), file, str(file)):
        again = chimneysweep.replay(given)
        assert again.ok
        assert not again.fixed
    with pytest.raises(ValueError, match="cannot read nowhere"):
        chimneysweep.replay("nowhere.json")
