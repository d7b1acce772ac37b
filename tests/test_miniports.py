"""The miniports in C that come along: their patches apply, compile, and break what the manifest says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from house import one_in

from chimneysweep.targets.campaign.campaign import Campaign, ConformReport, Options, conform
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.campaign.sizes import sizes
from chimneysweep.targets.campaign.sources import DIRECT, Sourced
from chimneysweep.targets.chimney.miniports import REFERENCE, materialise
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.chimney.seeded_bugs import Form, seeded_bugs
from chimneysweep.targets.judging.misbehaviour import RULES
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.launch import launch

IN_C = {bug.name: bug.c for bug in seeded_bugs().values() if bug.c}
MEMORY = ("target.memory", "target.leaked")
"""What a bug breaks that breaks no clause: memory is misused."""

INCLUDE = REFERENCE.parent.parent / "ndis" / "include"
CC = shutil.which("cc")
needs_cc = pytest.mark.skipif(CC is None, reason="no C compiler (cc) on this machine")

BY_HAND = tuple(Sourced(DIRECT, name, scenario) for name, scenario in (*DIRECTED.items(), *sizes()))
SENT = (Move("send", n=5), Move("transmit", n=5), Move("peer gets", n=5))
QUICK = {
    "mdl-offset-ignored": Scenario(SENT),
    "unlinked-after-completion": Scenario((*SENT, Move("ack", n=5, m=9000))),
    "refused-loan-leaked": Scenario((Move("appetite", n=0), Move("data", n=40))),
}
"""A bug for each kind of finding (a guarantee, memory, a leak), and a scenario that shows it."""


def campaign(folder: Path, first: tuple[Sourced, ...], options: Options) -> ConformReport:
    with launch(str(folder)) as runner:
        return Campaign(str(folder), runner, options, lambda text: None, first).run()


def compiles(files: list[Path]) -> subprocess.CompletedProcess[str]:
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-multichar", "-fsyntax-only"]
    command = [str(CC), *flags, f"-I{INCLUDE}", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_reference_says_where_it_keeps_each_clause() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.c"))
    claimed = set(re.findall(r"\[([a-z-]+\.[a-z0-9-]+)\]", text))
    assert claimed == {p.id for p in JUDGED.properties}


@needs_cc
def test_the_reference_compiles_without_a_warning() -> None:
    result = compiles(sorted(REFERENCE.glob("*.c")))
    assert result.returncode == 0, result.stderr


def changed(name: str, folder: Path) -> list[Path]:
    """The files that a patch changes, written into a folder."""
    made = sorted(materialise(name, folder / name).glob("*.c"))
    return [path for path in made if path.read_bytes() != (REFERENCE / path.name).read_bytes()]


@pytest.mark.parametrize("name", IN_C)
def test_every_patch_applies(name: str, tmp_path: Path) -> None:
    assert changed(name, tmp_path)


@needs_cc
@pytest.mark.parametrize("name", one_in(3, list(IN_C)))
def test_every_patch_compiles_without_a_warning(name: str, tmp_path: Path) -> None:
    result = compiles(changed(name, tmp_path))
    assert result.returncode == 0, result.stderr


def broken(report: ConformReport) -> dict[str, int]:
    """The properties that broke, with the steps of each trace (0: none was kept)."""
    traces = {trace.violation.property: len(trace.steps) for trace in report.findings}
    return {**dict.fromkeys(report.also_broken, 0), **traces}


@needs_cc
@pytest.mark.parametrize("name", QUICK)
def test_a_bug_is_caught_by_its_property(name: str, tmp_path: Path) -> None:
    first = (Sourced(DIRECT, name, QUICK[name]),)
    report = campaign(materialise(name, tmp_path / name), first, Options(runs=0, shrink=False))
    assert IN_C[name].breaks in broken(report)


@needs_cc
def test_the_reference_keeps_every_rule_in_those_scenarios() -> None:
    first = tuple(Sourced(DIRECT, name, scenario) for name, scenario in QUICK.items())
    report = campaign(REFERENCE, first, Options(runs=10, seed=1))
    assert report.findings == ()
    assert not report.partial


@needs_cc
@pytest.mark.slow
def test_the_reference_keeps_every_rule_in_many_runs() -> None:
    report = campaign(REFERENCE, BY_HAND, Options(runs=1000, seed=2))
    assert report.findings == ()
    assert report.never_reached == ()


@needs_cc
@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), IN_C.items(), ids=IN_C)
def test_every_bug_is_caught_with_a_minimal_trace(name: str, form: Form, tmp_path: Path) -> None:
    options, folder = Options(runs=0, reported=(form.breaks,)), materialise(name, tmp_path / name)
    found = broken(conform(str(folder), options))
    assert 0 < found[form.breaks] <= form.steps
    assert form.breaks not in MEMORY or set(found) <= set(RULES), "only memory is misused"
