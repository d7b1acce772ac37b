"""The score of mutants: what is no case of its own does not count, and a survivor is named."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from house import ROOT

from chimneysweep.targets.chimney.miniports.patched import REFERENCE

sys.path.insert(0, str(ROOT / "benchmarks"))
import mutants

TERMINATE = (REFERENCE / "terminate.c").read_text(encoding="utf-8")


def mutant(after: str) -> mutants.Mutant:
    return mutants.Mutant("terminate.c", 1, "", after, f"{after}\n{TERMINATE}")


@pytest.mark.parametrize("killed", [True, False])
def test_what_is_a_case_of_its_own_counts_once(monkeypatch: pytest.MonkeyPatch, killed: bool) -> None:
    other = "int SomethingElse(int x) { return x + 1; }"
    tried = [mutant("/* nothing */"), mutant("int Broken("), mutant(other), mutant(f"{other} ")]
    monkeypatch.setattr(mutants, "sampled", lambda count: tried)
    monkeypatch.setattr(mutants, "_played", lambda m: "chain.order" if killed else "")
    found = mutants.score(4, lambda text: None)
    assert (found.made, found.broken, found.same) == (4, 1, 2)
    assert list(found.found.values()) == ["chain.order"] * killed
    assert len(found.survived) == 1 - killed
    assert found.rate == killed


def test_a_mutated_line_is_told_as_it_was_and_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / mutants.MUTATE
    command.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\nfile = pathlib.Path(sys.argv[1])\n"
        'text = file.read_text().replace("return 1", "return 2")\n'
        '(pathlib.Path(sys.argv[5]) / f"{file.stem}.mutant.0.c").write_text(text)\n',
        encoding="utf-8",
    )
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    source = tmp_path / "one.c"
    source.write_text("int f(void)\n{\n    return 1;\n}\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (found,) = mutants.mutants(source, tmp_path / "out")
    assert str(found) == "one.c:3: return 1;  ->  return 2;"


def test_without_the_tool_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants.shutil, "which", lambda *args, **more: None)
    with pytest.raises(RuntimeError, match="chimneysweep\\[bench\\]"):
        next(mutants.mutants(tmp_path / "one.c", tmp_path))
