"""docs/audit.md and docs/matrix.md say what the audit finds today."""

from __future__ import annotations

import re

import pytest

from chimneysweep.audit import matrix_page, mutation
from chimneysweep.audit.page import DOCUMENT, page
from chimneysweep.audit.prose import load
from chimneysweep.audit.run import audit
from chimneysweep.audit.spec import the_spec
from chimneysweep.properties.chimney.subject import CHIMNEY

HEADING = re.compile(r"^## (\w+\..+)$", re.MULTILINE)


def test_the_page_tells_every_finding_that_is_written_about_and_no_other() -> None:
    assert sorted(HEADING.findall(DOCUMENT.read_text(encoding="utf-8"))) == sorted(load())


def test_the_page_has_todays_words() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    lacking = [
        (prose.id, words)
        for prose in load().values()
        for words in (prose.title, prose.why, prose.wording, prose.review, *(s.says for s in prose.sentences))
        if words not in text
    ]
    assert lacking == [], "chimneysweep audit --page docs/audit.md"


@pytest.mark.slow
def test_the_audit_finds_today_what_the_page_says() -> None:
    found = audit(the_spec(), load(), patience=5.0)
    assert (found.stale, found.misreported) == ((), ())
    assert all(reviewed.prose for reviewed in found.findings)
    assert page(found) == DOCUMENT.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_matrix_is_todays() -> None:
    """What stands with a star depends on which of several shortest runs the solver finds."""
    found = mutation.matrix(budget=600.0)
    assert found.idle_columns() == ()
    text = matrix_page.DOCUMENT.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([\w-]+) \| (.*) \|$", text, re.MULTILINE))
    for bug in CHIMNEY.bugs.values():
        if bug.breaks in found.columns:
            steps = found.cell(bug.name, bug.breaks).show()
            assert f"`{bug.breaks}` {steps}" in rows[bug.name].split(", ")
    assert set(found.rows) <= set(rows)
