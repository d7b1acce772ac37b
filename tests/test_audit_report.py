"""The audit's report: findings with what was written about them, in the terminal, as JSON, as a page."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sample_trace import FAKE, sample

from chimneysweep.audit import asking, audited, prose
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.finding import Answer, Computed, Finding, Question, Sound
from chimneysweep.audit.finding_text import gist
from chimneysweep.audit.json_data import as_data
from chimneysweep.audit.page import page
from chimneysweep.cli.main import main
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.subject import Part

RECORD = """
[[finding]]
id = "sufficiency.hole"
title = "A byte may go missing"
consequence = "bytes"
why = "The application never learns of it."
wording = "The target hands over every byte."
review = "Read again; nothing else forbids it."
[[finding.sentences]]
page = "pages/one.md"
heading = "Remarks"
opens = "Some of the"
says = "Some bytes are handed over."
clause = "snd.una"
"""
HOLE = Finding("sufficiency.hole", "sufficiency", ("snd.una",), "One byte is lost.", sample())
TABLE = Computed("Counted again:", (("SndMax", "1600", "1599"),))
SLIP = Finding("examples.slip", "examples", (), "The sum is wrong.", TABLE)


TOY = Audited(CHIMNEY, (Part("sample", properties=(FAKE,)),), "a toy")
"""What is audited: the sample trace replays in its world."""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with one record."""
    (tmp_path / "sufficiency.toml").write_text(RECORD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, written: Path) -> Iterator[dict[str, Any]]:
    """Every question is a puppet: set its answer, or an exception to raise."""
    answers: dict[str, Any] = {q: Answer(q, 1) for q in asking.QUESTIONS}
    for question, name in asking.QUESTIONS.items():
        puppet = ModuleType(name)

        def ask(inquiry: Any, question: Question = question) -> Iterator[Any]:
            yield from ()
            if isinstance(answers[question], BaseException):
                raise answers[question]
            return answers[question]

        puppet.ask = ask  # type: ignore[attr-defined]
        puppet.missing = lambda audited, question=question: getattr(answers[question], "skipped", "")  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"chimneysweep.audit.questions.{name}", puppet)
    toy = ModuleType("toy")
    toy.AUDITED = dataclasses.replace(TOY, findings=written)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "toy", toy)
    monkeypatch.setitem(audited.BUILT_IN, "chimney", ("toy", "AUDITED"))
    audited._loaded.cache_clear()
    yield answers
    audited._loaded.cache_clear()


def _ran(answers: dict[str, Any], written: Path, **more: Any) -> asking.Audit:
    return asking.audit(dataclasses.replace(TOY, findings=written), **more)


def test_a_finding_is_joined_with_what_was_written_about_it(asked: dict[str, Any], written: Path) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE,), (Sound("seven guarantees", "depth 9"),))
    found = _ran(asked, written)
    assert [(r.finding.id, r.prose and r.prose.title) for r in found.findings] == [
        ("sufficiency.hole", "A byte may go missing")
    ]
    assert found.stale == ()


def test_what_nobody_has_reviewed_comes_first_and_says_so(asked: dict[str, Any], written: Path) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE,))
    asked["examples"] = Answer("examples", 3, (SLIP,))
    found = _ran(asked, written)
    assert [r.finding.id for r in found.findings] == ["examples.slip", "sufficiency.hole"]
    assert "Not yet reviewed" in page(found)


def test_what_is_written_about_and_no_longer_found_is_stale(asked: dict[str, Any], written: Path) -> None:
    assert _ran(asked, written).stale == ("sufficiency.hole",)
    assert _ran(asked, written, questions=("examples",)).stale == ()


def test_the_page_has_everything_that_a_spec_author_needs(asked: dict[str, Any], written: Path) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE,), (Sound("seven guarantees", "depth 9"),))
    asked["examples"] = Answer("examples", 3, (SLIP,), undecided=("one figure",))
    text = page(_ran(asked, written))
    for part in (
        "# Audit of a toy",
        "1. A byte may go missing.",
        '*pages/one.md, Remarks*, "Some of the ...": Some bytes are handed over.',
        "**Proposed wording.** The target hands over every byte.",
        "The application never learns of it.",
        "Reviewed against the text: Read again; nothing else forbids it.",
        "SndUna is the sequence number of the first byte that is not acknowledged. (`snd.una`)",
        "| SndMax | 1600 | 1599 |",
        "seven guarantees (depth 9)",
        "- *examples*: one figure",
        "the target calls NdisMTerminateOffloadComplete\n",
    ):
        assert part in text


