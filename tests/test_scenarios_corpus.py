"""Kept counterexamples: what comes along breaks what it says, and a user's own are played first."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from chimneysweep.cli.main import main
from chimneysweep.cli.scenarios import rewritten
from chimneysweep.counterexamples.storage import load
from chimneysweep.counterexamples.trace import Trace
from chimneysweep.targets.campaign import corpus
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.corpus import BadCorpus, findings_folder, keep, kept, shipped
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.sources import CORPUS, DIRECT, FAULTS, KEPT, MODEL, SIZES, sources
from chimneysweep.targets.chimney.built_in import BUILT_IN, canonical
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.scenario import Scenario, from_json
from chimneysweep.targets.chimney.seeded_bugs import seeded_bugs
from chimneysweep.targets.running.direct import JUDGED

ROOT = Path(corpus.__file__).parent.parent.parent
SHIPPED = sorted((ROOT / "counterexamples" / "corpus").glob("*.json"))
PYTHON = [path for path in SHIPPED if str(load(path).meta["target"]).startswith("seeded/")]

TARGET = """
from chimneysweep.targets.chimney.python.seeded_targets import TailForgotten

class Mine(TailForgotten):
    pass
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(TARGET, encoding="utf-8")
    return path


def test_findings_come_along_and_each_is_listed_once() -> None:
    assert len(SHIPPED) > len(PYTHON) >= 20
    assert [name for name, _ in shipped()] == [path.stem for path in SHIPPED]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.stem)
def test_a_finding_that_comes_along_breaks_what_it_says(path: Path) -> None:
    trace = load(path)
    assert trace.violation is not None
    factory = BUILT_IN[canonical(str(trace.meta["target"]))].target
    assert factory is not None
    run = Play(factory, from_json(trace.meta["scenario"]), JUDGED)
    run.run()
    assert trace.violation.property in run.breaches


FORMS = {"seeded": "python", "miniports": "c"}
"""What a form of a bug is called as a target, and in the manifest."""


def disagreements(found: Iterable[Trace]) -> list[str]:
    """Where the corpus and the manifest of seeded bugs say something else."""
    listed = {
        f"{place}/{name}": getattr(bug, form).breaks
        for place, form in FORMS.items()
        for name, bug in seeded_bugs().items()
        if getattr(bug, form) and not bug.at_once
    }
    told = [(trace.target, trace.violation.property) for trace in found if trace.violation]
    odd = [f"{target} breaks {name}" for target, name in told if listed.get(target) != name]
    return odd + [
        f"nothing breaks {name}" for name in sorted(set(listed.values()) - {name for _, name in told})
    ]


def test_the_corpus_agrees_with_the_manifest() -> None:
    """`chimneysweep scenarios --corpus counterexamples/corpus` mends it."""
    assert disagreements(load(path) for path in SHIPPED) == []


def test_a_finding_that_is_missing_or_of_another_rule_is_noticed() -> None:
    found = [load(path) for path in SHIPPED if not path.stem.startswith(("snd.max", "ack.delayed-sent"))]
    gone = next(path for path in SHIPPED if path.stem.startswith("ack.delayed-sent"))
    trace = load(gone)
    assert trace.violation is not None
    other = dataclasses.replace(trace, violation=dataclasses.replace(trace.violation, property="snd.una"))
    assert disagreements([*found, other]) == [
        f"{trace.target} breaks snd.una",
        "nothing breaks ack.delayed-sent",
        "nothing breaks snd.max",
    ]


def test_the_corpus_is_rewritten_and_what_differs_is_told(tmp_path: Path) -> None:
    one, two, three = (load(path) for path in SHIPPED[:3])
    mine = dataclasses.replace(one, target="mine.py:Mine")
    kept_by_user = keep(tmp_path / "mine", mine).rename(tmp_path / "mine.json")
    assert [line.split()[0] for line in rewritten(tmp_path, [one, two])] == ["new", "new"]
    assert list(rewritten(tmp_path, [one, two])) == []
    changed = dataclasses.replace(one, bounds=one.bounds.but(buffers=2))
    assert list(rewritten(tmp_path, [changed, three])) == [
        f"changed  {SHIPPED[0].name}: {one.target}",
        "  What they are of",
        "    ~ world",
        "        - buffers 1, blocks 1, connections 1, requests 1",
        "        + buffers 2, blocks 1, connections 1, requests 1",
        f"new      {SHIPPED[2].name}: {three.target}",
        f"gone     {SHIPPED[1].name}: {two.target}",
    ]
    there = [kept_by_user, *(tmp_path / SHIPPED[k].name for k in (0, 2))]
    assert sorted(tmp_path.glob("*.json")) == sorted(there)


