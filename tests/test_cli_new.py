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
