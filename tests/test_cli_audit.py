"""``chimneysweep audit`` on users' files: a subject of theirs, and clauses that are to close a finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from house import ROOT

from chimneysweep.cli.main import main

TICKETS = (ROOT / "examples" / "ticket_shop.py").read_text(encoding="utf-8")

THRIFT = '''
from chimneysweep.properties.property import clause, conjunct

@clause("thrift", "house rules", each=lambda s: [("the counter", ())])
def thrift(s):
    """No more are handed over than were asked for."""
    return s.answered, conjunct("no more", s.given <= {most})
'''

HOLE = "sufficiency.tickets-not-given-away"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A user's file with a subject and what is known of it for the audit."""
    file = tmp_path / "shop.py"
    file.write_text(TICKETS, encoding="utf-8")
    return file


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_a_users_specification_is_audited(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "-q", str(shop)]) == 1
    out = told(capsys)
    assert HOLE in out
    assert "not asked necessity: every clause is stated" in out
    assert "not asked examples: there are no worked examples" in out
    assert "1 FINDING in a shop sells tickets" in out


def test_a_subject_alone_is_asked_what_can_be_asked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TICKETS[: TICKETS.index("SPECIFIED")]
    shop.write_text(text, encoding="utf-8")
    assert main(["audit", "-q", f"{shop}:SHOP"]) == 1
    out = told(capsys)
    assert "sufficiency.open-none-wasted" in out
    assert "not asked consistency: nothing says when an answer of the target is due" in out


@pytest.mark.parametrize(
    ("most", "code", "says"),
    [
        ("s.asked", 0, f"closed: {HOLE} is not found with these clauses"),
        ("s.asked + 1", 1, f"still open: {HOLE}: every clause is kept, and none.wasted is broken in 2 steps"),
    ],
)
def test_whether_a_clause_closes_a_hole_is_answered(
    shop: Path, most: str, code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = shop.with_name("thrift.py")
    extra.write_text(THRIFT.replace("{most}", most), encoding="utf-8")
    assert main(["audit", "-q", str(shop), "--clauses", str(extra), "--finding", HOLE]) == code
    assert says in told(capsys)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            '"Give", settled',
            '"Gives", settled',
            "there is no event 'Gives' of the most general",
        ),
        (
            'guards="none.wasted"',
            'guards="none"',
            "tickets.not-given-away: there is no guarantee 'none'",
        ),
        (
            '"Give", guards',
            '"Given", guards',
            "there is no event 'Given'; did you mean Give?",
        ),
        (
            "rules=(sparing,))",
            "rules=(sparing,), decided=(Decision('d', '', '', (), ('all',)),))",
            "d: there is no guarantee 'all'",
        ),
        (
            "rules=(sparing,))",
            "rules=(sparing,), occurrences=Occurrences(('none is left',), (('open',),)))",
            "the table of events: none is left, open: is unsaid, and nothing is written about it",
        ),
        ("rules=(sparing,))", "rules=(sparing,))\nOTHER = Audited(SHOP)", "are both about shop; leave one"),
        ("s.given >= s.asked", "s.given >= s.aske", "Counter has no field 'aske'; did you mean asked?"),
    ],
)
def test_what_is_wrong_with_a_users_file_is_said_as_theirs(
    shop: Path, old: str, new: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old in TICKETS
    names = ("occurrences import Occurrences", "rules import Decision")
    more = "".join(f"from chimneysweep.audit.{name}\n" for name in names)
    text = TICKETS.replace(old, new).replace("import dataclasses\n", f"import dataclasses\n{more}", 1)
    shop.write_text(text, encoding="utf-8")
    assert main(["audit", "-q", str(shop)]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_a_subject_without_rules_has_nothing_to_ask(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TICKETS[: TICKETS.index("SPECIFIED")].replace("(enough, exactly, wasted)", "()")
    shop.write_text(text, encoding="utf-8")
    assert main(["audit", "-q", f"{shop}:SHOP"]) == 2
    assert "has no clause and no guarantee, so there is nothing to ask" in capsys.readouterr().err


# The chimney: the example that closes a real finding.

UPLOADED = "sufficiency.send-uploaded-last"


@pytest.mark.slow
def test_the_example_closes_the_hole_that_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    example = str(ROOT / "examples" / "uploaded_last.py")
    assert main(["audit", "-q", "--finding", UPLOADED]) == 1
    assert main(["audit", "-q", "--clauses", example, "--finding", UPLOADED]) == 0
    assert f"closed: {UPLOADED} is not found with these clauses" in told(capsys)


ONCE = '''
from chimneysweep.properties.property import clause, conjunct

@clause("complete.once", "proposal", each=lambda world: [("the tree", ())])
def once(world):
    """A terminate request is completed once, also when the hardware fails."""
    return True, conjunct("it is not completed again", world.completions <= {most})
'''


@pytest.mark.parametrize(("most", "code"), [("1", 0), ("2", 1)])
def test_a_clause_for_the_chimney_closes_a_hole_or_does_not(tmp_path: Path, most: str, code: int) -> None:
    (tmp_path / "once.py").write_text(ONCE.replace("{most}", most), encoding="utf-8")
    given = ["--clauses", str(tmp_path / "once.py"), "--finding", "sufficiency.complete-once"]
    assert main(["audit", "-q", *given]) == code


def test_what_no_budget_settles_is_undecided_and_not_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "-q", "--question", "necessity", "--patience", "0.000001"]) == 3
    told = " ".join(capsys.readouterr().out.split())
    assert "UNDECIDED: 1 question not settled" in told
    assert "open necessity.chain-advanced is not found so far" in told
    assert "NOTHING FOUND" not in told
    assert "no longer found" not in told


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0"])
def test_patience_is_a_factor(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--patience", value]) == 2
    assert "is no factor above 0" in capsys.readouterr().err


@pytest.mark.parametrize("width", [80, 120])
def test_a_finding_is_wrapped_once(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of its situation have their width already: a line is filled as far as its words allow."""
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["audit", "-q", "--finding", "sufficiency.send-uploaded-last"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    steps = [k for k, line in enumerate(lines) if re.match(r" \d  target: ", line)]
    assert steps
    for at in steps:
        rest = lines[at + 1]  # of the step, if it is indented
        assert not rest.startswith("    ") or len(lines[at]) + 1 + len(rest.split()[0]) > width
