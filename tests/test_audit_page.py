"""docs/audit.md and docs/matrix.md say what the audit finds today."""

from __future__ import annotations

import re

import pytest
from house import ROOT

from chimneysweep.audit import mutation
from chimneysweep.audit.asking import audit
from chimneysweep.audit.chimney.material import AUDITED, FOLDER
from chimneysweep.audit.jobs import answer
from chimneysweep.audit.matrix_page import mutation_page
from chimneysweep.audit.page import page
from chimneysweep.audit.prose import load

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
NAMED = re.compile(r"^`(\w+\.\S+)`$|From another side \((\S+)\): ", re.MULTILINE)
WRITTEN = load(FOLDER / "findings")


def test_the_page_tells_every_finding_that_is_written_about_and_no_other() -> None:
    assert sorted("".join(names) for names in NAMED.findall(PAGE)) == sorted(WRITTEN)


def test_the_page_has_todays_words() -> None:
    lacking = [
        (prose.id, words)
        for prose in WRITTEN.values()
        for words in (prose.title, prose.why, prose.wording, prose.review, *(s.says for s in prose.sentences))
        if words not in PAGE
    ]
    assert lacking == [], "chimneysweep audit --page docs/audit.md"


@pytest.mark.slow
def test_the_audit_finds_today_what_the_page_says() -> None:
    found = audit(AUDITED)
    assert (found.stale, found.open, found.misreported, found.undecided) == ((), (), (), False)
    assert all(reviewed.prose for reviewed in found.every)
    assert page(found) == PAGE


@pytest.mark.slow
def test_the_matrix_is_todays() -> None:
    found = answer(AUDITED, mutation.matrix(AUDITED))
    assert found.idle_columns() == ()
    assert mutation_page(found) == (ROOT / "docs" / "matrix.md").read_text(encoding="utf-8")
