"""``check --propose-lemmas``: who brings no lemmas gets help; what is proposed is proved like all else."""

from __future__ import annotations

from pathlib import Path

import pytest
from house import ROOT

from chimneysweep.cli.main import main
from chimneysweep.engines.encode import Encoded, fresh_context
from chimneysweep.engines.samples import reachable
from chimneysweep.engines.templates import candidates, compiled, scopes
from chimneysweep.properties.loading import load_subject
from chimneysweep.properties.subject import Subject

MISTAKE = "    mine = And(conn.place != NOWHERE, conn.place != BACKLOG, Not(s.passed))\n"
MEND = "    mine = conn.place == OLD\n"


@pytest.fixture
def proxy(tmp_path: Path) -> Path:
    """The proxy of the examples, mended, without its lemma."""
    text = (ROOT / "examples" / "proxy.py").read_text(encoding="utf-8")
    assert MISTAKE in text
    file = tmp_path / "mended_proxy.py"
    file.write_text(text.replace(MISTAKE, MEND), encoding="utf-8")
    return file


def check(*argv: object) -> int:
    return main(["check", "-q", "--bound", "connections=1", "--depth", "2", *map(str, argv)])


@pytest.mark.slow
def test_a_proof_that_does_not_close_gets_lemmas(
    proxy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lemmas = tmp_path / "lemmas.py"
    assert check(proxy) == 3, "without them it is open"
    assert check(proxy, "--propose-lemmas", lemmas) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Not inductive without help: bytes.in-order, bytes.kept" in told
    assert "ALL HOLD: design proxy, 4 of 4 properties" in told
    assert "message" in lemmas.read_text(encoding="utf-8"), "the value of an enum is told by its label"
    assert check(proxy, "--clauses", lemmas) == 0, "and the file is kept"
    before = lemmas.read_text(encoding="utf-8")
    assert check(proxy, "--propose-lemmas", lemmas) == 2, "nothing is overwritten"
    assert lemmas.read_text(encoding="utf-8") == before


def test_what_is_true_where_two_variables_have_a_value_is_proposed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lemmas, file = tmp_path / "lemmas.py", ROOT / "tests" / "moved_socket.py"
    assert main(["check", "-q", str(file), "--depth", "2", "--propose-lemmas", str(lemmas)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert (
        "where s.dumped and s.place == 'old host'" in told
        or "where s.place == 'old host' and s.dumped" in told
    )
    assert "ALL HOLD: design moved-socket, 2 of 2 properties" in told


def test_a_lemma_says_that_one_number_is_less_than_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no invariant where an enum may have any number: that it has one of its values is known."""
    lemmas, file = tmp_path / "lemmas.py", ROOT / "tests" / "passed_worker.py"
    assert main(["check", "-q", str(file), "--depth", "2"]) == 3
    told = capsys.readouterr().out
    assert "not inductive (not preserved by Send)" in told
    assert "who owns the connection: 3" not in told
    assert "To help a proof: write a lemma, or let --propose-lemmas FILE.py look" in " ".join(told.split())
    assert main(["check", "-q", str(file), "--depth", "2", "--propose-lemmas", str(lemmas)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "s.used < s.copied where s.owner == 'nobody'" in told
    assert "To help" not in told


def test_a_lemma_says_by_how_much_two_numbers_are_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lemmas, file = tmp_path / "lemmas.py", ROOT / "tests" / "sealed_records.py"
    assert main(["check", "-q", str(file), "--depth", "2", "--propose-lemmas", str(lemmas)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "way.seq == way.peer_seq + 1 where way.half" in told
    assert "way.epoch == way.peer_epoch." in told, "that neither is less is said in one word"
    assert "ALL HOLD: design sealed-records, 2 of 2 properties" in told


def test_what_is_false_stays_false(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--propose-lemmas", tmp_path / "lemmas.py", "--depth", "7", "-p", "bytes.kept")
    assert check(ROOT / "examples" / "proxy.py", *asked) == 1
    assert "No lemma was found" in capsys.readouterr().out
    assert not (tmp_path / "lemmas.py").exists()


def test_what_is_proved_needs_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("-p", "connections.kept", "--propose-lemmas", tmp_path / "lemmas.py")
    assert check(ROOT / "examples" / "proxy.py", *asked) == 0
    assert "no lemma is needed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "more", [["--design", "all"], ["--design", "chain-reversed", "--design", "una-is-nxt"]]
)
def test_one_design_at_a_time(more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *more, "--propose-lemmas", str(tmp_path / "lemmas.py")]) == 2
    assert "one design at a time" in capsys.readouterr().err


def a_subject(proxy: Path) -> Subject:
    return load_subject(str(proxy))


def test_no_candidate_contradicts_a_state_that_was_seen(proxy: Path) -> None:
    subject = a_subject(proxy)
    system = subject.system(subject.the_reference, subject.bounds)
    fresh_context()
    states = reachable(Encoded(system), subject.first(system.template))
    assert states == reachable(Encoded(system), subject.first(system.template)), "the same each time"
    found = [f for scope in scopes(system.template) for f in candidates(scope, scope.rows(states))]
    assert len(found) > 100
    for formula in found:
        holds = compiled(formula.code)
        assert all(holds(state) for state in states), formula.code
    few = states[:3]
    more = [f for scope in scopes(system.template) for f in candidates(scope, scope.rows(few))]
    assert not all(compiled(f.code)(state) for f in more for state in states), (
        "with few states some are wrong"
    )


ONE_WALK = """
from chimneysweep import And, count, update
from chimneysweep.chimney import NULL, PENDING, REFERENCE


def given_up(design, s, c, when):
    return [*design.complete_acknowledged(s, c, s.conns[c].block != NULL), *design.given_up(s, c, when)]


def written(design, s, c):
    conn = s.conns[c]
    done = count(And(buf.status == PENDING, buf.end <= conn.own.una) for buf in conn.bufs)
    left = update(conn, own=update(conn.own, first=conn.own.first + done))
    return design.written(s.with_conn(c, left), c)


ONE_WALK = REFERENCE.but(
    "one-walk",
    "Completes acknowledged sends while it fills the tree.",
    complete_acknowledged=lambda design, s, c, when: [],
    given_up=given_up,
    written=written,
)
"""


@pytest.mark.slow
def test_what_is_left_of_a_lemma_that_fell_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hand-off algorithm of the examples, mended, without the lemma that is true of it."""
    design, lemmas = tmp_path / "one_walk.py", tmp_path / "lemmas.py"
    design.write_text(ONE_WALK, encoding="utf-8")
    world = ["--buffers", "2", "--blocks", "1", "--connections", "1", "--requests", "1"]
    asked = ["check", "-q", "--design", str(design), *world, "--propose-lemmas", str(lemmas)]
    assert main(asked) == 0
    assert "lemma.sends-drained holds where s.filled" in capsys.readouterr().out
