"""Completeness: lists, references, standings and signals, on toys with one planted defect each."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from audit_toys import ask as asked
from house import ROOT
from specification import SPEC, needs_spec

from chimneysweep.audit import prose
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney import text_index
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.name_index import dump, load
from chimneysweep.audit.chimney.sentences import read_spec
from chimneysweep.audit.finding import Answer, Computed
from chimneysweep.audit.questions import completeness, terminology
from chimneysweep.audit.vocabulary import Vocabulary

PAGES = {
    "pages/toys.md": """# Toys

A target must do the following:

- It gives TOY_STATE back.

For more, see Toys of the House [-> house.md]. It keeps RFC 2.
""",
    "pages/house.md": """# Toys of the House

A target must do the following:

- It gives TOY_STATE back.

### State

What it was given. See *Toys* [-> toys.md].
""",
    "pages/kept.md": "# Kept\n\n- RFC 1\n- RFC 2\n",
    "pages/old.md": "# Old\n\n- RFC 3\n",
}
TERMS = """
spelling = []
meaning = []
[elsewhere]
"nobody" = ["TOY_STATE"]
[[signal]]
id = "completeness.toy"
name = "TOY_STATE"
asks = "What then?"
given = [{ page = "pages/toys.md", heading = "Toys", fingerprint = "000000000000", says = "given back" }]
taken = [{ page = "pages/house.md", heading = "State", fingerprint = "000000000000", says = "kept" }]
[[standing]]
id = "completeness.rfcs"
says = "RFCs"
barred = "pages/old.md"
[standing.pages]
"pages/kept.md" = "^- "
"pages/old.md" = "^- "
[[list]]
id = "completeness.list"
says = "States"
pattern = 'TOY_\\w+'
[list.pages]
"pages/toys.md" = "Toys|More"
"pages/house.md" = "Toys.*"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def toy(folder: Path, page: str = "", old: str = "", new: str = "", terms: str = TERMS) -> Audited:
    """The toy's pages, with *new* in the place of *old* on one of them."""
    assert not page or old in PAGES[page]
    pages = PAGES | ({page: PAGES[page].replace(old, new)} if page else {})
    (folder / "terms.toml").write_text(terms, encoding="utf-8")
    (folder / "names.toml").write_text(dump(pages, folder / "terms.toml"), encoding="utf-8")
    vocabulary = load(folder / "names.toml", folder / "terms.toml")
    return dataclasses.replace(AUDITED, examples=(), vocabulary=vocabulary)


def test_a_sound_toy_has_no_finding(folder: Path) -> None:
    answer = asked(completeness, toy(folder))
    assert answer.findings == ()
    whats = [s.what for s in answer.sound]
    assert whats[:2] == ["States", "TOY_STATE: What then?"]
    assert len(whats) == 2 + len(AUDITED.vocabulary.checks), "every look through the pages found nothing"
    assert completeness.missing(dataclasses.replace(AUDITED, vocabulary=Vocabulary()))


ITEM = "- It gives TOY_STATE back."


@pytest.mark.parametrize(
    ("page", "old", "new", "finding", "row"),
    [
        ("pages/toys.md", f"{ITEM}\n", "## More\n\nTOY_STATE.\n", "list-toys", "nothing follows"),
        ("pages/house.md", "gives", "throws", "list-toys", "it begins in way 2 of 2"),
        ("pages/house.md", ITEM, "- It gives TOY_STATE, TOY_TWO back.", "list", "without TOY_TWO"),
        ("pages/house.md", "What it was given. See *Toys* [-> toys.md].", "", "without-text", "not a word"),
        ("pages/toys.md", "[-> house.md]", "[-> kept.md]", "references", "leads to pages/kept.md"),
        ("pages/toys.md", "Toys of the House [-> house.md]", "Toys of a Child", "references", "no page has"),
        ("pages/old.md", "RFC 3", "RFC 2", "rfcs", "and of pages/old.md"),
        ("pages/toys.md", "RFC 2", "RFCs 2 and 3", "rfcs", "used by pages/toys.md"),
    ],
)
def test_a_planted_defect_is_the_one_finding(
    folder: Path, page: str, old: str, new: str, finding: str, row: str
) -> None:
    audited = toy(folder, page, old, new)
    found = asked(completeness, audited)
    assert [f.id for f in found.findings] == [f"completeness.{finding}"]
    shown = found.findings[0].situation
    assert isinstance(shown, Computed)
    assert any(row in cells[2] for cells in shown.rows), shown.rows
    others = {f.id for f in asked(terminology, audited).findings}
    assert others <= {"vocabulary.name-toy-two"}, "it is a defect of no other kind"


@pytest.mark.parametrize(("use", "says"), [("taken", "said nowhere"), ("given", "nobody is said to give it")])
def test_a_signal_that_leads_to_nothing_or_comes_from_nobody(folder: Path, use: str, says: str) -> None:
    terms = "\n".join(line for line in TERMS.splitlines() if not line.startswith(f"{use} ="))
    (finding,) = asked(completeness, toy(folder, terms=terms)).findings
    assert finding.id == "completeness.toy"
    assert says in finding.shows


# The specification itself.


@pytest.fixture(scope="module")
def answer() -> Answer:
    return asked(completeness, AUDITED)


def test_every_finding_was_written_about_and_nothing_else(answer: Answer) -> None:
    written = prose.load(ROOT / "audit" / "chimney" / "findings")
    assert {f.id for f in answer.findings} == {n for n in written if n.startswith("completeness.")}


@needs_spec
def test_what_signals_say_is_tied_to_their_sentences() -> None:
    there = {(s.page, s.heading, s.fingerprint) for s in read_spec(SPEC)}
    signals = AUDITED.vocabulary.signals
    assert len(signals) >= 12
    assert [
        p for s in signals for p in (*s.given, *s.taken) if (p.page, p.heading, p.fingerprint) not in there
    ] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("see RFC 1 and RFCs 2, 3, and 4.", "1234"),
        ("RFCs: 5 and 6", "56"),
        ("RFC 7--A Protocol", "7"),
        ("7", ""),
    ],
)
def test_numbers_of_rfcs_are_read(text: str, numbers: str) -> None:
    assert text_index.rfcs(text) == tuple(numbers)
