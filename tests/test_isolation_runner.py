"""A runner survives whatever a target does to its process, and tells what it was."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chimneysweep.counterexamples.model_replay import Now, Replay
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.chimney.recipes import PythonRecipe
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.direct import InProcess
from chimneysweep.targets.running.isolation import remote_target
from chimneysweep.targets.running.isolation.runner import Isolated
from chimneysweep.targets.running.launch import launch
from chimneysweep.targets.running.outcome import Outcome
from chimneysweep.targets.running.target_replay import replay_on_target

ODD = Path(__file__).parent / "odd_targets.py"
QUIET = Scenario()
BUSY = Scenario((Move("send", n=5), Move("transmit", n=5), Move("data", n=3)))
BRIEF = 0.5
STEPS = ["MiniportTcpOffloadSend", "Transmit", "DataArrives"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these targets misuse a POSIX system")


def odd(name: str) -> str:
    return f"{ODD}:{name}"


@contextlib.contextmanager
def runner(name: str, forks: bool = True) -> Iterator[Isolated]:
    with Isolated(PythonRecipe(odd(name)), 30.0, forks) as one:
        yield one


def place(code: str) -> str:
    """The line of an odd target, as a finding names it."""
    lines = ODD.read_text(encoding="utf-8").splitlines()
    return f"segment_arrives (odd_targets.py:{next(n for n, line in enumerate(lines, 1) if code in line)})"


DEATHS = {
    "Exits": ("target.exited", "segment_arrives ends the process with exit code 3"),
    "Faults": (
        "target.crashed",
        f"segment_arrives is ended by SIGSEGV (an invalid address), in {place('string_at(0)')}",
    ),
    "Aborts": (
        "target.crashed",
        f"segment_arrives is ended by SIGABRT (it aborted), in {place('os.abort()')}",
    ),
    "Recurses": (
        "target.crashed",
        f"segment_arrives is ended by SIGSEGV (an invalid address), in {place('repr(deep)')}",
    ),
    "LoopsInC": ("target.hung", "segment_arrives has not returned after 0.5 s"),
    "Closes": (
        "target.closed-channel",
        "segment_arrives closes the checker's own channel, or writes into it",
    ),
    "Scribbles": (
        "target.closed-channel",
        "segment_arrives closes the checker's own channel, or writes into it",
    ),
    "KillsParent": (
        "target.crashed",
        "segment_arrives is ended by SIGKILL (somebody killed it; perhaps memory ran out)",
    ),
}


@pytest.mark.parametrize("name", DEATHS)
def test_a_death_is_a_finding_with_the_steps_that_led_there(name: str) -> None:
    rule, what = DEATHS[name]
    timeout = BRIEF if rule == "target.hung" else None
    with runner(name) as one:
        assert one.play(QUIET).breaches == {}
        untold = one.play(BUSY, timeout=timeout)
        assert untold.death is not None
        assert (untold.death.rule, list(untold.breaches)) == (rule, [rule])
        told = one.play(BUSY, True, timeout)
        assert told.death is not None
        assert (told.death.rule, told.death.what) == (rule, what)
        assert [step.action for step in told.steps] == [*STEPS, "Misbehaves"]
        assert told.happened == (*STEPS, "Misbehaves")
        assert told.steps[-1].says == what
        assert told.breaches[rule].steps == len(told.steps)
        assert told.breaches[rule].violation.broken[0].where == what
        assert told.initial
        assert told.calls > 3
        assert one.play(QUIET).breaches == {}


@pytest.mark.parametrize("name", ["LoopsInC", "Loops"])
def test_where_a_hang_was_stopped_is_reported(name: str) -> None:
    with runner(name) as one:
        outcome = one.play(BUSY, True, BRIEF)
    assert list(outcome.breaches) == ["target.hung"]
    assert outcome.steps[-1].says == "segment_arrives has not returned after 0.5 s"
    assert outcome.death is not None
    assert outcome.death.report[0].startswith("stopped in segment_arrives (odd_targets.py:")


def test_a_call_that_passes_much_may_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_target, "READ_IN_A_SECOND", 30)
    with runner("LoopsInC") as one:
        outcome = one.play(BUSY, True, BRIEF)
    said = outcome.steps[-1].says.removeprefix("segment_arrives has not returned after ")
    assert 1 < float(said.removesuffix(" s")) < 10


def test_raising_a_keyboard_interrupt_interrupts_nobody() -> None:
    with runner("Interrupts") as one:
        breaches = one.play(BUSY).breaches
    told = breaches["target.raised"].violation.broken[0].where
    assert told.startswith("segment_arrives raises KeyboardInterrupt")


def test_a_fork_of_the_target_has_no_say() -> None:
    with runner("Forks") as one, InProcess(Reference) as other:
        for _ in range(2):
            assert one.play(BUSY) == other.play(BUSY)


def _unplaced(outcome: Outcome) -> Outcome:
    """The outcome without the lines of the target's source, which are looked for in a child process alone."""
    return dataclasses.replace(outcome, steps=tuple(dataclasses.replace(s, at=None) for s in outcome.steps))