def test_the_order_of_play(target: Path) -> None:
    folder = findings_folder(str(target))
    assert folder is not None
    keep(folder, load(SHIPPED[0]))
    order = [found.source for found in sources(folder)]
    assert order[0] == KEPT
    assert [s for k, s in enumerate(order) if s not in order[:k]] == [
        KEPT,
        CORPUS,
        DIRECT,
        MODEL,
        SIZES,
        FAULTS,
    ]
    assert {found.name for found in sources(None) if found.source == DIRECT} <= set(DIRECTED)


def test_a_scenario_is_played_once(target: Path) -> None:
    folder = target.parent / "corpus"
    keep(folder, load(SHIPPED[0]))
    scenarios = [found.scenario for found in sources(folder)]
    assert len(scenarios) == len(set(scenarios)) == len(list(sources(None)))


def test_where_findings_are_kept(target: Path) -> None:
    here = target.parent / ".chimneysweep" / "corpus"
    assert (
        findings_folder(f"{target}:Mine")
        == findings_folder(str(target))
        == findings_folder(str(target.parent))
        == here
    )
    assert findings_folder("reference") is None
    assert findings_folder("package.module:Mine") is None


def test_the_same_finding_is_kept_once(tmp_path: Path) -> None:
    trace = load(SHIPPED[0])
    assert keep(tmp_path, trace) == keep(tmp_path, trace)
    assert len(list(tmp_path.iterdir())) == 1
    assert load(next(tmp_path.iterdir())) == trace


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Expecting property name"),
        ("[]", "list indices"),
        ("{}", "it lacks 'meta'"),
        ('{"meta": {"scenario": {"moves": [], "offloads": [], "shape": "x"}}}', "number of connections is 0"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_a_file_that_is_no_finding_is_named_and_left_alone(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadCorpus, match=told) as caught:
        kept(tmp_path)
    assert str(caught.value).startswith(f"{path} is no trace of a target that can be played")
    assert path.read_text(encoding="utf-8") == text


def test_a_finding_is_kept_on_request_and_played_first(
    target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["conform", f"{target}:Mine", "--runs", "0", "--seed", "1", "--keep", "--quiet"]) == 1
    folder = target.parent / ".chimneysweep" / "corpus"
    files = sorted(folder.iterdir())
    assert any(path.name.startswith("chain.coverage.") for path in files)
    assert f"chimneysweep show {files[0]}" in " ".join(capsys.readouterr().out.split())
    report = conform(f"{target}:Mine", Options(runs=0, seed=1, shrink=False))
    assert report.world.sources[KEPT]["runs"] == len({scenario for _, scenario in kept(folder)})
    assert report.findings[0].meta["origin"].startswith("kept: ")


def test_a_corpus_that_cannot_be_read_is_bad_input(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = target.parent / ".chimneysweep" / "corpus"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text("no", encoding="utf-8")
    assert main(["conform", f"{target}:Mine", "--quiet"]) == 2
    told = capsys.readouterr().err
    assert "x.json is no trace of a target that can be played" in told
    assert "mend it, or move it elsewhere" in told


def test_findings_of_a_built_in_target_have_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "reference", "--keep", "--quiet"]) == 2
    assert "--keep: reference is in no file" in capsys.readouterr().err


def test_a_trace_without_a_violation_can_be_kept_too(tmp_path: Path) -> None:
    trace = dataclasses.replace(load(SHIPPED[0]), violation=None)
    assert keep(tmp_path, trace).name.startswith("unstable.")
    assert kept(tmp_path)[0][1] == from_json(trace.meta["scenario"])
    assert Scenario((Move("run"),)) != kept(tmp_path)[0][1]
    assert json.loads((keep(tmp_path, trace)).read_text(encoding="utf-8"))["violation"] is None
