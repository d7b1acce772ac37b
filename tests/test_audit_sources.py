"""What a reader is told of a source: its page, its opening words, and the moment of which it speaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from specification import SPEC, needs_spec
from toy_catalogue import PAGE, toy

from chimneysweep.audit.chimney import catalogue, cited_sentences
from chimneysweep.audit.chimney.clause_records import (
    Group,
    load,
)
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.sentences import TextSentence, read_spec
from chimneysweep.audit.unstated import inferred
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.citing import where_said


@pytest.fixture(scope="module")
def groups() -> tuple[Group, ...]:
    return load()


@needs_spec
def test_titles_and_opening_words_are_as_the_specification_has_them() -> None:
    assert cited_sentences.drawn(SPEC) == cited_sentences.FILE.read_text(encoding="utf-8")


def test_no_finding_is_for_a_file_that_its_reader_does_not_have() -> None:
    """Every clause is cited by its page's title, and by the words that its sentence opens with."""
    for prop in CHIMNEY.of_kind("clause"):
        said = where_said(prop.name, prop.source.page, prop.source.heading)
        assert ".md" not in said, said
        assert ".txt" not in said, said
        if not prop.reading and not prop.inferred:
            assert said.endswith(' ..."'), said
    una = where_said("snd.una", "ddi/ns-ndischimney-_tcp_offload_state_delegated.md", "SndUna")
    assert una.startswith("TCP_OFFLOAD_STATE_DELEGATED structure, SndUna: ")
    assert where_said("mine", "my-rules.md", "Part 2") == "my-rules.md, Part 2"
    assert where_said("snd.una", "my-rules.md", "") == "my-rules.md", "another's sentence of that name"


def test_what_only_the_offload_states_is_inferred(groups: tuple[Group, ...]) -> None:
    dropped = {name for each in inferred(AUDITED) for name in each.drops}
    elsewhere = catalogue.of_the_offload(groups, catalogue.moments())
    assert elsewhere == {"chain.advanced", "receive.up-to-rcv-nxt"}
    assert elsewhere <= dropped


def test_a_clause_that_is_stated_for_another_moment_is_seen(tmp_path: Path) -> None:
    known = toy(tmp_path)
    assert catalogue.of_the_offload(known, {PAGE: "offload"}) == {"complete.answered"}
    assert catalogue.of_the_offload(known, {PAGE: "termination"}) == set()
    assert catalogue.of_the_offload(known, {}) == set()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("When offloading a TCP connection, the host passes its values.", "offload"),
        ("Before terminating the offload, a target stops its timer.", "termination"),
        ("Before completing an initiate offload or terminate offload operation, it writes.", "both"),
        ("A target waits for a connection termination request of its peer.", ""),
        ("A target writes the status.", ""),
    ],
)
def test_a_sentence_names_its_moment(text: str, moment: str) -> None:
    assert catalogue.named_moment(text) == {"both": "offload and termination"}.get(moment, moment)


def test_a_sentence_that_names_another_moment_than_its_page_is_told_and_counts(tmp_path: Path) -> None:
    text = TextSentence(PAGE, "Toy", "When terminating, it answers.")
    known = toy(tmp_path, fingerprint=text.fingerprint)
    page = {PAGE: "offload"}
    (told,) = catalogue.misplaced(known, [text], page)
    assert told.endswith("names termination, and is kept as offload")
    corrected = page | {text.fingerprint: "termination"}
    assert list(catalogue.misplaced(known, [text], corrected)) == []
    assert catalogue.of_the_offload(known, corrected) == set()


@needs_spec
def test_the_pages_and_sentences_whose_moment_is_known_are_there(groups: tuple[Group, ...]) -> None:
    sentences, kept = read_spec(SPEC), catalogue.moments()
    there = {s.page for s in sentences} | {s.fingerprint for s in sentences}
    assert kept.keys() <= there
    assert list(catalogue.misplaced(groups, sentences, kept)) == []
