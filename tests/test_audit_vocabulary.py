"""The vocabulary: names taken from the text, and what does not fit together among them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from audit_toys import ask as asked
from house import ROOT
from specification import SPEC, needs_spec

from chimneysweep.audit import prose
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney import name_index as kept
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.name_index import (
    VocabularyError,
    dump,
    load,
    members,
    names,
    read_pages,
)
from chimneysweep.audit.chimney.sentences import read_spec, runs
from chimneysweep.audit.finding import Answer, Computed
from chimneysweep.audit.questions import terminology, worked_examples
from chimneysweep.audit.vocabulary import Listing, Meaning, Said, Spelling, Vocabulary

WRITTEN = ROOT / "audit" / "chimney" / "findings"
PAGES = {
    "ddi/ns-toy.md": """# _TOY_STATE structure

## -struct-fields

### -field Header

### -field SndUna

The first byte of TOY_STATE.

### -field SndMax

## -see-also

NdisMToyComplete
""",
    "ddi/nf-toy.md": """# NdisMToyComplete function

## -description

A target calls the NdisMToyComplete function after MiniportToy.

## -remarks

TOY_SUCCESS

All of **SndUna** is done.

| TOY_FAILURE | It is *not*: see SndMax. |
""",
    "ddi/nc-toy.md": """# W_TOY_HANDLER callback function

## -description

NDIS calls the
  MiniportToy function.
""",
    "pages/toy.md": """# Toys

**MiniportToy** may write `SndMax` and
**SndUna** to TOY_STATE [-> ToyPage.md].
""",
}


def vocabulary(pages: Mapping[str, str] = PAGES, **more: object) -> Vocabulary:
    """The names in some pages, and what is given about them."""
    return Vocabulary(names(pages), **more)  # type: ignore[arg-type]


def with_text(text: str) -> dict[str, str]:
    """The toy pages with a sentence more on the last one."""
    return PAGES | {"pages/toy.md": PAGES["pages/toy.md"] + text}


def spec(words_: Vocabulary) -> Audited:
    """A specification of which only the vocabulary is in question."""
    return dataclasses.replace(AUDITED, examples=(), vocabulary=words_)


def ask(words_: Vocabulary) -> Answer:
    """The question's answer on it."""
    return asked(terminology, spec(words_))


def rows(answer: Answer) -> tuple[tuple[str, str, str], ...]:
    """The table of the only finding."""
    (finding,) = answer.findings
    assert isinstance(finding.situation, Computed)
    return finding.situation.rows


@pytest.fixture(scope="module")
def answer() -> Answer:
    """The answer on the specification itself."""
    return ask(AUDITED.vocabulary)


# --- the toy, sound


def test_names_are_found_with_their_places() -> None:
    found = {name.name: name for name in names(PAGES)}
    assert sorted(found) == [
        "MiniportToy",
        "NdisMToyComplete",
        "SndMax",
        "SndUna",
        "TOY_FAILURE",
        "TOY_STATE",
        "TOY_SUCCESS",
        "W_TOY_HANDLER",
    ]
    assert found["SndMax"].defined == (("ddi/ns-toy.md", "SndMax"),)
    assert found["SndMax"].pages == 3
    assert found["TOY_STATE"].defined[0] == ("ddi/ns-toy.md", "_TOY_STATE structure")
    assert found["TOY_SUCCESS"].defined == (("ddi/nf-toy.md", "remarks"),)
    assert found["TOY_FAILURE"].defined == (("ddi/nf-toy.md", "remarks"),)
    assert found["MiniportToy"].defined == (("ddi/nc-toy.md", "description"),)


def test_a_sound_toy_has_no_finding() -> None:
    alike = Listing("vocabulary.list", "Members", {"a": ("SndUna", "SndMax"), "b": ("SndMax", "SndUna")})
    one = Meaning("vocabulary.term", "SndMax", "What?", tuple(Said("a", h, "0" * 12, "all") for h in "xy"))
    found = ask(vocabulary(listings=(alike,), meanings=(one,)))
    assert found.findings == ()
    assert [s.rests_on for s in found.sound] == [
        "8 are defined in the specification, 0 are left to others",
        "2 pages agree",
        "2 places agree",
    ]


