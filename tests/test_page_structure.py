"""The page of findings, read as a parser reads it: everything is there, escaped, and well-formed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from cli_stage import Stage, stage, violated
from exported import hostile
from pages_apart import CORPUS, Page, html, page
from sample_trace import sample

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.chimney.lanes import COURSES, LANES
from chimneysweep.counterexamples.exports.ci_report import CheckedRule, CiReport, RuleResult
from chimneysweep.counterexamples.page.document import MOST_DRAWN, render
from chimneysweep.counterexamples.storage import from_json, load, save, to_json
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.loading import SubjectRef

__all__ = ["stage"]  # a fixture


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_every_finding_of_the_corpus_is_there_step_by_step(file: Path) -> None:
    trace = load(file)
    shown = page(trace)
    numbers = [str(k) for k in range(len(trace.steps) + 1)]
    assert shown.unbalanced == []
    assert shown.having("data-step") == shown.having("data-state") == numbers
    for step in trace.steps:
        assert step.action in shown.text
        assert step.says in shown.text
        assert not step.at or f"{step.at.file}:{step.at.line}" in shown.text
    assert trace.violation is not None
    for broken in trace.violation.broken:
        assert broken.where in shown.text
    assert from_json(json.loads(shown.scripts[0])) == trace


def test_each_finding_of_a_run_is_there_and_the_contents_lead_to_it() -> None:
    shown = page(*(load(file) for file in CORPUS[:3]))
    targets = [a["href"].removeprefix("#") for tag, a in shown.elements if tag == "a"]
    assert (
        targets
        == [a["id"] for tag, a in shown.elements if tag == "article"]
        == [
            "finding-1",
            "finding-2",
            "finding-3",
        ]
    )
    ids = shown.having("id")
    assert len(ids) == len(set(ids))
    assert set(shown.having("aria-labelledby")) <= set(ids)


def test_a_run_without_findings_says_so() -> None:
    holds = RuleResult(CheckedRule("snd.una", "clause", "It holds.", ""), "holds", "proved with 3 lemmas")
    shown = Page(render(CiReport("check", "design mine", [holds], 0, ["proved: 1"])))
    assert "There is no finding." in shown.text
    assert "proved with 3 lemmas" in shown.text
    assert "proved: 1" in shown.text


def test_what_broke_is_marked_in_words_where_it_is_drawn() -> None:
    shown = page(load(next(file for file in CORPUS if file.stem.startswith("snd.una."))))
    wrong = [tag for tag, a in shown.elements if a.get("class") == "wrong"]
    assert wrong == ["p", "tr"]
    assert "What broke:" in shown.text


def test_nothing_is_marked_in_a_run_that_breaks_nothing() -> None:
    shown = page(dataclasses.replace(sample(), violation=None))
    assert "wrong" not in shown.having("class")
    assert "What broke:" not in shown.text


def test_what_a_stranger_wrote_is_text() -> None:
    shown = page(hostile())
    assert [tag for tag, _ in shown.elements].count("script") == 2
    assert not [tag for tag, _ in shown.elements if tag == "img"]
    assert shown.unbalanced == []
    assert not [name for _, a in shown.elements for name in a if name.startswith("on")]
    assert "\x1b" not in shown.text
    assert "\u202e" not in shown.text
    assert "\\x1b[31mred" in shown.text
    assert json.loads(shown.scripts[0]) == to_json(hostile())


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    written = html(sample())
    assert not [a for _, a in Page(written).elements if "src" in a or a.get("href", "#")[0] != "#"]
    assert "default-src 'none'" in written
    assert "@import" not in written
    assert "url(" not in written


def test_of_a_very_long_run_the_last_states_are_drawn() -> None:
    trace = sample()
    steps = [*trace.steps, *[dataclasses.replace(trace.steps[-1], changes={})] * (MOST_DRAWN + 5)]
    shown = page(dataclasses.replace(trace, steps=steps))
    assert len(shown.having("data-state")) == len(steps) + 1
    assert shown.text.count("only the last states are drawn") == len(steps) + 1 - MOST_DRAWN


def test_a_trace_of_a_subject_that_is_not_at_hand_is_told_by_its_names() -> None:
    subject = dataclasses.replace(sample().subject, ref=SubjectRef("gone.py"))
    shown = page(dataclasses.replace(sample(), subject=subject))
    assert "variables are told by their names" in shown.text
    assert "what has changed so far" in shown.text


def test_a_finding_without_a_trace_is_told_in_words() -> None:
    rule = CheckedRule("examples.one", "examples", "A figure is off.", "page.md")
    notes = [("computed", "SndUna: stated <1>, computed 2")]
    found = RuleResult(rule, "broken", "It says one thing.", notes=notes)
    shown = Page(render(CiReport("audit", "a toy", [found], 1)))
    assert "stated <1>" in shown.text
    assert shown.unbalanced == []


def test_every_event_has_its_course_between_the_lanes() -> None:
    """Those of a design, and those that are seen of a target."""
    of_a_design = CHIMNEY.system(CHIMNEY.the_reference, CHIMNEY.bounds).actions
    events = {one.name: one.actor for one in (*of_a_design, *CHIMNEY.events)}
    assert set(COURSES) == set(events)
    for name, course in COURSES.items():
        assert set(course) <= set(LANES)
        actor = events[name] if events[name] in LANES else ""
        assert actor in ("", *course), f"{name} is the {actor}'s, and does not pass it"


def written(file: Path) -> Page:
    return Page(file.read_text(encoding="utf-8"))


def test_show_writes_the_page(tmp_path: Path) -> None:
    save(sample(), tmp_path / "t.json")
    assert main(["show", str(tmp_path / "t.json"), "--html", str(tmp_path / "t.html")]) == 0
    assert from_json(json.loads(written(tmp_path / "t.html").scripts[0])) == sample()


def test_check_writes_each_violation_and_what_its_verdicts_rest_on(stage: Stage, tmp_path: Path) -> None:
    stage.verdicts |= {name: violated(name) for name in ("snd.una", "chain.order")}
    assert main(["check", "-q", "--html", str(tmp_path / "p.html")]) == 1
    shown = written(tmp_path / "p.html")
    assert [tag for tag, _ in shown.elements].count("article") == 2
    assert "2 broken" in shown.text
    assert "totality" in shown.text


def test_conform_writes_each_finding_and_what_was_tested(stage: Stage, tmp_path: Path) -> None:
    stage.conform = lambda: stage.report(violated("chain.order").trace, violated("snd.una", steps=4).trace)
    assert main(["conform", "mine.py:Mine", "-q", "--html", str(tmp_path / "p.html")]) == 1
    shown = written(tmp_path / "p.html")
    assert [tag for tag, _ in shown.elements].count("article") == 2
    assert "2 broken" in shown.text
    assert "9 runs (seed 5)" in shown.text


def test_audit_writes_what_is_stored_of_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "p.html"
    assert main(["audit", "-q", "-f", "consistency.block.linker", "--html", str(file)]) == 1
    shown = written(file)
    assert "consistency.block.linker: " in shown.text
    assert len(shown.scripts) == 2


def test_a_page_that_cannot_be_written_is_said(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-q", "--html", str(tmp_path / "no" / "p.html")]) == 2
    assert "there is no directory" in capsys.readouterr().err
