"""``chimneysweep new``: a C miniport in a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimneysweep.cli.main import main
from chimneysweep.targets.chimney.miniports.patched import REFERENCE


def test_the_reference_is_copied_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deep" / "driver"
    assert main(["new", str(folder)]) == 0
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        p.name: p.read_bytes() for p in REFERENCE.iterdir()
    }
    assert f"next: chimneysweep conform {folder}" in capsys.readouterr().out


def test_what_to_type_next_can_be_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my driver"
    assert main(["new", str(folder)]) == 0
    assert f"next: chimneysweep conform '{folder}'" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["tail-forgotten", "tail_forgotten", "miniports/tail_forgotten"])
def test_a_buggy_one_differs_where_its_patch_says(name: str, tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "driver"), "--like", name]) == 0
    changed = [
        p.name for p in REFERENCE.iterdir() if (tmp_path / "driver" / p.name).read_bytes() != p.read_bytes()
    ]
    assert len(changed) == 1


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.c").write_text("int mine;\n", encoding="utf-8")
    assert main(["new", str(tmp_path)]) == 2
    assert "is not empty, and nothing in it is overwritten" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.c"]


def test_an_unknown_name_is_answered_with_a_near_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "driver"), "--like", "tail_forgoten"]) == 2
    assert "did you mean tail-forgotten" in capsys.readouterr().err
    assert not (tmp_path / "driver").exists()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_protocol_to_start_from_holds_as_it_is(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "--subject", "my_protocol"]) == 0
    assert "next: chimneysweep check my_protocol.py" in capsys.readouterr().out
    assert main(["check", "-q", "my_protocol.py"]) == 0
    told = capsys.readouterr().out
    assert "ALL HOLD" in told
    assert "covers       my-protocol: queue" in told


def test_what_its_comment_proposes_breaks_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new", "--subject", "my_protocol.py"])
    text = Path("my_protocol.py").read_text(encoding="utf-8")
    assert "# Try it: leave `Not(s.offering)` out of the line above" in text
    line = "    may = And(Not(s.offering), s.held_from < s.held_to)\n"
    assert text.count(line) == 1
    Path("my_protocol.py").write_text(
        text.replace(line, "    may = s.held_from < s.held_to\n"), encoding="utf-8"
    )
    assert main(["check", "-q", "my_protocol.py"]) == 1
    assert "breaks guarantee messages.kept in 4 steps" in capsys.readouterr().out


SMALL = ("--buffers=2", "--blocks=1", "--connections=1", "--requests=1")


def test_a_design_to_start_from_keeps_what_it_says(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "--design", "my_design"]) == 0
    asked = ("--design", "my_design.py", "-p", "snd.max", "-p", "ack.delayed-sent")
    assert f"next: chimneysweep check {' '.join(asked)}" in capsys.readouterr().out
    assert main(["check", "-q", *asked, *SMALL]) == 0
    assert "ALL HOLD: design my_design.py, 2 of 2 properties" in capsys.readouterr().out


def test_what_the_comment_of_a_design_proposes_breaks_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new", "--design", "my_design"])
    text = Path("my_design.py").read_text(encoding="utf-8")
    proposed = "return update(given, snd_max=given.snd_nxt)"
    assert f"# Try it: {proposed} instead" in text
    changed = text.replace("    return update(given, snd_max=given.snd_max)\n", f"    {proposed}\n")
    Path("my_design.py").write_text(changed, encoding="utf-8")
    assert main(["check", "-q", "--design", "my_design.py", "-p", "snd.max", *SMALL]) == 1
    assert "breaks clause snd.max in 7 steps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ([], "give one of DIR"),
        (["x", "--design", "y"], "give one of DIR"),
        (["--design", "my-design"], "'my-design' is no name for a Python file"),
        (["--design", "none/such/my_design"], "cannot write none/such/my_design.py"),
        (["--subject", "taken"], "taken.py is there already"),
    ],
)
def test_a_start_that_cannot_be_written(
    here: Path, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    Path("taken.py").write_text("mine = 1\n", encoding="utf-8")
    assert main(["new", *argv]) == 2
    assert told in capsys.readouterr().err
    assert Path("taken.py").read_text(encoding="utf-8") == "mine = 1\n"
