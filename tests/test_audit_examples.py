"""The worked examples: replayed on the model, and each line of them able to disagree."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from audit_toys import ask as asked
from house import ROOT
from specification import SPEC, needs_spec

from chimneysweep.audit import prose
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.chimney.examples.send_data import handed_over, verdicts
from chimneysweep.audit.chimney.examples.trees import as_world, depth_first
from chimneysweep.audit.chimney.material import AUDITED
from chimneysweep.audit.chimney.sentences import read_spec, runs, words
from chimneysweep.audit.example import Example, ExampleError, load
from chimneysweep.audit.finding import Answer, Computed
from chimneysweep.audit.questions import terminology, worked_examples
from chimneysweep.audit.vocabulary import Vocabulary
from chimneysweep.model.chimney.tree import walk_siblings
from chimneysweep.model.records import update

EXAMPLES = {example.id: example for example in AUDITED.examples}
WRITTEN = ROOT / "audit" / "chimney" / "findings"

FIGURE = re.compile(r"\[figure ([\w-]+\.png)")

TOY = """
[[example]]
id = "examples.toy"
replay = "timestamps"
says = "A clock at 10 takes over from one at 7."
page = "pages/toy.md"
heading = "Toy"

[example.given]
events = [
  { id = "first", do = "send", stack = 7, nic = 10 },
  { id = "offload", do = "offload", stack = 7, nic = 10 },
  { id = "ACK", do = "acked", stack = 9, nic = 12 },
]

[[example.line]]
what = "timestamp"
by = "text"
stated = "7"
about = "first: timestamp"

[[example.line]]
what = "delta"
by = "figure"
stated = "-3"
about = "offload: delta"

[[example.line]]
what = "round trip"
by = "text"
stated = "2"
about = "ACK: MRTT"
finding = "examples.toy-round-trip"
"""


def toy(tmp_path: Path, text: str = TOY) -> tuple[Example, ...]:
    """The toy example, as loaded from a file."""
    (tmp_path / "toy.toml").write_text(text, encoding="utf-8")
    return load(tmp_path)


def spec(*some: Example) -> Audited:
    """A specification whose only worked examples are the ones given."""
    return dataclasses.replace(AUDITED, examples=some, vocabulary=Vocabulary())


def ask(*some: Example) -> Answer:
    """The question's answer on them."""
    return asked(worked_examples, spec(*some))


@pytest.fixture(scope="module")
def answer() -> Answer:
    """The answer on the specification itself."""
    return ask(*EXAMPLES.values())


# --- a toy with a planted defect, and without


def test_a_sound_toy_has_no_finding(tmp_path: Path) -> None:
    found = ask(*toy(tmp_path))
    assert (found.examined, found.findings) == (3, ())
    (sound,) = found.sound
    assert sound.rests_on == "3 of 3 lines come out as stated"


@pytest.mark.parametrize(
    ("old", "new", "finding", "row"),
    [
        ('"7"', '"8"', "examples.toy", ("timestamp (text)", "8", "7")),
        ('"-3"', '"3"', "examples.toy", ("delta (figure)", "3", "-3")),
        ('"2"', '"5"', "examples.toy-round-trip", ("round trip (text)", "5", "2")),
    ],
)
def test_a_planted_number_is_the_one_finding(
    tmp_path: Path, old: str, new: str, finding: str, row: tuple[str, str, str]
) -> None:
    planted = toy(tmp_path, TOY.replace(f"stated = {old}", f"stated = {new}"))
    (found,) = ask(*planted).findings
    assert found.id == finding
    assert isinstance(found.situation, Computed)
    assert [r for r in found.situation.rows if r[1] != r[2]] == [row]
    assert row[1] in found.shows
    assert terminology.missing(spec(*planted))


def test_two_examples_may_belong_to_one_finding(tmp_path: Path) -> None:
    (first,) = toy(tmp_path, TOY.replace('stated = "2"', 'stated = "5"'))
    found = ask(first, dataclasses.replace(first, id="examples.again"))
    (finding,) = found.findings
    assert isinstance(finding.situation, Computed)
    assert len(finding.situation.rows) == 2


def test_an_example_that_was_not_looked_at_is_not_settled(tmp_path: Path) -> None:
    (example,) = toy(tmp_path)
    found = ask(dataclasses.replace(example, lines=(), replay="none", says="Not seen."))
    assert (found.findings, found.sound, found.remarks) == ((), (), ("pages/toy.md, Toy: Not seen.",))


# --- the examples as they are


def test_every_finding_was_written_about_and_nothing_else(answer: Answer) -> None:
    written = {name for name in prose.load(WRITTEN) if name.startswith("examples.")}
    assert {finding.id for finding in answer.findings} == written


def test_findings_and_sound_examples_are_many(answer: Answer) -> None:
    assert answer.examined == sum(len(example.lines) for example in EXAMPLES.values())
    assert len(answer.findings) >= 15
    assert len(answer.sound) >= 20
    assert all("not available" in line for line in answer.remarks)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_line_can_disagree(name: str) -> None:
    example = EXAMPLES[name]
    for n, line in enumerate(example.lines):
        wrong = dataclasses.replace(line, stated="nonsense", finding="examples.planted")
        lines = (*example.lines[:n], wrong, *example.lines[n + 1 :])
        found = {f.id for f in ask(dataclasses.replace(example, lines=lines)).findings}
        assert "examples.planted" in found


