"""The strict patch applier: what does not fit is an error that names the hunk."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimneysweep.targets.chimney.miniports import materialise, patched
from chimneysweep.targets.chimney.miniports.patching import BadPatch, apply, parse

TEXT = "one\ntwo\nthree\nfour\nfive\n"
PATCH = """\
--- a/x.c
+++ b/x.c
@@ -2,3 +2,3 @@
 two
-three
+THREE
 four
"""


def patch(text: str, diff: str) -> str:
    return apply(text, parse(diff, "my.patch")["x.c"])


def test_a_hunk_replaces_its_lines() -> None:
    assert patch(TEXT, PATCH) == "one\ntwo\nTHREE\nfour\nfive\n"


def test_a_hunk_is_found_where_its_lines_have_moved_to() -> None:
    assert patch("zero\n" + TEXT, PATCH) == "zero\none\ntwo\nTHREE\nfour\nfive\n"


def test_a_later_hunk_follows_what_the_one_before_moved() -> None:
    diff = PATCH.replace("+THREE\n", "+THREE\n+more\n") + "@@ -5,1 +6,1 @@\n-five\n+FIVE\n"
    assert patch(TEXT.replace("one", "five"), diff) == "five\ntwo\nTHREE\nmore\nfour\nFIVE\n"


def test_a_hunk_whose_lines_are_not_there_is_named() -> None:
    with pytest.raises(BadPatch, match=r"my\.patch: the hunk at line 2 of x\.c does not fit"):
        patch(TEXT.replace("two", "2"), PATCH)


def test_a_hunk_that_fits_in_two_places_goes_where_its_number_says() -> None:
    assert patch(TEXT + TEXT, PATCH) == "one\ntwo\nTHREE\nfour\nfive\n" + TEXT
    with pytest.raises(BadPatch, match="fits in 2 places"):
        patch("zero\n" + TEXT + TEXT, PATCH)


def test_several_files_are_told_apart() -> None:
    changes = parse(PATCH + PATCH.replace("x.c", "y.c"), "my.patch")
    assert {file: len(hunks) for file, hunks in changes.items()} == {"x.c": 1, "y.c": 1}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "my.patch changes nothing"),
        ("some words\n", "line 1: 'some words' belongs to no hunk"),
        ("@@ -1,1 +1,1 @@\n-one\n+two\n", "line 1: '@@ -1,1 .* belongs to no hunk"),
        ("--- a/x.c\n+++ b/y.c\n", "line 1: '--- a/x.c' belongs to no hunk"),
        (PATCH + "words\n", "line 8: 'words' belongs to no hunk"),
    ],
)
def test_what_is_no_patch_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(BadPatch, match=complaint):
        parse(text, "my.patch")


def test_a_patch_of_a_file_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bugs").mkdir()
    (tmp_path / "bugs" / "mine.patch").write_text(PATCH, encoding="utf-8")
    monkeypatch.setattr(patched, "HERE", tmp_path)
    with pytest.raises(BadPatch, match=r"mine\.patch changes x\.c, which the reference does not have"):
        materialise("mine", tmp_path / "out")
