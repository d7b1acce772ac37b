"""``chimneysweep conform``: what it asks the driver, what it prints, and how it ends."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from cli_stage import Options, Stage, stage, violated

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.storage import load
from chimneysweep.targets.judging.monitor import misbehaviour
from chimneysweep.targets.running.launch import How

__all__ = ["stage"]  # a fixture


def conform(*argv: str) -> int:
    return main(["conform", "--quiet", *argv])


def flowing(text: str) -> str:
    return " ".join(text.split())


def test_options_reach_the_driver(stage: Stage) -> None:
    assert conform("my.py:Mine", "--runs", "5", "--seed", "-3", "--timeout", "2.5") == 0
    assert stage.options == [("my.py:Mine", Options(5, -3, 2.5))]
    assert conform("driver", "--no-sanitize", "--cflag", "-DX=1", "--cflag", "-O0", "--protocol") == 0
    how = How(sanitize=False, flags=("-DX=1", "-O0"), protocol=True)
    assert stage.options[1] == ("driver", Options(how=how))


def test_another_seed_is_drawn_where_that_is_asked_for(stage: Stage) -> None:
    for _ in range(2):
        assert conform("my.py:Mine", "--seed", "random") == 0
    one, two = (options.seed for _, options in stage.options)
    assert one is not None
    assert two is not None
    assert one != two


def test_a_target_that_keeps_the_rules_is_tested_and_not_proved(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conform("my.py:Mine") == 0
    told = flowing(capsys.readouterr().out)
    assert "target my.py:Mine: NOTHING BROKEN in any run" in told
    assert "9 runs (seed 5), 77 calls, 1.5 s; not proved" in told
    assert "played in a child process" in told
    assert "reached 1 of 2 properties" in told
    assert "not reached receive" in told


def test_findings_are_told_shortest_first(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    long, short = violated("chain.order").trace, violated("snd.una", steps=4).trace
    stage.conform = lambda: stage.report(long, short)
    file = tmp_path / "t.json"
    assert conform("my.py:Mine", "--trace", str(file)) == 1
    told = capsys.readouterr().out
    assert told.startswith("COUNTEREXAMPLE: design reference breaks clause snd.una in 4 steps")
    assert "VIOLATED  design reference breaks clause chain.order in 15 steps" in told
    assert "VIOLATED: 2 findings" in told
    assert f"chimneysweep show {file}" in told
    assert load(file) == short


@pytest.mark.parametrize(
    ("why", "found", "code"),
    [
        ("interrupted", False, 130),
        ("interrupted", True, 130),
        ("stopped after 2 runs in which the target hung", True, 1),
        ("stopped for some other reason", False, 3),
    ],
)
def test_a_part_of_the_runs_is_called_partial(
    stage: Stage, capsys: pytest.CaptureFixture[str], why: str, found: bool, code: int
) -> None:
    findings = [violated("snd.una").trace] if found else []
    stage.conform = lambda: stage.report(*findings, why=why)
    assert conform("my.py:Mine") == code
    told = flowing(capsys.readouterr().out)
    assert f"PARTIAL: {why}, after 9 runs" in told
    assert ("VIOLATED: 1 finding;" in told) == found
    assert "NOTHING BROKEN" not in told


def test_the_json_result_has_everything(stage: Stage, tmp_path: Path) -> None:
    stage.conform = lambda: stage.report(violated("snd.una").trace)
    file = tmp_path / "r.json"
    assert conform("my.py:Mine", "--json", str(file)) == 1
    result = json.loads(file.read_text(encoding="utf-8"))
    assert (result["format"], result["command"], result["exit"]) == ("chimneysweep-result", "conform", 1)
    assert result["findings"][0]["violation"]["property"] == "snd.una"
    assert result["coverage"] == {"send": 4}
    assert result["never_reached"] == ["receive"]
    assert (result["runs"], result["calls"], result["partial"]) == (9, 77, False)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["nowhere.py"], "there is no file nowhere.py; give FILE.py:CLASS"),
        ([], "Missing argument 'TARGET'"),
        (["my.py", "--runs", "-1"], "'--runs': -1 is not in the range"),
        (["my.py", "--seed", "x"], "'x' is neither a whole number nor 'random'"),
        (["my.py", "--trace", "none/such/t.json"], "to write t.json to"),
    ],
)
def test_bad_input_is_one_clear_message(
    stage: Stage, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    assert conform(*argv) == 2
    captured = capsys.readouterr()
    assert told in flowing(captured.err)
    assert captured.err.count("Error:") == 1
    assert captured.out == ""


def test_a_misbehaviour_is_told_with_what_it_was(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    what = misbehaviour("target.memory", "run: AddressSanitizer: double-free, in halt (main.c:7)")
    long = dataclasses.replace(violated("snd.una").trace, violation=what)
    stage.conform = lambda: stage.report(violated("snd.una", steps=4).trace, long)
    assert conform("my.py:Mine") == 1
    told = flowing(capsys.readouterr().out)
    assert "misbehaves, target.memory, in 15 steps: run: AddressSanitizer: double-free, in halt" in told


NEVER = """
from chimneysweep import Not, clause, conjunct
from chimneysweep.chimney import COMPLETED

@clause("own.never-completed", "own.md")
def never_completed(world):
    \"\"\"The termination is never completed.\"\"\"
    from chimneysweep import case
    yield case("everywhere", True, conjunct("it is not", Not(world.phase == COMPLETED)))
"""


def test_a_target_is_judged_by_a_users_clauses_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, found = tmp_path / "own.py", tmp_path / "found.json"
    own.write_text(NEVER, encoding="utf-8")
    argv = ["conform", "reference", "--runs", "0", "--seed", "1", "--quiet", "--clauses", str(own)]
    assert main([*argv, "--trace", str(found)]) == 1
    assert "breaks clause own.never-completed" in capsys.readouterr().out
    assert main(["replay", str(found)]) == 1
    assert main(argv[:-2]) == 0


def test_a_subject_that_targets_are_not_judged_by_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proxy = str(Path(__file__).parent.parent / "examples" / "proxy.py")
    assert main(["conform", "reference", "--quiet", "--subject", proxy]) == 2
    assert "has a world of its own, and a target is judged in the chimney's" in capsys.readouterr().err
