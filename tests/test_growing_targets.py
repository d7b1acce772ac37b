"""A part that a user adds reaches executable targets: its events are played, its clause judges."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from house import ROOT

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.model_replay import Now, Replay
from chimneysweep.counterexamples.storage import dumps, load
from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.campaign.generate import scenario
from chimneysweep.targets.chimney.load import load as load_target
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.moves import MOVES, moves_of
from chimneysweep.targets.chimney.play import Play
from chimneysweep.targets.chimney.scenario import Scenario, from_json
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.direct import JUDGED, judged_by
from chimneysweep.targets.running.target_replay import replay_on_target

ODD = """

class Deaf(Reference):
    pass


class Talkative(Reference):
    def link_changes(self):
        super().link_changes()
        self.ndis.m_pause_complete(self.conns[0].handle, 3)


class Vague(Reference):
    def miniport_pause(self, context, seconds):
        self.ndis.m_pause_complete(context.handle)
        self.ndis.m_pause_complete(context.handle, "soon")
        self.ndis.m_pause_complete(context, seconds)
        self.ndis.m_pause_complete(context.handle, seconds)
"""

PAUSES = (ROOT / "examples" / "pauses.py").read_text(encoding="utf-8") + ODD


@pytest.fixture
def pauses(tmp_path: Path) -> Path:
    path = tmp_path / "pauses.py"
    path.write_text(PAUSES, encoding="utf-8")
    return path


def driven(pauses: Path, target: str, runs: int = 50) -> ConformReport:
    return conform(f"{pauses}:{target}", Options(runs=runs, seed=1, subject=SubjectRef(f"{pauses}:WIDER")))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random scenarios alone: no stored one has what is added."""
    monkeypatch.setattr("chimneysweep.targets.campaign.campaign.sources", lambda folder, kinds, failed: ())


def broken(report: ConformReport) -> dict[str, Any]:
    return {trace.violation.property: trace for trace in report.findings if trace.violation}


def test_a_lawful_target_keeps_the_new_clause_and_all_others(pauses: Path) -> None:
    report = driven(pauses, "Lawful", 60)
    assert report.findings == ()
    assert report.coverage["pauses.answered"] == report.runs > 300
    assert report.world.actions.runs["MiniportPause"] > 5
    assert report.world.actions.runs["NdisMPauseComplete"] > 5


@pytest.mark.usefixtures("alone")
def test_a_target_that_breaks_it_is_caught_by_the_clauses_name(pauses: Path) -> None:
    report = driven(pauses, "Hasty")
    assert list(broken(report)) == ["pauses.answered"]
    trace = broken(report)["pauses.answered"]
    assert [step.action for step in trace.steps] == ["MiniportPause", "NdisMPauseComplete"]
    assert trace.steps[0].says == "the host pauses connection 0 for 6 seconds"
    assert trace.steps[0].changes["conns[0].asked"] == (0, 6)
    assert trace.steps[1].says == "the target says that it paused connection 0 for 5 seconds"
    assert trace.subject.ref == SubjectRef(f"{pauses}:WIDER")
    assert "pauses" in trace.subject.parts
    said = "all 2 steps happen again as recorded, and break pauses.answered"
    assert replay_on_target(trace) == Replay(Now.AGAIN, said)


@pytest.mark.usefixtures("alone")
def test_its_trace_is_stored_told_and_replayed_like_any_other(
    pauses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = broken(driven(pauses, "Hasty"))["pauses.answered"]
    file = tmp_path / "found.json"
    file.write_text(dumps(trace), encoding="utf-8")
    assert load(file) == trace
    assert main(["show", str(file)]) == 0
    assert "A pause is answered, with the seconds that were asked for." in capsys.readouterr().out
    assert main(["replay", str(file)]) == 1
    pauses.write_text(PAUSES.replace("min(seconds, 5)", "seconds"), encoding="utf-8")
    assert main(["replay", str(file)]) == 0, "it is mended"


@pytest.mark.usefixtures("alone")
def test_a_target_without_the_entry_point_is_not_asked(pauses: Path) -> None:
    report = driven(pauses, "Deaf")
    assert report.findings == ()
    assert "MiniportPause" in report.world.actions.never


@pytest.mark.usefixtures("alone")
def test_what_cannot_be_is_nonsense(pauses: Path) -> None:
    (trace,) = (t for name, t in broken(driven(pauses, "Talkative")).items() if name == "target.nonsense")
    says = "m_pause_complete is called where that cannot be: the target says that it paused connection 0 "
    assert trace.steps[-1].says == f"{says}for 3 seconds"


def test_arguments_that_do_not_fit_are_nonsense(pauses: Path) -> None:
    judged = judged_by(SubjectRef(f"{pauses}:WIDER"))
    play = Play(load_target(f"{pauses}:Vague"), Scenario((Move("MiniportPause", n=4),)), judged)
    play.run()
    told = [h.action.says for h in play.monitor.history if h.action.name == "Misbehaves"]
    assert told == [
        "m_pause_complete is called with 1 arguments; it takes 2 (conn, seconds)",
        "m_pause_complete is passed str 'soon' as seconds",
        "m_pause_complete is passed an object of TcpConnection as a handle, which no connection has",
    ]
    assert [h.action.name for h in play.monitor.history].count("NdisMPauseComplete") == 1


def test_scenarios_have_the_new_move_and_only_where_it_is_known(pauses: Path) -> None:
    judged = judged_by(SubjectRef(f"{pauses}:WIDER"))
    kinds = moves_of(judged.added, judged.subject.bounds)
    assert set(kinds) == {*MOVES, "MiniportPause"}
    drawn = [m for k in range(99) for m in scenario(Random(k), kinds).moves if m.kind == "MiniportPause"]
    assert len({move.n for move in drawn}) > 5
    assert all(0 <= move.n <= 9 for move in drawn)
    data = {"moves": [{"kind": "MiniportPause", "n": 3}], "shape": "connection", "offloads": [{}]}
    assert from_json(data, kinds).moves[0].n == 3
    with pytest.raises(ValueError, match="there is no move 'MiniportPause'"):
        from_json(data)


MORE = "seconds=between(0, 9), why=between(0), who=between(0)"
OTHER = (
    "from chimneysweep import Subject\nWIDER = Subject('other', 'another world', Pausing)\nUNUSED = (\n    "
)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("seconds=between(0, 9)", MORE),
            "event MiniportPause has the parameters seconds, why, who; a move of a scenario has two at most",
        ),
        (("WIDER = CHIMNEY", "WIDER = nothing"), "NameError: name 'nothing' is not defined"),
        (("WIDER = CHIMNEY.with_parts(", OTHER), "pauses.py:WIDER has a world of its own"),
        (
            ("Not(conn.pausing), conjunct(", "Not(conn.paused), conjunct("),
            "Connection has no field 'paused'",
        ),
    ],
)
def test_a_part_that_cannot_be_played_is_refused(pauses: Path, change: Any, told: str) -> None:
    text = PAUSES.replace(*change)
    pauses.write_text(text, encoding="utf-8")
    with pytest.raises(BadTarget, match=re.escape(told)):
        driven(pauses, "Lawful")


def test_without_additions_everything_is_as_it_was() -> None:
    assert judged_by(SubjectRef()) is JUDGED
    assert JUDGED.added == ()
    assert moves_of(JUDGED.added, JUDGED.subject.bounds) is MOVES
