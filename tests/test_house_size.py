"""Files and functions stay small enough to read in one go. There are no exceptions."""

from __future__ import annotations

from pathlib import Path

from house import ROOT, files, functions, sources

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def too_long(root: Path) -> list[str]:
    """Each file and function of the rooms under *root* that is longer than it may be."""
    found = []
    for path in sources(root):
        name = path.relative_to(root)
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            found.append(f"{name}: {lines} lines")
        for function in functions(path):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                found.append(f"{name}:{function.lineno}: {function.name} has {length} lines")
    return found


def too_long_in_c(root: Path) -> list[str]:
    """Each file in C, headers too, that is longer than it may be."""
    lengths = {
        p.relative_to(root): p.read_text(encoding="utf-8") for p in files(root) if p.suffix in {".c", ".h"}
    }
    return [str(name) for name, text in lengths.items() if text.count("\n") > LONGEST_FILE]


def test_nothing_is_too_long() -> None:
    assert not too_long(ROOT)


def test_what_is_too_long_is_caught(tmp_path: Path) -> None:
    room = tmp_path / "model"
    room.mkdir()
    (room / "fine.py").write_text("def f():\n" + "    pass\n" * 39, encoding="utf-8")
    (room / "deep.py").write_text("class C:\n  def f(self):\n" + "    pass\n" * 40, encoding="utf-8")
    (room / "long.py").write_text("x = 1\n" * 401, encoding="utf-8")
    found = too_long(tmp_path)
    assert found == [
        f"{Path('model', 'deep.py')}:2: f has 41 lines",
        f"{Path('model', 'long.py')}: 401 lines",
    ]


def test_no_file_in_c_is_too_long() -> None:
    assert not too_long_in_c(ROOT)


def test_a_header_that_is_too_long_is_caught(tmp_path: Path) -> None:
    (tmp_path / "fine.c").write_text("int x;\n" * 400, encoding="utf-8")
    (tmp_path / "long.h").write_text("int x;\n" * 401, encoding="utf-8")
    assert too_long_in_c(tmp_path) == ["long.h"]