def test_the_situation_is_a_few_lines_and_the_run_is_folded(asked: dict[str, Any], written: Path) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE,))
    (reviewed,) = _ran(asked, written).findings
    lines = gist(reviewed, {})
    assert len(lines) <= 5
    assert lines[-1].startswith("So it does not hold that ")
    longer = dataclasses.replace(sample(), steps=sample().steps * 4)
    told = gist(dataclasses.replace(reviewed, finding=dataclasses.replace(HOLE, situation=longer)), {})
    assert len(told) <= 5
    assert told[0].count("; ") > 1
    text = page(_ran(asked, written))
    assert text.index("<details>") < text.index("At the start") < text.index("</details>")


SIDE = """
[[finding]]
id = "sufficiency.side"
same = "sufficiency.hole"
title = "Nor may it come twice"
consequence = "differ"
why = "The same."
wording = "The same."
review = "Read again."
sentences = [{ page = "pages/two.md", heading = "Remarks", says = "No byte comes twice." }]
"""


def test_one_defect_is_one_finding_with_all_its_evidence(
    asked: dict[str, Any], written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (written / "sufficiency.toml").write_text(RECORD + SIDE, encoding="utf-8")
    side = dataclasses.replace(HOLE, id="sufficiency.side")
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE, side))
    found = _ran(asked, written)
    assert [r.finding.id for r in found.findings] == ["sufficiency.hole"]
    assert [r.finding.id for r in found.every] == ["sufficiency.hole", "sufficiency.side"]
    text = page(found)
    for part in (
        "*pages/two.md, Remarks*: No byte comes twice.",
        "From another side (sufficiency.side): Nor may",
    ):
        assert part in text
    assert [f.get("same") for f in as_data(found)["findings"]] == [None, "sufficiency.hole"]
    assert main(["audit", "-q"]) == 1
    assert "1 FINDING in a toy" in capsys.readouterr().out


def test_sarif_points_at_the_lines_of_the_text(asked: dict[str, Any], tmp_path: Path) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE,))
    (tmp_path / "text" / "pages").mkdir(parents=True)
    text = "# One\n\n## Remarks\n\nIt is so. *Some*\n  of the bytes go.\n"
    (tmp_path / "text" / "pages" / "one.md").write_text(text, encoding="utf-8")
    log = tmp_path / "audit.sarif"
    assert main(["audit", "-q", "--sarif", str(log), "--text", str(tmp_path / "text")]) == 1
    (result,) = json.loads(log.read_text(encoding="utf-8"))["runs"][0]["results"]
    (place,) = (location["physicalLocation"] for location in result["locations"])
    assert place["artifactLocation"]["uri"].endswith("text/pages/one.md")
    assert place["region"]["startLine"] == 5
    assert (result["level"], result["message"]["text"].count("One byte is lost")) == ("error", 0)
    assert result["message"]["text"].startswith("A byte may go missing. The application never learns of it. ")


def test_the_command_tells_lists_and_writes(
    asked: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, (HOLE,))
    files = (tmp_path / "audit.json", tmp_path / "audit.md")
    assert main(["audit", "--json", str(files[0]), "--page", str(files[1])]) == 1
    told = capsys.readouterr()
    assert "1 FINDING in a toy" in told.out
    assert "A byte may go missing" in told.out
    data = json.loads(files[0].read_text(encoding="utf-8"))
    assert (data["command"], data["exit"]) == ("audit", 1)
    assert data["findings"][0]["trace"]["format"] == "chimneysweep-trace"
    assert files[1].read_text(encoding="utf-8").startswith("# Audit of a toy")
    assert main(["audit", "-q", "--finding", "sufficiency.hole"]) == 1
    assert "Proposed wording. The target hands over every byte." in capsys.readouterr().out


