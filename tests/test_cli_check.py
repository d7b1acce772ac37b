"""``chimneysweep check``: what it asks the engines, what it prints, and how it ends."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from cli_stage import PROPERTIES, PROVED, Stage, Witness, stage, unknown, violated

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.storage import load
from chimneysweep.engines.portfolio import ENGINES
from chimneysweep.engines.verdict import Dropped, Proved
from chimneysweep.model.chimney.state import world_size

__all__ = ["stage"]  # a fixture

DEFAULTS = [p.name for p in PROPERTIES if p.kind != "lemma"]


def check(*argv: str) -> int:
    return main(["check", "--quiet", *argv])


def flowing(text: str) -> str:
    """Text without its line breaks, which depend on the width."""
    return " ".join(text.split())


def test_without_options_everything_is_checked_on_the_reference(stage: Stage) -> None:
    assert check() == 0
    (request,) = stage.requests
    assert (request.design, list(request.properties)) == ("reference", DEFAULTS)
    assert request.bounds == world_size()


def test_options_reach_the_engines(stage: Stage) -> None:
    sizes = ["--buffers=3", "--blocks=4", "--connections=1", "--requests=2"]
    rest = ["--timeout=1.5", "--depth=7", "--workers=2", "-psnd.una", "-psnd.una", "-pchain.order"]
    rest += ["--engine=bmc"]
    assert check("-d", "reversed-chain", *sizes, *rest) == 0
    (request,) = stage.requests
    assert request.design == "reversed-chain"
    assert request.properties == ("snd.una", "chain.order")
    assert request.bounds == world_size(3, 4, 1, 2)
    assert (request.timeout, request.depth, request.workers, request.engine) == (1.5, 7, 2, "bmc")


def test_every_engine_can_be_named(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ENGINES:
        assert check("--engine", name) == 0
    assert [r.engine for r in stage.requests] == list(ENGINES)
    assert check("--engine", "magic") == 2
    told = capsys.readouterr().err
    assert all(name in told for name in ("magic", *ENGINES))


def test_all_designs_are_checked_one_after_the_other(stage: Stage) -> None:
    assert check("--design", "all") == 0
    assert [r.design for r in stage.requests] == ["reference", "reversed-chain"]
    reference, seeded = (r.properties for r in stage.requests)
    assert len(reference) > 1
    assert seeded == ("chain.order",), "by the property that it is to break"


def test_a_design_is_named_with_hyphens_or_underscores(stage: Stage) -> None:
    assert check("-d", "reversed_chain", "-d", "reversed-chain") == 0
    assert [r.design for r in stage.requests] == ["reversed-chain"]


def test_named_properties_are_asked_of_all_designs(stage: Stage) -> None:
    assert check("--design", "all", "-p", "snd.una") == 0
    assert [r.properties for r in stage.requests] == [("snd.una",)] * 2


def test_a_green_summary_says_what_it_rests_on(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.verdicts["chain.order"] = Proved(("lemma.one",), rechecked=False)
    stage.witnesses = (
        Witness("snd.una", True, 4, 0.1),
        Witness("chain.order", False, 0, 0.1),
        Witness("sample.posted", None, 0, 0.1),
    )
    assert check() == 0
    told = flowing(capsys.readouterr().out)
    assert "ALL HOLD: design reference, 4 of 4 properties" in told
    assert "clauses 2 proved" in told
    assert f"proved 4, for any number of steps and bytes, in a world of {world_size().show()}" in told
    assert "certificates 3 of 4 proofs confirmed by a fresh solver" in told
    assert "undecided 0" in told
    assert "witnesses 1 properties were seen to apply in a run; not settled for sample.posted" in told
    assert "properties, of which 1 never applies" in told
    assert "vacuous 1: never applies: chain.order" in told
    assert "totality checked" in told


def test_a_violation_is_told_as_a_story(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.verdicts["snd.una"] = violated("snd.una")
    assert check() == 1
    told = capsys.readouterr().out
    assert told.startswith("COUNTEREXAMPLE: design reference breaks clause snd.una in 15 steps")
    assert "  wanted    " in told
    assert "VIOLATED: design reference, 1 of 4 properties" in told
    assert "no run with fewer steps breaks it" in told
    assert "ALL HOLD" not in told
    assert "--trace-dir DIR" in flowing(told)


def test_a_trace_that_may_not_be_shortest_says_so(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.verdicts["snd.una"] = violated("snd.una", exhausted=3)
    assert check() == 1
    assert "every run of up to 3 steps was searched" in flowing(capsys.readouterr().out)


def test_only_the_shortest_violation_is_told_in_full(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stage.verdicts["chain.order"] = violated("chain.order")
    stage.verdicts["snd.una"] = violated("snd.una", steps=3)
    assert check("--trace-dir", str(tmp_path / "deep" / "er")) == 1
    told = capsys.readouterr().out
    assert told.startswith("COUNTEREXAMPLE: design reference breaks clause snd.una in 3 steps")
    assert told.count("COUNTEREXAMPLE") == 1
    assert "VIOLATED  design reference breaks clause chain.order in 15 steps" in told
    file = tmp_path / "deep" / "er" / "reference.chain.order.json"
    assert f"chimneysweep show {file}" in told
    assert load(file) == violated("chain.order").trace
    assert len(list(file.parent.iterdir())) == 2


def test_a_literal_reading_does_not_count(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.verdicts["snd.all@literal"] = violated("snd.all@literal")
    stage.verdicts["snd.una@loose"] = violated("snd.una@loose")
    assert check() == 0
    told = flowing(capsys.readouterr().out)
    literal, others = told.index("Literal readings that no target can keep"), told.index("Other readings")
    assert literal < told.index("snd.all@literal: violated in 15 steps") < others
    assert others < told.index("snd.una@loose: violated")
    assert "ALL HOLD: design reference, 4 of 4" in told
    assert "COUNTEREXAMPLE" not in told


def test_undecided_is_neither_proved_nor_violated(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.verdicts["snd.una"] = unknown(5)
    assert check() == 3
    told = flowing(capsys.readouterr().out)
    assert "UNDECIDED snd.una: the solver ran out of time; no run of up to 5 steps breaks it" in told
    assert "UNDECIDED: design reference, 1 of 4 properties" in told
    assert "undecided 1, checked to depth 5" in told


def test_a_search_that_never_began_claims_no_depth(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.verdicts["snd.una"] = unknown(-1)
    assert check() == 3
    assert "depth" not in capsys.readouterr().out


def test_a_violation_outweighs_what_is_undecided(stage: Stage) -> None:
    stage.verdicts.update({"snd.una": unknown(), "chain.order": violated("chain.order")})
    assert check() == 1


def test_an_undecided_reading_does_not_count(stage: Stage) -> None:
    stage.verdicts["snd.una@loose"] = unknown()
    assert check() == 0


def test_a_model_that_can_get_stuck_proves_nothing(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.total = False
    assert check() == 3
    told = flowing(capsys.readouterr().out)
    assert "the model can get stuck, so its proofs say nothing" in told
    assert "totality FAILED" in told


@pytest.mark.parametrize(
    ("broken", "note"), [("chain.order", "and it was found"), ("snd.una", "was not found")]
)
def test_a_seeded_bug_is_called_one(
    stage: Stage, capsys: pytest.CaptureFixture[str], broken: str, note: str
) -> None:
    stage.verdicts[broken] = violated(broken)
    assert check("-d", "reversed-chain") == 1
    told = flowing(capsys.readouterr().out)
    assert "has a bug on purpose, which breaks chain.order" in told
    assert note in told


def test_a_trace_that_does_not_replay_is_our_bug(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = violated("snd.una")
    steps = [s for s in verdict.trace.steps if s.action != "PeerReceives"]
    trace = dataclasses.replace(verdict.trace, steps=steps)
    stage.verdicts["snd.una"] = dataclasses.replace(verdict, trace=trace)
    assert check() == 70
    told = flowing(capsys.readouterr().out)
    assert "this is a bug in chimneysweep: the trace for snd.una does not replay on the model: step 4" in told


def test_interrupted_it_prints_what_it_has(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stage.interrupt_after = 2
    file = tmp_path / "r.json"
    assert check("--design", "all", "--json", str(file)) == 130
    told = capsys.readouterr().out
    assert "PARTIAL: design reference, interrupted after 2 of 6 properties" in told
    assert "ALL HOLD" not in told
    assert "totality     not reached" in told
    assert len(stage.requests) == 1, "the designs that follow are not begun"
    result = json.loads(file.read_text(encoding="utf-8"))
    assert (result["partial"], result["exit"], len(result["reports"])) == (True, 130, 1)


def test_the_json_result_has_everything(stage: Stage, tmp_path: Path) -> None:
    stage.verdicts.update({"snd.una": violated("snd.una"), "sample.posted": unknown()})
    stage.verdicts["snd.all@literal"] = violated("snd.all@literal")
    stage.witnesses = (Witness("snd.una", None, 4, 0.1),)
    file = tmp_path / "r.json"
    assert check("--json", str(file)) == 1
    result = json.loads(file.read_text(encoding="utf-8"))
    assert (result["format"], result["version"], result["command"]) == ("chimneysweep-result", 2, "check")
    assert result["exit"] == 1
    (report,) = result["reports"]
    by_name = {r["property"]: r for r in report["results"]}
    assert list(by_name) == DEFAULTS
    assert by_name["chain.order"]["certificate"] == list(PROVED.certificate)
    assert by_name["snd.una"]["trace"]["format"] == "chimneysweep-trace"
    assert by_name["sample.posted"]["verdict"] == "undecided"
    assert [n for n, r in by_name.items() if not r["counts"]] == ["snd.una@loose", "snd.all@literal"]
    assert report["witnesses"] == [{"property": "snd.una", "reachable": None, "steps": 4}]
    assert result["seconds"]["$.reports[0].witnesses[0]"] == 0.1


def test_progress_goes_to_stderr_unless_quiet(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "-p", "snd.una"]) == 0
    captured = capsys.readouterr()
    assert "snd.una: proved with 2 lemmas" in captured.err
    assert "snd.una: proved" not in captured.out
    assert check("-p", "snd.una") == 0
    assert capsys.readouterr().err == ""


def test_verbose_has_a_line_for_each_property(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--verbose") == 0
    told = capsys.readouterr().out
    assert all(any(line.startswith(f"{name} ") for line in told.splitlines()) for name in DEFAULTS)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["-p", "snd.unna"], "there is no property 'snd.unna'; did you mean snd.una"),
        (["-p", "order"], "did you mean chain.order?"),
        (["-p", "qqq"], "`chimneysweep list properties` shows those there are"),
        (["-d", "refrence"], "there is no design 'refrence'; did you mean reference?"),
        (["-d", "zzz"], "`chimneysweep list designs` shows those there are"),
        (["--buffers", "0"], "'--buffers': 0 is not in the range"),
        (["--buffers", "many"], "'many' is not a valid integer"),
        (["--timeout", "0"], "'--timeout': 0.0 is no number of seconds above 0"),
        (["--timeout", "nan"], "nan is no number of seconds"),
        (["--timeout", "inf"], "inf is no number of seconds"),
        (["--timeout", "soon"], "'soon' is not a valid float"),
        (["--json", "none/such/r.json"], "to write r.json to"),
        (["--jsn", "x"], "No such option"),
        (["extra"], "there is no subject 'extra'; give a file, like my_protocol.py"),
        (["reversed-chain"], "did you mean --design reversed-chain?"),
        (["--bound", "bufers=3"], "chimney has no bound 'bufers'; its bounds are: buffers=8"),
        (["--bound", "buffers=none"], "give a name and a number from 1 to 256"),
        (["proxy.py"], "proxy.py is not there"),
    ],
)
def test_bad_input_is_one_clear_message(
    stage: Stage, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    assert check(*argv) == 2
    captured = capsys.readouterr()
    assert told in flowing(captured.err)
    assert captured.err.count("Error:") == 1
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert not stage.requests, "nothing was run"


def test_a_file_in_the_place_of_the_trace_directory(
    stage: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert check("--trace-dir", str(tmp_path / "taken")) == 2
    assert "cannot make the directory" in flowing(capsys.readouterr().err)
    assert check("--json", str(tmp_path)) == 2
    assert "is a directory; give the name of a file" in flowing(capsys.readouterr().err)


def test_lemmas_are_checked_only_on_demand(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("-p", "lemma.tree") == 0
    assert stage.requests[0].properties == ("lemma.tree",)
    assert "lemmas 1 proved" in flowing(capsys.readouterr().out)


def test_lemmas_that_do_not_hold_are_named(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.dropped = (Dropped("lemma.tree", "not preserved by FillTree"),)
    assert check() == 0
    brief = flowing(capsys.readouterr().out)
    assert "dropped 1 lemma or rule does not hold by induction here" in brief
    assert "FillTree" not in brief
    assert check("--verbose") == 0
    told = flowing(capsys.readouterr().out)
    assert "DOES NOT HOLD BY INDUCTION lemma.tree: not preserved by FillTree" in told


def test_witnesses_are_kept_with_the_traces(stage: Stage, tmp_path: Path) -> None:
    witness = dataclasses.replace(violated("snd.una").trace, violation=None)
    stage.witnesses = (Witness("snd.una", True, 15, 0.1, witness), Witness("chain.order", None, 0, 0.1))
    assert check("--trace-dir", str(tmp_path)) == 0
    (file,) = tmp_path.iterdir()
    assert file.name == "reference.snd.una.witness.json"
    assert load(file) == witness


# Without the stage: the engines themselves.

PROXY = str(Path(__file__).parent.parent / "examples" / "proxy.py")
ALONE = {"induction": (0, "proved"), "bmc": (3, "undecided"), "spacer": (0, "proved")}


@pytest.mark.parametrize("name", ALONE)
def test_an_engine_by_itself_says_what_it_is_worth(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    code, verdict = ALONE[name]
    asked = ("--bound", "connections=1", "--depth", "4", "-p", "connections.kept", "--json", str(out))
    assert check(PROXY, "--engine", name, *asked) == code
    told = flowing(capsys.readouterr().out)
    assert "by itself" in told
    assert ("no run of up to 4 steps breaks it" in told) == (name == "bmc")
    (report,) = json.loads(out.read_text(encoding="utf-8"))["reports"]
    assert (report["engine"], report["results"][0]["verdict"]) == (name, verdict)


def test_what_is_not_inductive_is_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(PROXY, "--engine", "induction", "-p", "bytes.kept") == 3
    assert "UNDECIDED bytes.kept: not inductive (not preserved by" in flowing(capsys.readouterr().out)
