"""No file names a place that only one machine has, or the host of a package registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from house import ROOT, files

# Spelt in pieces, so that this file is not the first to break the rule.
HOSTS = (
    "pypi" + r"\.org",
    "python" + "hosted",
    "npm" + r"js\.(org|com)",
    "crates" + r"\.io",
    "proxy.golang" + ".org",
)
PLACES = ("/wo" + r"rk/", "/ro" + r"ot/", "/ho" + r"me/\w", r"C:\\" + r"Users\\\w")
FORBIDDEN = re.compile("|".join((*HOSTS, *(rf"(?<![\w.]){place}" for place in PLACES))))


def offences(root: Path) -> list[str]:
    """Each line of the project under *root* that names such a place: file, line number, and the line."""
    found = []
    for path in files(root):
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {line.strip()[:100]}")
    return found


def test_no_file_names_a_registry_or_a_private_place() -> None:
    assert not offences(ROOT)


@pytest.mark.parametrize(
    "line",
    [
        "see https://files.python" + "hosted.org/packages/x.whl",
        "--index-url https://pypi" + ".org/simple",
        "# kept in /wo" + "rk/shared",
        "open('/ho" + "me/anna/x')",
    ],
)
def test_a_file_that_does_is_caught(tmp_path: Path, line: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(f"first\n{line}\n", encoding="utf-8")
    assert [found.split(": ")[0] for found in offences(tmp_path)] == [f"{Path('docs', 'page.md')}:2"]


def test_ordinary_paths_and_addresses_are_no_offence(tmp_path: Path) -> None:
    fine = "a/network/b src/work/x https://www.rfc-editor.org/rfc/rfc9293 homework/x"
    (tmp_path / "page.md").write_text(fine, encoding="utf-8")
    assert not offences(tmp_path)