# --- the toy, with one planted defect


@pytest.mark.parametrize(
    ("text", "name", "finding", "meant"),
    [
        ("Then SndMix is read.", "SndMix", "vocabulary.name-sndmix", "SndMax"),
        ("Then SNDMax is read.", "SNDMax", "vocabulary.name-sndmax", "SndMax"),
        ("It fails with TOY_FAILED_ALL.", "TOY_FAILED_ALL", "vocabulary.name-toy-failed-all", ""),
        ("It fails with TOY_FAILURES.", "TOY_FAILURES", "vocabulary.name-toy-failures", "TOY_FAILURE"),
        ("It calls NdisMToyCompleted.", "NdisMToyCompleted", "vocabulary.name-ndismtoycompleted", ""),
        ("\n| MY_TOY_FAILURE | bad |\n", "MY_TOY_FAILURE", "vocabulary.name-my-toy-failure", "TOY_FAILURE"),
        ("It is SND.TOY there.", "SND.TOY", "vocabulary.name-snd-toy", "defined nowhere"),
    ],
)
def test_a_planted_name_is_the_one_finding(text: str, name: str, finding: str, meant: str) -> None:
    words_ = vocabulary(with_text(text))
    found = ask(words_)
    (row,) = rows(found)
    assert found.findings[0].id == finding
    assert row[:2] == ("pages/toy.md, Toys", name)
    near = {"TOY_FAILED_ALL": "defined nowhere", "NdisMToyCompleted": "NdisMToyComplete"}
    assert row[2] == (meant or near[name])
    assert worked_examples.missing(spec(words_))


def test_a_name_that_is_left_to_others_is_none() -> None:
    words_ = vocabulary(with_text("It frees a NET_BUFFER."), elsewhere={"NET_BUFFER": "ndis.h"})
    assert ask(words_).findings == ()
    assert len(ask(dataclasses.replace(words_, elsewhere={})).findings) == 1


def test_misspelt_names_that_were_written_about_are_one_finding() -> None:
    slips = Spelling("vocabulary.slips", "Slips.", {"SndMix": "SndMax", "SndUnu": "SndUna"})
    found = ask(vocabulary(with_text("SndMix and SndUnu."), spellings=(slips,)))
    assert [f.id for f in found.findings] == ["vocabulary.slips"]
    assert [row[1:] for row in rows(found)] == [("SndMix", "SndMax"), ("SndUnu", "SndUna")]
    assert ask(vocabulary(spellings=(slips,))).findings == ()


def test_names_that_differ_in_a_digit_or_in_style_are_no_twins() -> None:
    text = "| Fin_1State | a |\n| FinWait1 | a |\n| FinWait2 | b |\n| FIN_WAIT1 | c |\n| PTOY_STATE | d |\n"
    found = ask(vocabulary(with_text(f"\n{text}")))
    assert found.findings == ()


def test_a_member_that_is_missing_on_one_page_is_found() -> None:
    pages = {"a": ("SndUna", "SndMax"), "b": ("SndUna",)}
    found = ask(vocabulary(listings=(Listing("vocabulary.list", "Members", pages),)))
    assert rows(found) == (("a", "2 names", "complete"), ("b", "1 names", "without SndMax"))


def test_a_term_with_two_meanings_is_found() -> None:
    places = (
        Said("a", "X", "0" * 12, "all"),
        Said("b", "Y", "0" * 12, "some"),
        Said("c", "Z", "0" * 12, "all"),
    )
    found = ask(vocabulary(meanings=(Meaning("vocabulary.term", "SndMax", "Which?", places),)))
    assert [row[1:] for row in rows(found)] == [
        ("all", ""),
        ("some", "said otherwise"),
        ("all", ""),
    ]


# --- the vocabulary as it is kept


def test_every_finding_was_written_about_and_nothing_else(answer: Answer) -> None:
    written = {name for name in prose.load(WRITTEN) if name.startswith("vocabulary.")}
    assert {finding.id for finding in answer.findings} == written


