"""The clause catalogue: its records, the specification, and the properties fit together.

What needs the text looks for it beside the checkout or where CHIMNEYSWEEP_SPEC says,
and is skipped where it is not. The defects are planted in an invented specification
and, where there is one, in a copy of the real one.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from house import ROOT
from specification import SPEC, needs_spec
from toy_catalogue import PAGE, RECORD, TEXT, toy, toy_clause, without

from chimneysweep.audit.chimney import catalogue
from chimneysweep.audit.chimney.catalogue import borrowed, reconcile, render, unreached, unread
from chimneysweep.audit.chimney.clause_records import (
    CatalogueError,
    Group,
    Passage,
    clauses,
    load,
    load_unread,
)
from chimneysweep.audit.chimney.fates import unknown_fates
from chimneysweep.audit.chimney.sentences import NORMATIVE, TextSentence, read_spec, split
from chimneysweep.properties.chimney.chimney import CHIMNEY


@pytest.fixture(scope="module")
def groups() -> tuple[Group, ...]:
    return load()


@pytest.fixture(scope="module")
def sentences() -> list[TextSentence]:
    return read_spec(SPEC)


# --- the records as they are


def test_the_records_load_and_every_fate_leads_somewhere(groups: tuple[Group, ...]) -> None:
    assert len(clauses(groups)) > 300
    assert unknown_fates(groups) == []


def test_every_clause_among_the_properties_has_its_record(groups: tuple[Group, ...]) -> None:
    assert unreached(groups) == []


def test_the_document_is_current(groups: tuple[Group, ...]) -> None:
    now = (ROOT / "docs" / "clauses.md").read_text(encoding="utf-8")
    assert now == render(groups, load_unread()), (
        "python -m chimneysweep.audit.chimney.catalogue SPEC writes it"
    )


def test_the_document_tells_a_stale_one_apart(groups: tuple[Group, ...]) -> None:
    first = next(iter(clauses(groups)))
    assert render(without(groups, first), load_unread()) != render(groups, load_unread())


def test_a_record_that_nobody_is_formalised_as_is_missed(groups: tuple[Group, ...]) -> None:
    lone = [c for c in clauses(groups).values() if c.what == "chain.order"]
    assert [c.fate for c in lone] == ["formalised"]
    assert unreached(without(groups, lone[0].id)) == ["chain.order"]


# --- wrong records


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("toy.answer", "Toy Answer", "not dotted lower case"),
        ("toy.answer", "complete.answered", "a property has this name"),
        ('"target"', '"peer"', "binds 'peer' is none of"),
        ('"must"', '"may"', "strength 'may' is none of"),
        ('binds = "target"\n', "", "binds is missing"),
        ("formalised", "settled", "settled is no part of a record"),
        ("formalised =", 'covered = "x.y"\nformalised =', "exactly one of"),
        ('"complete.answered"', '" "', "formalised says nothing"),
        ('"complete.answered"', "3", "formalised is not text"),
        ("answers.", "answers. Always.", "one sentence"),
        ("FINGERPRINT", "12", "not 12 hex digits"),
        ("heading", "title", "a place has page, heading and fingerprint"),
        ("[{", "[] # {", "it has no place"),
        ("[[clause]]", "[[clause", "not TOML"),
        ("[[clause]]", "[[claus]]", "a group has title, pages and clause"),
    ],
)
def test_a_wrong_record_is_refused_with_file_and_reason(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(CatalogueError, match=message) as raised:
        toy(tmp_path, RECORD.replace(old, new))
    assert str(raised.value).startswith("toy.toml")


def test_two_records_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"toy.toml, toy.answer: toy.toml has this name already"):
        toy(tmp_path, RECORD + RECORD)


@pytest.mark.parametrize(
    ("fate", "what", "found"),
    [
        ("formalised", "complete.answred", "which is no clause or guarantee"),
        ("formalised", "lemma.tree", "which is no clause or guarantee"),
        ("covered", "toy.other", "which is no property and no other record"),
        ("covered", "toy.a", "which is no property and no other record"),
    ],
)
def test_a_fate_that_leads_nowhere_is_found(fate: str, what: str, found: str) -> None:
    (line,) = unknown_fates([toy_clause(fate=fate, what=what)])
    assert line.startswith("toy.a: ")
    assert line.endswith(f"{what}, {found}")


def test_a_record_is_covered_only_by_one_that_is_formalised() -> None:
    vague = toy_clause(id="toy.b", fate="not-modelled", what="clock")
    (line,) = unknown_fates([vague, toy_clause(fate="covered", what="toy.b")])
    assert line.endswith("which is itself not-modelled")
    assert unknown_fates([toy_clause(id="toy.b"), toy_clause(fate="covered", what="toy.b")]) == []


# --- sentences


def test_a_page_is_split_into_headings_items_cells_and_sentences() -> None:
    assert [(s.heading, s.text, s.normative) for s in split(PAGE, TEXT)] == [
        ("Toy", "The target must answer (see RFC 1).", True),
        ("Toy", "It answers at once, e.g. within a second.", False),
        ("Toy", "The host should wait.", True),
        ("Toy", "What", False),
        ("Toy", "When", False),
        ("Toy", "Always a value", True),
        ("Toy", "never", True),
        ("Toy", "The host waits", False),
    ]


def test_a_sentence_goes_on_after_a_blank_line_if_it_is_indented() -> None:
    page = "## -remarks\n\nBefore the\n\n    Done call, it\n    must stop.\n\nAbort\nIt must not go on."
    found = [(s.heading, s.text) for s in split(PAGE, page)]
    assert found == [
        ("remarks", "Before the Done call, it must stop."),
        ("remarks", "Abort"),
        ("remarks", "It must not go on."),
    ]


def test_a_fingerprint_sees_words_and_neither_markup_nor_wrapping() -> None:
    plain, marked = (
        TextSentence(PAGE, "", "It must call A_B now."),
        TextSentence(PAGE, "", "It  must call **A_B**\nNow"),
    )
    assert plain.fingerprint == marked.fingerprint
    assert plain.fingerprint != TextSentence(PAGE, "", "It must not call A_B now.").fingerprint


@pytest.mark.parametrize("text", ["a read-only flag", "a mustard field", "It can wait."])
def test_parts_of_words_are_not_normative(text: str) -> None:
    assert not TextSentence(PAGE, "", text).normative


# --- the one against the other


def test_a_toy_page_is_reconciled_sentence_by_sentence() -> None:
    sentences = split(PAGE, TEXT)
    place = Passage(PAGE, "Toy", sentences[0].fingerprint)
    found = reconcile([toy_clause(places=(place,))], sentences, CHIMNEY.of_kind("guarantee"))
    assert [line.split(": ")[-1] for line in found.unaccounted] == [
        "The host should wait.",
        "Always a value",
        "never",
    ]
    assert (found.gone, found.mislabelled, found.unreached) == ((), (), ())


def test_a_place_that_is_gone_and_a_word_that_is_not_there_are_found() -> None:
    sentences = split(PAGE, TEXT)
    gone = reconcile([toy_clause(places=(Passage(PAGE, "Toy", "0" * 12),))], sentences)
    assert gone.gone == (f"toy.a: {PAGE}, Toy has no sentence with fingerprint {'0' * 12}",)
    place = Passage(PAGE, "Toy", sentences[0].fingerprint)
    wrong = reconcile([toy_clause(places=(place,), strength="must not")], sentences)
    assert [line.split(",")[0] for line in wrong.mislabelled] == ["toy.a: strength is must not"]


def test_pages_that_no_group_lists_are_counted() -> None:
    elsewhere = split("pages/else.md", TEXT)
    assert unread([toy_clause()], [*split(PAGE, TEXT), *elsewhere]) == {"pages/else.md": 4}


def test_a_run_of_eight_words_is_borrowed_and_one_of_seven_is_not() -> None:
    sentences = [TextSentence(PAGE, "", "One two three four five six seven eight nine.")]
    assert borrowed([toy_clause(says="One two three four five six seven.")], sentences) == []
    (line,) = borrowed([toy_clause(says="And two three Four, five six seven eight nine.")], sentences)
    assert line == "toy.a: shares with the text: two three four five six seven eight nine"


@needs_spec
def test_every_normative_sentence_that_was_read_has_its_record(
    groups: tuple[Group, ...], sentences: list[TextSentence]
) -> None:
    assert reconcile(groups, sentences).lines() == []


@needs_spec
def test_the_pages_not_yet_read_are_counted(groups: tuple[Group, ...], sentences: list[TextSentence]) -> None:
    assert unread(groups, sentences) == load_unread()


@needs_spec
def test_the_records_are_in_our_own_words(groups: tuple[Group, ...], sentences: list[TextSentence]) -> None:
    assert borrowed(groups, sentences) == []


@needs_spec
def test_no_normative_word_is_lost_between_the_text_and_its_sentences(sentences: list[TextSentence]) -> None:
    lost = {}
    for page in {s.page for s in sentences}:
        lines = (SPEC / page).read_text(encoding="utf-8").splitlines()
        body = "\n".join(line for line in lines if not line.startswith("#"))
        there = NORMATIVE.findall(body)
        kept = [word for s in sentences if s.page == page for word in NORMATIVE.findall(s.text)]
        if sorted(map(str.lower, there)) != sorted(map(str.lower, kept)):
            lost[page] = len(there) - len(kept)
    assert lost == {}


@needs_spec
def test_a_planted_sentence_is_unaccounted(groups: tuple[Group, ...], tmp_path: Path) -> None:
    copy = tmp_path / "spec"
    shutil.copytree(SPEC, copy, ignore=shutil.ignore_patterns("figures"))
    with (copy / "seed.txt").open("a", encoding="utf-8") as seed:
        seed.write("\n\nThe target must never\n    sing.\n")
    found = reconcile(groups, read_spec(copy))
    (line,) = found.lines()
    assert line.startswith("unaccounted: seed.txt")
    assert line.endswith("The target must never sing.")


@needs_spec
def test_a_removed_record_leaves_its_sentence_unaccounted(
    groups: tuple[Group, ...], sentences: list[TextSentence]
) -> None:
    found = reconcile(without(groups, "terminate.status-written"), sentences)
    assert len(found.unaccounted) == 3
    assert not found.gone


@needs_spec
def test_a_changed_sentence_is_both_gone_and_unaccounted(
    groups: tuple[Group, ...], sentences: list[TextSentence]
) -> None:
    changed = [
        dataclasses.replace(s, text=s.text.replace("must", "must surely"))
        if s.page == "seed.txt" and "a NULL value" in s.text
        else s
        for s in sentences
    ]
    found = reconcile(groups, changed)
    assert (len(found.unaccounted), len(found.gone)) == (1, 1)


@needs_spec
def test_copied_words_are_caught(groups: tuple[Group, ...], sentences: list[TextSentence]) -> None:
    longest = max(sentences, key=lambda s: len(s.text))
    copied = toy_clause(says=" ".join(longest.text.split()[:9]))
    assert len(borrowed([*groups, copied], sentences)) == 2


# --- the command


@needs_spec
def test_the_command_writes_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "clauses"
    shutil.copytree(catalogue.FOLDER, folder)
    (folder / catalogue.UNREAD).unlink()
    monkeypatch.setattr(catalogue, "FOLDER", folder)
    monkeypatch.setattr(catalogue, "DOCUMENT", tmp_path / "clauses.md")
    assert catalogue.main([str(SPEC)]) == 0
    assert capsys.readouterr().out == ""
    stored = (ROOT / "docs" / "clauses.md").read_text(encoding="utf-8")
    assert (tmp_path / "clauses.md").read_text(encoding="utf-8") == stored
    assert load_unread(folder) == load_unread()


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["a", "b"]])
def test_the_command_asks_for_a_specification(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert catalogue.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err