@pytest.mark.parametrize("told", [False, True])
def test_an_outcome_is_the_same_as_in_this_process(told: bool) -> None:
    with launch("seeded/tail-forgotten") as one, launch_directly("seeded/tail-forgotten") as other:
        two = Scenario((Move("send", n=1, m=1),))
        here, there = (_unplaced(runner.play(two, told)) for runner in (other, one))
    if told:
        assert there == here
    else:  # then a breach may be without its details
        steps = [{name: b.steps for name, b in outcome.breaches.items()} for outcome in (here, there)]
        assert steps[0] == steps[1]
        assert dataclasses.replace(there, breaches={}) == dataclasses.replace(here, breaches={})
    assert there.breaches["chain.coverage"].steps == 4


def launch_directly(spec: str) -> InProcess:
    return InProcess(PythonRecipe(spec).factory())


def test_what_the_target_writes_is_kept_and_is_no_message() -> None:
    with runner("Prints") as one:
        assert one.play(QUIET).said == "handing back\nto stderr"
    with runner("Exits") as one:
        assert one.play(BUSY).said == "I am leaving [31m"


def test_a_worker_is_kept_while_nothing_breaks_and_not_longer() -> None:
    with runner("Remembers") as one:
        said = [one.play(QUIET).said for _ in range(4)]
        assert said == [f"run {k} of this process" for k in (1, 2, 3, 1)]
        assert one.play(QUIET, traced=True).said == "run 1 of this process"


@pytest.mark.parametrize("name", ["Exits", "LoopsInC", "Remembers"])
def test_without_fork_the_process_is_started_again(name: str) -> None:
    with runner(name, forks=False) as one:
        assert one.play(QUIET).breaches == {}
        first = one.child.process
        assert one.child.worker == (first.pid if first else 0)
        rules = [list(one.play(BUSY, told, BRIEF).breaches) for told in (False, True)]
        if name in DEATHS:
            assert rules == [[DEATHS[name][0]]] * 2
        assert one.child.process is not first
        assert one.play(QUIET).breaches == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import os; os._exit(3)", "the target cannot be used: loading it ends the process with exit code 3"),
        (
            "import ctypes; ctypes.string_at(0)",
            "loading it is ended by SIGSEGV (an invalid address), in <module>",
        ),
        ("import os; print('bye', flush=True); os.closerange(3, 200)", "bye"),
    ],
)
def test_a_target_that_dies_while_it_is_loaded_is_bad_input(tmp_path: Path, text: str, told: str) -> None:
    source = tmp_path / "early.py"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(BadTarget) as caught:
        launch(str(source))
    assert told in str(caught.value)


