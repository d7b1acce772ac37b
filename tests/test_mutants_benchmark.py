"""The score of mutants: what is no case of its own does not count, and a survivor is named."""

from __future__ import annotations

import dataclasses
import json
import stat
import sys
from pathlib import Path

import pytest
from house import ROOT

from chimneysweep.targets.chimney.miniports.patched import REFERENCE

sys.path.insert(0, str(ROOT / "benchmarks"))
import mutants
import survivors

TERMINATE = (REFERENCE / "terminate.c").read_text(encoding="utf-8")


def mutant(after: str) -> mutants.Mutant:
    return mutants.Mutant("terminate.c", 1, "", after, f"{after}\n{TERMINATE}", key=after)


@pytest.mark.parametrize("killed", [True, False])
def test_what_is_a_case_of_its_own_counts_once(monkeypatch: pytest.MonkeyPatch, killed: bool) -> None:
    other = "int SomethingElse(int x) { return x + 1; }"
    tried = [mutant("/* nothing */"), mutant("int Broken("), mutant(other), mutant(f"{other} ")]
    monkeypatch.setattr(mutants, "sampled", lambda count, seed: tried)
    monkeypatch.setattr(mutants, "_played", lambda m: "chain.order" if killed else "")
    found = mutants.score(4, lambda text: None)
    told = found.data(mutants.NO_CASE)
    assert (told["made"], told["broken"], told["same"]) == (4, 1, 2)
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


def test_what_a_journal_has_is_not_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = [dataclasses.replace(mutant(f"int Other(void) {{ return {k}; }}"), key=str(k)) for k in range(3)]
    played: list[str] = []
    monkeypatch.setattr(mutants, "sampled", lambda count, seed: tried)
    monkeypatch.setattr(mutants, "_played", lambda m: played.append(m.key) or "")
    (tmp_path / "journal").write_text('["1", "snd.una"]\n', encoding="utf-8")
    scores = [mutants.score(3, lambda text: None, 1, tmp_path / "journal") for _ in range(2)]
    assert played == ["0", "2"]
    assert [len(score.found) for score in scores] == [1, 1]


def test_a_survivor_that_breaks_nothing_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"a": {"kind": "equivalent", "says": "It is the same."}, "b": {"kind": "mended", "says": "Now."}}
    told = {("terminate.c", "", after): said for after, said in kinds.items()}
    monkeypatch.setattr(mutants, "reasons", lambda *keys: told)
    score = mutants.Score({mutant(after): "" for after in "abc"} | {mutant("d"): "snd.una"})
    assert [m.after for m in score.faults] == ["b", "c"]
    assert score.rate == pytest.approx(1 / 3)
    page = mutants.page(score)
    assert "| all | 4 | 0 | 0 | 1 | 3 | 2 |" in page
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        *("## Equivalent: 1", "## Mended: 1", "## Not looked at: 1")
    ]
    assert "It is the same." in page
    assert "33.3%. With the 1 that are found since: 66.7%." in page


def test_every_reason_speaks_of_a_line_that_is_there() -> None:
    for (file, before, after), said in survivors.reasons(*mutants.REASONS).items():
        lines = [line.strip() for line in (REFERENCE / file).read_text(encoding="utf-8").splitlines()]
        assert before in lines
        assert before != after
        assert said["kind"] in survivors.KINDS


def test_all_that_survived_are_played_again_and_some_of_those_that_were_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tried = [mutant(after) for after in "abcde"]
    monkeypatch.setattr(mutants, "sampled", lambda count, seed: tried)
    monkeypatch.setattr(mutants, "_object", lambda m: m.after)
    became = {"a": "", "b": "snd.una", "c": "", "d": "snd.una", "e": mutants.BROKEN}
    path = tmp_path / "journal"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in became.items()), encoding="utf-8")
    played: list[str] = []
    monkeypatch.setattr(mutants, "_played", lambda m: played.append(m.key) or "snd.wnd" * (m.key == "a"))
    page, data = mutants.measured(5, lambda text: None, path, 1, again=1)
    assert sorted(played) == ["a", "b", "c"]
    assert len(data["found"]) == 2, "a is found now, d was before; b is not found any more"
    assert "The 2 that had survived were played again" in page
    assert "1\nof those that had been found: of these 1 are not found now" in page
