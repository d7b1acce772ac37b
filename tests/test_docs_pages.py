"""What the pages of docs show is what happens: their commands are run, and the outcome compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ELIDED, ROOT, apply, decisive, played, rewritten

PAGES = ("own-protocol.md", "own-design.md")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_happens(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    shown = 0
    for command, says, prints in played(ROOT / "docs" / name, tmp_path):
        expected, found = decisive(says), decisive(prints)
        if ELIDED in says.splitlines():
            found = [line for line in found if line in expected]
        assert expected == found, command
        shown += len(expected)
    assert shown > 15, "the page shows something"


PAGE = """\\
```console
$ chimneysweep new --subject mine
$ chimneysweep check mine.py
ALL HOLD: {design}, 3 of 3 properties
...
```
"""


def test_a_page_that_says_something_else_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE.format(design="design another"), encoding="utf-8")
    (_, _, _), (_, says, prints) = played(tmp_path / "page.md", tmp_path / "one")
    assert decisive(says)[0] not in decisive(prints)


def test_a_page_is_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(
        PAGE.format(design="design another").replace("...\n", ""), encoding="utf-8"
    )
    new = rewritten(tmp_path / "page.md", tmp_path / "one")
    assert "design another" not in new
    assert "  covers       mine: queue\n" in new


def test_a_change_that_does_not_fit_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.py").write_text("a = 1\nb = 2\n", encoding="utf-8")
    apply("--- f.py\n@@\n a = 1\n-b = 2\n+b = 3\n")
    assert Path("f.py").read_text(encoding="utf-8") == "a = 1\nb = 3\n"
    with pytest.raises(AssertionError, match="does not have once"):
        apply("--- f.py\n@@\n-b = 2\n+b = 3\n")


DRIVERS = [ROOT / "README.md", ROOT / "docs" / "drivers.md"]
REFERENCE = ROOT / "targets" / "chimney" / "miniports" / "reference"


def test_who_reads_on_makes_no_folder_twice() -> None:
    made = [
        n for page in DRIVERS for n in re.findall(r"chimneysweep new (\w+)", page.read_text(encoding="utf-8"))
    ]
    assert len(made) > 3
    assert len(set(made)) == len(made), made


def test_a_bug_is_where_the_reader_is_sent() -> None:
    """The source that is named is the one that the bug changes, and comments are as they stand there."""
    page = DRIVERS[1].read_text(encoding="utf-8")
    found = re.search(r"--like ([\w-]+).*?Mend it \(in `(\w+\.c)`", page, re.S)
    assert found is not None
    patch = (REFERENCE.parent / "bugs" / f"{found[1]}.patch").read_text(encoding="utf-8")
    assert f"+++ b/{found[2]}" in patch
    code = "".join(file.read_text(encoding="utf-8") for file in REFERENCE.glob("*.c"))
    comments = re.findall(r"`/\* (.*?) \*/`", page)
    assert comments
    assert all(comment in code for comment in comments)