def test_conform_reports_a_death_that_replays() -> None:
    report = conform(odd("Faults"), Options(runs=0, seed=1))
    (found,) = report.findings
    assert found.violation
    assert found.violation.property == "target.crashed"
    assert "flaky" not in found.meta
    assert found.meta["report"][0] == "Fatal Python error: Segmentation fault"
    assert len(found.steps) == 2
    assert report.played == "a Python class, in a child process"
    assert report.why_partial.startswith("stopped after 10 runs in which the target died")
    said = "all 2 steps happen again as recorded, and break target.crashed"
    assert replay_on_target(found) == Replay(Now.AGAIN, said)


def test_a_death_that_does_not_happen_again_is_flaky(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD_TARGET_MARK", str(tmp_path / "mark"))
    (found,) = conform(odd("DiesOnce"), Options(runs=0, seed=1)).findings
    assert found.meta["flaky"] == "target.exited broke once in this scenario and not when it was played again"
    assert found.violation is None


def test_a_death_that_happens_again_in_another_way_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD_TARGET_MARK", str(tmp_path / "mark"))
    (found,) = conform(odd("DiesInAnotherWay"), Options(runs=0, seed=1)).findings
    assert found.violation is not None
    assert found.violation.property == "target.crashed"
    assert "flaky" not in found.meta


def test_an_exception_that_cannot_be_told_is_the_targets_all_the_same() -> None:
    with runner("Speechless") as one:
        found = one.play(BUSY, True)
    assert list(found.breaches) == ["target.raised"]
    assert "WithoutWords: (no message: RuntimeError in its __str__)" in found.steps[-1].says


# -- no process stays behind -----------------------------------------------------------------------


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def gone(pids: list[int], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, pids))


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are seen in /proc")


@needs_proc
def test_the_end_of_the_block_ends_the_processes() -> None:
    with runner("Loops") as one:
        one.play(QUIET)
        assert one.child.process
        pids = [one.child.process.pid, one.child.worker]
        assert all(map(alive, pids))
    assert gone(pids, 1.0)


HANGS = """
import sys
from chimneysweep.targets.running.launch import launch
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.scenario import Scenario
with launch(sys.argv[1], timeout=60.0) as one:
    one.child.begin(fresh=True)
    print(one.child.process.pid, one.child.worker, flush=True)
    one.play(Scenario((Move("data", n=3),)))
"""


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_when_the_checker_is_killed_nothing_goes_on(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HANGS, odd("LoopsInC")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as checker:
        assert checker.stdout
        pids = [int(pid) for pid in checker.stdout.readline().split()]
        time.sleep(0.3)
        assert all(map(alive, pids))
        checker.send_signal(number)
        checker.wait(10)
    assert gone(pids)


CONFORM = """
import sys
from chimneysweep.cli.main import main
sys.exit(main(["conform", "--quiet", "--timeout", "60", sys.argv[1]]))
"""


def test_an_interrupt_leaves_a_partial_report(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with subprocess.Popen(
        [sys.executable, "-c", CONFORM, odd("HangsOpenly")],
        stdout=subprocess.PIPE,
        env={**os.environ, "ODD_TARGET_MARK": str(mark)},
        text=True,
    ) as checker:
        until = time.monotonic() + 60
        while not mark.exists() and time.monotonic() < until:
            time.sleep(0.05)
        checker.send_signal(signal.SIGINT)
        told, _ = checker.communicate(timeout=60)
    assert checker.returncode == 130
    assert "PARTIAL: interrupted, after " in " ".join(told.split())


def test_an_interrupt_in_the_middle_of_a_run_leaves_a_runner_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with launch("reference") as one:
        with monkeypatch.context() as patched:
            patched.setattr(one.child, "listen", interrupted)
            with pytest.raises(KeyboardInterrupt):
                one.play(BUSY)
        assert one.play(BUSY).breaches == {}


def interrupted(seconds: float) -> None:
    raise KeyboardInterrupt
