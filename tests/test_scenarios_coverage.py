"""Coverage: what was met of what can be, by which scenarios, and what never was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chimneysweep.cli.coverage_lines import SHORT, covered
from chimneysweep.cli.main import main
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.campaign.coverage import Coverage, Tally
from chimneysweep.targets.campaign.stored import Known, Stored
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.outcome import Outcome

STORED = Stored(
    12,
    {"s": Scenario()},
    {
        "action: DataArrives": Known(1, "s"),
        "action: IndicateReceive": Known(2, "s"),
        "action: Drain": Known(2, reason="inside"),
        "pair: DataArrives > IndicateReceive": Known(2, "s"),
        "pair: IndicateReceive > ReturnReceiveIndication": Known(3, "s"),
        "pair: Quiet > Quiet": Known(None, reason="model"),
    },
)


def tally() -> Tally:
    counts = Tally(STORED, ["snd.una", "snd.max"])
    shown = ("DataArrives", "NdisTcpOffloadReceiveHandler", "DataArrives")
    counts.add("model", Outcome({}, frozenset(("snd.una",)), shown))
    counts.add("search", Outcome({}, frozenset(("snd.una",)), ("DataArrives",)))
    return counts


def test_what_was_met_is_counted_by_runs_of_what_can_be() -> None:
    coverage = tally().coverage()
    assert coverage.actions.runs == {"DataArrives": 2, "NdisTcpOffloadReceiveHandler": 1}
    assert coverage.actions.never == ()
    assert coverage.premises.runs == {"snd.una": 2}
    assert coverage.premises.never == ("snd.max",)
    assert coverage.pairs.runs == {"DataArrives > NdisTcpOffloadReceiveHandler": 1}
    assert coverage.pairs.never == ("NdisTcpOffloadReceiveHandler > ReturnReceiveIndication",)
    assert coverage.pairs.possible == 2
    assert coverage.pairs.besides == ("NdisTcpOffloadReceiveHandler > DataArrives",)


def test_each_source_has_its_own_account() -> None:
    assert tally().coverage().sources == {
        "model": {"runs": 1, "actions": 2, "premises": 1, "pairs": 1},
        "search": {"runs": 1, "actions": 1, "premises": 1, "pairs": 0},
    }


def test_the_summary_is_short_and_the_long_list_is_asked_for() -> None:
    many = {f"pair: A > B{k}": Known(2, "s") for k in range(SHORT + 4)}
    counts = Tally(Stored(12, {"s": Scenario()}, many), [])
    counts.add("model", Outcome({}, frozenset(), ("A", "B0")))
    short, whole = (dict(covered(counts.coverage(), verbose)) for verbose in (False, True))
    assert short["covered"] == f"0 of 0 actions, 1 of {SHORT + 4} pairs of consecutive actions"
    assert short["uncovered"].endswith("and 3 more (--verbose names them)")
    assert "A > B9" in whole["uncovered"]
    assert "--verbose" not in whole["uncovered"]
    assert list(covered(Coverage(), False)) == []


def test_a_campaign_reports_what_its_runs_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r.json"
    assert main(["conform", "reference", "--runs", "5", "--seed", "1", "--quiet", "--json", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    world = json.loads(file.read_text(encoding="utf-8"))["world"]
    assert world["actions"]["never_reached"] == world["pairs"]["never_reached"] == []
    assert world["sources"]["search"]["runs"] == 5
    assert f"covered {len(world['actions']['reached'])} of {len(world['actions']['reached'])} actions" in told
    assert "in 5 search runs: " in told
    assert "uncovered" not in told


def test_what_a_target_never_does_is_named() -> None:
    example = Path(__file__).parent.parent / "examples" / "my_target_fixed.py"
    report = conform(f"{example}:MyTargetFixed", Options(runs=0, seed=1))
    assert "HardwareFails" in report.world.actions.never
    assert report.never_reached == report.world.premises.never


def test_the_scenarios_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "--verbose"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "scenarios from the model, for " in told
    assert "it names a step inside the target, which nobody else sees" in told
    assert "premise: " not in told
