"""``chimneysweep diff``: what differs between two traces, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import pytest
from sample_trace import sample

from chimneysweep.cli.main import main
from chimneysweep.cli.schema import schema
from chimneysweep.counterexamples.difference import difference
from chimneysweep.counterexamples.storage import load, save
from chimneysweep.counterexamples.trace import Place, Step, Trace

CORPUS = sorted((Path(__file__).parent.parent / "counterexamples" / "corpus").glob("*.json"))


def with_steps(*steps: Step) -> Trace:
    return dataclasses.replace(sample(), steps=list(steps))


def numbers(a: Trace, b: Trace) -> list[tuple[int | None, int | None]]:
    """The steps that are not alike."""
    return [(step.a, step.b) for step in difference(a, b).steps if not step.alike]


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_a_trace_is_the_same_as_itself_and_as_no_other(file: Path) -> None:
    trace = load(file)
    assert difference(trace, load(file)).same
    assert not difference(trace, load(CORPUS[(CORPUS.index(file) + 1) % len(CORPUS)])).same


def test_a_step_that_is_left_out_is_the_one_that_is_told() -> None:
    steps = sample().steps
    assert numbers(sample(), with_steps(*steps[:4], *steps[5:])) == [(5, None)]
    assert numbers(with_steps(*steps[:4], *steps[5:]), sample()) == [(None, 5)]


def test_values_of_a_step_differ_by_their_words() -> None:
    steps = list(sample().steps)
    name, (old, new) = next(iter(steps[2].changes.items()))
    steps[2] = dataclasses.replace(
        steps[2], parameters={"conn": 0, "length": 7}, changes={**steps[2].changes, name: (old, new + 1)}
    )
    found = difference(sample(), with_steps(*steps))
    (beside,) = [step for step in found.steps if not step.alike]
    assert (beside.a, beside.b) == (3, 3)
    assert [(p.what, p.a, p.b) for p in beside.points] == [
        ("length", "400", "7"),
        ("SND.NXT of connection 0", str(new), str(new + 1)),
    ]


def test_a_number_and_a_truth_are_not_the_same() -> None:
    initial = {**sample().initial, "stale_write": 0}
    found = difference(sample(), dataclasses.replace(sample(), initial=initial))
    assert [point.what for point in found.start] == ["a block was written after it was handed back"]


def test_the_rule_and_what_it_failed_on_differ() -> None:
    broken = sample().violation
    assert broken is not None
    first = dataclasses.replace(
        broken.broken[0], values={**broken.broken[0].values, "in the host's queue at": 9}
    )
    other = dataclasses.replace(broken, property="another.rule", broken=[first])
    found = difference(sample(), dataclasses.replace(sample(), violation=other))
    assert [(p.what, p.b) for p in found.head] == [("rule", "another.rule")]
    assert "in the host's queue at 9" in found.broken[0].b
    assert not difference(sample(), dataclasses.replace(sample(), violation=None)).same


def test_what_it_was_made_with_and_a_line_that_moved_are_no_difference() -> None:
    steps = [dataclasses.replace(step, actor="target") for step in sample().steps]
    at = Place("Finish", "terminate.c", 10, "Complete(Tree);")
    one = with_steps(dataclasses.replace(steps[0], at=at), *steps[1:])
    moved = with_steps(dataclasses.replace(steps[0], at=dataclasses.replace(at, line=99)), *steps[1:])
    assert difference(one, dataclasses.replace(moved, meta={"seed": 8})).same
    other = with_steps(dataclasses.replace(steps[0], at=dataclasses.replace(at, text="Other();")), *steps[1:])
    assert numbers(one, other) == [(1, 1)]


def test_it_is_told_in_lines_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = str(tmp_path / "a.json"), str(tmp_path / "b.json")
    steps = sample().steps
    save(sample(), a)
    save(with_steps(*steps[:4], *steps[5:]), b)
    assert main(["diff", a, a]) == 0
    assert "the same happens in both" in capsys.readouterr().out
    assert main(["diff", a, b]) == 1
    told = capsys.readouterr().out
    assert "  = 1 to 4: the same\n  - 5  an acknowledgement up to position 12" in told
    assert "  = 6/5 to 15/14: the same" in told
    assert "they differ" in told
    for other, code in ((a, 0), (b, 1)):
        assert main(["diff", "--json", a, other]) == code
        data = json.loads(capsys.readouterr().out)
        jsonschema.Draft202012Validator(schema("diff")).validate(data)
        assert data["exit"] == code


def test_a_file_that_is_no_trace_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(sample(), tmp_path / "a.json")
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    assert main(["diff", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 2
    assert "b.json" in capsys.readouterr().err