def test_the_names_that_are_meant_are_known() -> None:
    words_ = load()
    known = {name.name for name in words_.names if name.defined} | set(words_.elsewhere)
    wrong = {meant for spelling in words_.spellings for meant in spelling.meant.values()} - known
    assert wrong == set()


def test_what_was_written_about_names_is_needed() -> None:
    words_ = load()
    there = {name.name for name in words_.names}
    meant = {name for spelling in words_.spellings for name in spelling.meant.values()}
    assert set(words_.elsewhere) - there - meant == set()
    assert {name for spelling in words_.spellings for name in spelling.meant} - there == set()
    defined = {name.name for name in words_.names if name.defined}
    assert {name for name in words_.elsewhere if name in defined} == set()


def test_no_list_is_empty_on_a_page() -> None:
    lists = load().listings
    assert len(lists) >= 9
    assert [entry.id for entry in lists if min(map(len, entry.members.values())) < 2] == []


@needs_spec
def test_the_names_kept_are_those_of_the_text() -> None:
    stored = kept.NAMES.read_text(encoding="utf-8")
    assert stored == dump(read_pages(SPEC)), "python -m chimneysweep.audit.chimney.name_index SPEC writes it"


@needs_spec
def test_what_places_say_is_tied_to_their_sentences() -> None:
    there = {(s.page, s.heading, s.fingerprint) for s in read_spec(SPEC)}
    said = [(p.page, p.heading, p.fingerprint) for m in load().meanings for p in m.places]
    assert [place for place in said if place not in there] == []


@needs_spec
def test_the_terms_are_in_our_own_words() -> None:
    theirs = {run for s in read_spec(SPEC) for run in runs(s.text)}
    ours = [text for m in load().meanings for text in (m.asks, *(place.says for place in m.places))]
    ours += [spelling.says for spelling in load().spellings]
    assert [text for text in ours if theirs & set(runs(text))] == []


@needs_spec
def test_the_command_writes_what_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "NAMES", tmp_path / "vocabulary.toml")
    assert kept.main([str(SPEC)]) == 0
    assert kept.load(tmp_path / "vocabulary.toml") == load(ROOT / "audit" / "chimney" / "vocabulary.toml")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    terms = tmp_path / "terms.toml"
    terms.write_text(
        'spelling = []\nmeaning = []\n[elsewhere]\n"ndis.h" = ["NET_BUFFER"]\n'
        '[[list]]\nid = "vocabulary.list"\nsays = "Members"\npattern = "Snd.*"\n'
        '[list.pages]\n"ddi/ns-toy.md" = "Snd.*"\n"pages/toy.md" = "Toys"\n',
        encoding="utf-8",
    )
    stored = tmp_path / "names.toml"
    stored.write_text(dump(PAGES, terms), encoding="utf-8")
    found = load(stored, terms)
    assert found.names == names(PAGES)
    assert found.elsewhere == {"NET_BUFFER": "ndis.h"}
    assert found.listings[0].members == {
        "ddi/ns-toy.md": ("SndUna", "SndMax"),
        "pages/toy.md": ("SndMax", "SndUna"),
    }


def test_members_are_those_below_a_heading() -> None:
    assert members(PAGES, "ddi/ns-toy.md", "SndUna", ".*") == ("SndUna", "TOY_STATE")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("elsewhere = ", "terms.toml: not TOML"),
        ('[elsewhere]\n[[spelling]]\nid = "x"\n', "terms.toml, x: it has id, meant, says, not id"),
        (
            'spelling = []\n[elsewhere]\n[[meaning]]\nid = "x"\n[[meaning.places]]\npage = "p"\n',
            "terms.toml, p: it has fingerprint, heading, page, says, not page",
        ),
    ],
)
def test_wrong_terms_are_refused_with_file_and_reason(tmp_path: Path, text: str, message: str) -> None:
    terms = tmp_path / "terms.toml"
    terms.write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError) as raised:
        load(kept.NAMES, terms)
    assert message in str(raised.value)


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["a", "b"]])
def test_the_command_asks_for_a_specification(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert kept.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err