def test_a_situation_that_does_not_replay_is_our_bug(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for changed, says in (
        (dataclasses.replace(sample(), target="nothing"), "there is no system called nothing"),
        (dataclasses.replace(sample(), steps=sample().steps[1:]), "step 1"),
    ):
        asked["sufficiency"] = Answer("sufficiency", 8, (dataclasses.replace(HOLE, situation=changed),))
        assert main(["audit", "-q"]) == 70
        told = " ".join(capsys.readouterr().out.split())
        assert "does not replay on the model: sufficiency.hole" in told
        assert says in told


def test_without_findings_it_is_quiet_about_them(
    asked: dict[str, Any], written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (written / "sufficiency.toml").write_text("", encoding="utf-8")
    assert main(["audit"]) == 0
    assert "NOTHING FOUND in a toy" in capsys.readouterr().out


def test_not_settled_is_not_nothing(asked: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    asked["sufficiency"] = Answer("sufficiency", 8, undecided=("one guarantee: out of work",))
    assert main(["audit"]) == 3
    told = " ".join(capsys.readouterr().out.split())
    assert "UNDECIDED: 1 question not settled in a toy" in told
    assert "--patience 3" in told
    assert "NOTHING FOUND" not in told
    assert "open sufficiency.hole is not found so far" in told
    assert "no longer found" not in told


def test_many_remarks_are_counted_and_told_when_asked_for(
    asked: dict[str, Any], written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (written / "sufficiency.toml").write_text("", encoding="utf-8")
    remarks = tuple(f"remark {n}" for n in "abcd")
    for given, more, told in ((remarks[:3], [], True), (remarks, [], False), (remarks, ["-v"], True)):
        asked["sufficiency"] = Answer("sufficiency", 8, remarks=given)
        assert main(["audit", "-q", *more]) == 0
        out = capsys.readouterr().out
        assert ("remark a" in out, "4 remarks" in out) == (told, not told)


def test_a_question_that_cannot_be_asked_says_why(
    asked: dict[str, Any], written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked["sufficiency"] = Answer("sufficiency", 0, skipped="nobody is owed anything")
    assert main(["audit"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "not asked sufficiency: nobody is owed anything" in told
    assert _ran(asked, written).stale == ()


CLAUSE = """
from chimneysweep.properties.property import clause, conjunct

@clause("more.strict", "page.md", each=lambda s: [("the world", ())])
def strict(s):
    \"\"\"Nobody ever terminates.\"\"\"
    return True, conjunct("it is not terminated", s.phase == 0)
"""


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (Answer("sufficiency", 8), 0, "closed: sufficiency.hole is not found with these clauses"),
        (Answer("sufficiency", 8, (HOLE,)), 1, "still open: sufficiency.hole: One byte is lost."),
        (
            Answer("sufficiency", 8, undecided=("out of work",)),
            3,
            "UNDECIDED: sufficiency.hole: Give",
        ),
    ],
)
def test_whether_clauses_close_a_finding_is_answered(
    asked: dict[str, Any],
    tmp_path: Path,
    answer: Answer,
    code: int,
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "strict.py").write_text(CLAUSE, encoding="utf-8")
    asked["sufficiency"] = answer
    given = ["--clauses", str(tmp_path / "strict.py"), "--finding", "sufficiency.hole"]
    assert main(["audit", "-q", *given]) == code
    told = " ".join(capsys.readouterr().out.split())
    assert says in told
    assert "but more.strict is broken by the reference, which is meant to comply" in told


def test_interrupted_it_says_what_was_not_asked(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    asked["sufficiency"] = KeyboardInterrupt()
    assert main(["audit"]) == 130
    assert "PARTIAL, not asked: sufficiency, necessity" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--question", "consistencie"], "there is no question 'consistencie'; did you mean consistency?"),
        (["--finding", "sufficiency.hol"], "did you mean sufficiency.hole?"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(
    asked: dict[str, Any], arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *arguments]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ('consequence = "bytes"', 'consequence = "much"'),
            "is one of bytes, stuck, differ, wording",
        ),
        (('title = "A byte may go missing"\n', ""), "title is missing"),
        (('review = "Read', 'reviewer = "me"\nreview = "Read'), "reviewer is no part of a record"),
        (("[[finding.sentences]]", "sentences = []\n[other]"), "it cites no sentence"),
        (('id = "sufficiency.', 'id = "vacuity.'), "an id in this file starts with sufficiency."),
        (("[[finding]]", "[[finding"), "not TOML"),
        (
            ('review = "Read', 'see = ["vacuity.none"]\nreview = "Read'),
            "see names vacuity.none, which is no finding",
        ),
        (
            ('review = "Read', 'same = "vacuity.none"\nreview = "Read'),
            "same names vacuity.none, which is no finding that speaks for itself",
        ),
    ],
)
def test_a_record_that_is_wrong_is_named(written: Path, change: tuple[str, str], says: str) -> None:
    assert change[0] in RECORD
    (written / "sufficiency.toml").write_text(RECORD.replace(*change), encoding="utf-8")
    with pytest.raises(prose.ProseError, match="sufficiency") as raised:
        prose.load(written)
    assert says in str(raised.value)
