"""Traces as files: what is written is read back, and what is no trace is refused with a reason."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sample_trace import sample

from chimneysweep.counterexamples import storage
from chimneysweep.counterexamples.storage import BadTrace, dumps, load, loads, save, schema, to_json
from chimneysweep.counterexamples.trace import Trace, TracedSubject
from chimneysweep.model.bounds import Bounds
from chimneysweep.properties.loading import SubjectRef


def test_a_trace_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    save(sample(), tmp_path / "t.json")
    back = load(tmp_path / "t.json")
    assert back == sample()
    # 1 == True in Python, so equality alone would not see a bool that came back as an int.
    assert [type(x) for x in back.initial.values()] == [type(x) for x in sample().initial.values()]
    assert [[type(x) for x in c] for s in back.steps for c in s.changes.values()] == [
        [type(x) for x in c] for s in sample().steps for c in s.changes.values()
    ]


def test_a_witness_is_read_back(tmp_path: Path) -> None:
    witness = dataclasses.replace(sample(), violation=None)
    assert loads(dumps(witness)) == witness


@pytest.mark.parametrize("number", [2**53 + 1, -(2**64) - 1, 2**200 + 7])
def test_large_numbers_keep_every_digit(number: int) -> None:
    big = dataclasses.replace(sample(), initial={**sample().initial, "conns[0].total": number})
    assert loads(dumps(big)).initial["conns[0].total"] == number


def test_what_is_written_satisfies_the_published_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(json.loads(dumps(sample())))


def test_the_schema_asks_for_every_field_of_a_trace() -> None:
    assert set(schema()["required"]) == set(to_json(sample()))


def _without(*path: str | int) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    return change


def _with(value: Any, *path: str | int) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_with("other-trace", "format"), ("'other-trace'", "$.format", "'chimneysweep-trace'")),
        (_without("format"), ("no field 'format'", "'chimneysweep-trace'")),
        (_with(3, "version"), ("newer chimneysweep", "$.version is 3", "up to 2")),
        (_with(0, "version"), ("$.version", "the number 0", "from 1 to 2 belongs")),
        (_with(True, "version"), ("$.version", "true or false", "whole number")),
        (_with(2.0, "version"), ("$.version", "the number 2.0", "whole number")),
        (_without("version"), ("'version' is missing",)),
        (_with("1", "version"), ("$.version", "'1'")),
        (_without("steps"), ("at $ ", "'steps' is missing")),
        (_without("steps", 2, "actor"), ("$.steps[2]", "'actor' is missing")),
        (_with(5, "subject"), ("$.subject", "the number 5", "an object belongs")),
        (_without("subject", "parts"), ("$.subject", "'parts' is missing")),
        (_with([1], "subject", "clauses"), ("$.subject.clauses[0]", "text belongs")),
        (_with(5, "target"), ("$.target", "the number 5", "text belongs")),
        (_with("x" * 10**6, "format"), ("'xxx", "...")),
        (_with(1, "\x1b[2J"), ("\\x1b[2J", "unknown")),
        (_with(True, "bounds", "buffers"), ("$.bounds.buffers", "whole number")),
        (_with(1.0, "bounds", "buffers"), ("$.bounds.buffers", "1.0", "whole number")),
        (_with(10**9, "bounds", "buffers"), ("$.bounds.buffers", "256")),
        (_with(None, "initial", "phase"), ("$.initial.phase", "null")),
        (_with(1.5, "steps", 0, "changes", "phase"), ("$.steps[0].changes.phase", "1.5", "a list")),
        (_with([1], "steps", 0, "changes", "phase"), ("$.steps[0].changes.phase",)),
        (_with([0, 1], "steps", 3, "changes", "ghost"), ("$.steps[3].changes", "'ghost'", "$.initial")),
        (_with("oracle", "source"), ("$.source", "'oracle'", "'model'", "'target'")),
        (_with({}, "violation"), ("$.violation", "'property' is missing")),
        (_with([], "violation"), ("$.violation", "a list", "an object or null")),
        (_with(1, "comment"), ("'comment' is unknown",)),
    ],
)
def test_a_file_that_is_no_trace_says_what_where_and_what_would_be_right(
    change: Callable[[Any], None], told: tuple[str, ...]
) -> None:
    data = copy.deepcopy(json.loads(dumps(sample())))
    change(data)
    with pytest.raises(BadTrace) as caught:
        loads(json.dumps(data), "file.json")
    for part in ("file.json", *told):
        assert part in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


def test_a_trace_may_be_as_deep_as_is_said() -> None:
    nested: Any = 1
    for _ in range(38):
        nested = [nested]
    assert loads(dumps(dataclasses.replace(sample(), meta={"nested": nested})))
    with pytest.raises(BadTrace, match="more than 40 deep"):
        loads(dumps(dataclasses.replace(sample(), meta={"nested": [nested]})))


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MAX_BYTES", 2**20)
    with open(tmp_path / "t.json", "wb") as file:
        file.truncate(2**20)
    with pytest.raises(BadTrace, match="is not JSON"):
        load(tmp_path / "t.json")
    with open(tmp_path / "t.json", "wb") as file:
        file.truncate(2**33)  # a hole: it takes no room
    with pytest.raises(BadTrace, match="larger than 1 MiB"):
        load(tmp_path / "t.json")


def _of(ref: SubjectRef) -> Trace:
    return dataclasses.replace(sample(), subject=TracedSubject("mine", ref, ("one", "two")))


@pytest.mark.parametrize(
    ("trace", "file", "name"),
    [
        (_of(SubjectRef("mine", ("rules.py",))), None, None),
        (_of(SubjectRef("folder/mine.py")), "folder/mine.py", None),
        (_of(SubjectRef("mine.py:MINE", ("a.py", "b.py"))), "mine.py", "MINE"),
        (_of(SubjectRef("C:\\mine.py:MINE")), "C:\\mine.py", "MINE"),
    ],
)
def test_a_trace_says_which_subject_it_is_of(trace: Trace, file: str | None, name: str | None) -> None:
    stored = to_json(trace)["subject"]
    assert (stored["file"], stored["object"], stored["parts"]) == (file, name, ["one", "two"])
    assert loads(dumps(trace)).subject == trace.subject


def test_bounds_are_names_with_numbers() -> None:
    trace = dataclasses.replace(sample(), bounds=Bounds(quays=2, most=9))
    assert to_json(trace)["bounds"] == {"quays": 2, "most": 9}
    assert loads(dumps(trace)).bounds == trace.bounds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("hello", "is not JSON (line 1, column 1"),
        ("[1, 2]", "a list, not an object"),
        ('{"format": "chimneysweep-trace", }', "not valid JSON at line 1"),
        ('{"format": NaN}', "NaN"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the field 'c' stands twice"),
        ("[" * 100_000, "more than 40 deep"),
        ('{"meta": ' + "[" * 40 + "]" * 40 + "}", "more than 40 deep"),
        ('{"x": ' + "9" * 5000 + "}", "is not a JSON file that can be read"),
    ],
)
def test_text_that_is_not_json_is_refused(text: str, told: str) -> None:
    with pytest.raises(BadTrace, match="the trace") as caught:
        loads(text)
    assert told in str(caught.value)


def test_a_truncated_file_is_called_truncated() -> None:
    whole = dumps(sample()).rstrip()
    for end in range(1, len(whole), 997):
        with pytest.raises(BadTrace, match=r"truncated|not valid JSON"):
            loads(whole[:end])
    with pytest.raises(BadTrace, match="is truncated: it ends at line"):
        loads(whole[:-1])


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadTrace, match=r"cannot read .*none\.json: No such file"):
        load(tmp_path / "none.json")
    (tmp_path / "t.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(BadTrace, match="byte 0 is not UTF-8"):
        load(tmp_path / "t.json")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.json").write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        save(sample(), tmp_path / "t.json")
    assert [p.name for p in tmp_path.iterdir()] == ["t.json"]
    assert (tmp_path / "t.json").read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old", encoding="utf-8")
    (tmp_path / "link.json").symlink_to("real.json")
    save(sample(), tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert load(tmp_path / "real.json") == sample()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        storage.write_atomically(tmp_path / "pipe", "hello")
        assert os.read(reader, 100) == b"hello"
    finally:
        os.close(reader)