def test_a_head_that_is_not_advanced_breaks_its_clause() -> None:
    world = handed_over([800, 800, 600], acked=200, sent=2000, nxt=1200, isn=2**32 - 100)
    names = ("chain.advanced", "chain.ends", "snd.una", "snd.nxt", "snd.max")
    assert set(verdicts(world, names).values()) == {"holds"}
    conn = world.conns[0]
    late = update(conn, bufs=(update(conn.bufs[0], start=0), *conn.bufs[1:]))
    assert verdicts(update(world, conns=(late,)), names)["chain.advanced"] == "broken"
    assert verdicts(update(world, conns=(late,)), names)["chain.ends"] == "holds"


def test_a_send_that_is_acknowledged_is_not_chained() -> None:
    world = handed_over([100, 100], acked=150, sent=200, nxt=200, isn=0)
    assert world.blocks[0].chain == 1
    assert verdicts(world, ("chain.content", "chain.coverage", "chain.advanced"))["chain.content"] == "holds"


def test_the_walk_of_the_figure_is_not_one_along_next_links() -> None:
    example = EXAMPLES["examples.traversal-step-13"]
    nodes = example.given["nodes"]
    order = list(depth_first(nodes, "Neighbor1"))
    world = as_world(nodes, order)
    assert [order[b] for b, reached in enumerate(walk_siblings(world.blocks)) if reached] == [
        "Neighbor1",
        "Neighbor2",
    ]


@needs_spec
def test_the_pages_and_figures_that_examples_cite_are_there() -> None:
    places = {(s.page, s.heading) for s in read_spec(SPEC)}
    for example in EXAMPLES.values():
        assert (example.page, example.heading) in places, example.id
        there = not example.figure or (SPEC / "figures" / example.figure).is_file()
        assert there == bool(example.lines), f"{example.id}: {example.figure}"


@needs_spec
def test_every_figure_was_looked_at() -> None:
    looked_at = {example.figure for example in EXAMPLES.values()}
    shows_nothing_to_replay = {"tcp-chim-arch.png"}
    figures = {path.name for path in (SPEC / "figures").glob("*.png")}
    assert figures - looked_at == shows_nothing_to_replay


@needs_spec
def test_every_figure_that_the_text_shows_is_accounted_for() -> None:
    shown = {name for page in SPEC.glob("pages/*.md") for name in FIGURE.findall(page.read_text("utf-8"))}
    assert shown - {example.figure for example in EXAMPLES.values()} == {"tcp-chim-arch.png"}


@needs_spec
def test_the_examples_are_in_our_own_words() -> None:
    theirs = {run for s in read_spec(SPEC) for run in runs(s.text)}
    ours = [(e.id, text) for e in EXAMPLES.values() for text in (e.says, *(line.what for line in e.lines))]
    ours += [
        (p.id, text)
        for p in prose.load(WRITTEN).values()
        for text in (p.title, p.why, p.wording, p.review, *(s.says for s in p.sentences))
    ]
    assert [name for name, text in ours if theirs & set(runs(text))] == []


@needs_spec
def test_what_findings_cite_opens_a_sentence_of_its_page() -> None:
    begin: dict[str, list[str]] = {}
    for each in read_spec(SPEC):
        begin.setdefault(each.page, []).append(" ".join(words(each.text)))
    cited = [(p.id, s) for p in prose.load(WRITTEN).values() for s in p.sentences]
    assert [
        (name, s.opens)
        for name, s in cited
        if not any(text.startswith(" ".join(words(s.opens))) for text in begin[s.source.page])
    ] == []
    assert [name for name, s in cited if not s.opens and "DWnd" not in s.says] == []


# --- what is wrong with an example is said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[example]]", "[[example", "toy.toml: not TOML"),
        ('replay = "timestamps"\n', "", "toy.toml, examples.toy: replay is missing"),
        ('heading = "Toy"', 'heading = "Toy"\nkind = "x"', "kind is no part of an example"),
        ('"examples.toy"', '"toy"', "an example's id starts with examples."),
        ('by = "figure"', 'by = "hearsay"', "a line is by text or by figure, not 'hearsay'"),
        ('what = "delta"', 'that = "delta"', "a line has about, by, stated, what and may have finding"),
    ],
)
def test_a_wrong_example_is_refused_with_file_and_reason(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ExampleError) as raised:
        toy(tmp_path, TOY.replace(old, new, 1))
    assert message in str(raised.value)


def test_two_examples_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExampleError, match=r"examples\.toy: two examples have this id"):
        toy(tmp_path, TOY + TOY)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"timestamps"', '"dice"', "no replay 'dice'; there are MDL chain"),
        ('"ACK: MRTT"', '"ACK: age"', "'ACK: age' is not computed; there is first: timestamp"),
    ],
)
def test_an_example_that_cannot_be_replayed_says_why(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ExampleError, match=message):
        ask(*toy(tmp_path, TOY.replace(old, new)))
