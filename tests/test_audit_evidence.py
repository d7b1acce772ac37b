"""Stored evidence of findings: told at once, replayed, and computed anew where it does not fit any more."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chimneysweep.audit import evidence
from chimneysweep.audit.asking import asked, misreported, recalled
from chimneysweep.audit.chimney.material import AUDITED, FOLDER
from chimneysweep.audit.finding import Computed, Finding
from chimneysweep.audit.jobs import Inquiry
from chimneysweep.audit.prose import load
from chimneysweep.cli.main import main
from chimneysweep.counterexamples.trace import Trace

STORED = evidence.load(FOLDER / "findings")
HOLE = "sufficiency.send-uploaded-last"


def test_what_is_written_about_has_its_evidence() -> None:
    assert sorted(STORED) == sorted(load(FOLDER / "findings")), "chimneysweep audit --keep"


def test_every_stored_situation_replays() -> None:
    assert list(misreported(AUDITED, list(STORED.values()))) == []


def test_what_is_computed_at_once_is_todays() -> None:
    told = dict(asked(Inquiry(AUDITED), ["examples", "vocabulary"], lambda text: None))
    found = {f.id: f for answer in told.values() for f in answer.findings}
    assert found == {name: f for name, f in STORED.items() if f.question in told}


def test_a_stored_finding_is_told_without_asking(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chimneysweep.audit.asking.audit", None)
    assert main(["audit", "-q", "--finding", HOLE]) == 1
    out = capsys.readouterr().out
    assert "1 FINDING in the TCP chimney hand-off (as stored; --again looks anew)" in " ".join(out.split())
    assert "guarantee.send-kept" in out


def _written(folder: Path, finding: Finding) -> Path:
    evidence.save(folder, [finding])
    return folder


def test_what_does_not_replay_any_more_is_not_told(tmp_path: Path) -> None:
    audited = dataclasses.replace(AUDITED, findings=tmp_path)
    assert recalled(audited, [HOLE]) is None, "nothing is stored"
    _written(tmp_path, STORED[HOLE])
    assert recalled(audited, [HOLE]) is not None
    situation = STORED[HOLE].situation
    assert isinstance(situation, Trace)
    broken = dataclasses.replace(situation, steps=situation.steps[1:])
    _written(tmp_path, dataclasses.replace(STORED[HOLE], situation=broken))
    assert recalled(audited, [HOLE]) is None


def test_findings_come_back_as_they_were_stored(tmp_path: Path) -> None:
    table = Finding("examples.sum", "examples", ("a", "b"), "wrong", Computed("Counted:", (("n", "1", "2"),)))
    for finding in (table, STORED[HOLE]):
        assert evidence.load(_written(tmp_path, finding)) == {finding.id: finding}


def test_without_a_place_nothing_can_be_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parent.parent / "examples" / "ticket_shop.py").read_text(encoding="utf-8")
    (tmp_path / "shop.py").write_text(text, encoding="utf-8")
    assert main(["audit", "-q", str(tmp_path / "shop.py"), "--question", "vacuity", "--keep"]) == 2
    assert "there is nowhere to keep it" in capsys.readouterr().err
