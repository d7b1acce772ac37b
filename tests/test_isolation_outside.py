"""The verdict is made where a target cannot reach: whatever it changes in its process, it is found out."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.recipes import PythonRecipe
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.isolation import child
from chimneysweep.targets.running.isolation.runner import Isolated
from chimneysweep.targets.running.launch import launch

TAMPERING = Path(__file__).parent / "tampering_targets.py"
ODD = Path(__file__).parent / "odd_targets.py"
SENDS = Scenario((Move("send", n=1, m=1), Move("transmit", n=1)))

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these targets misuse a POSIX system")


def broken(name: str, told: bool = False, timeout: float = 30.0) -> list[str]:
    with Isolated(PythonRecipe(f"{TAMPERING}:{name}"), timeout) as one:
        return sorted(one.play(SENDS, told).breaches)


@pytest.mark.parametrize("told", [False, True])
@pytest.mark.parametrize("name", ["Builtins", "Monitors", "Modules", "Records"])
def test_what_a_target_changes_in_its_process_changes_no_verdict(name: str, told: bool) -> None:
    expected = broken("Plain", told)
    assert "chain.coverage" in expected
    assert broken(name, told) == expected


@pytest.mark.parametrize("name", ["Counts", "Writing"])
def test_a_target_that_breaks_what_speaks_for_it_is_told_so(name: str) -> None:
    assert set(broken(name)) & {"chain.coverage", "target.closed-channel", "target.raised"}


def test_the_watch_over_hangs_is_not_the_targets_to_set() -> None:
    assert "target.hung" in broken("Clock", timeout=0.5)


def test_nothing_that_a_target_sends_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "mark"
    monkeypatch.setenv("ODD_TARGET_MARK", str(mark))
    assert "chain.coverage" in broken("SendsCode")
    assert not mark.exists()


# -- what else a target does to its process, and to the machine --------------------------------------

BUSY = Scenario((Move("send", n=5), Move("transmit", n=5), Move("data", n=3)))


def odd(name: str, timeout: float = 30.0) -> Isolated:
    return Isolated(PythonRecipe(f"{ODD}:{name}"), timeout)


def refused(folder: Path, text: str) -> str:
    source = folder / "early.py"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(BadTarget) as caught:
        launch(str(source))
    return str(caught.value)


SCRIBBLES = """
import os
for number in range(3, 30):
    try:
        os.write(number, b"mine " * 20)
    except OSError:
        pass
"""


def test_who_writes_into_the_channel_while_it_is_loaded_is_told_so(tmp_path: Path) -> None:
    told = refused(tmp_path, SCRIBBLES)
    assert "loading it closes the checker's own channel, or writes into it" in told
    assert "memory" not in told


def test_a_loop_while_it_is_loaded_is_told_soon_and_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert child.SECONDS_TO_LOAD <= 10
    monkeypatch.setattr(child, "SECONDS_TO_LOAD", 1.0)
    told = refused(tmp_path, "while True:\n    pass\n")
    assert "loading it has not returned after 1 s" in told
    assert "stopped in <module> (early.py:" in told


def test_a_target_that_eats_memory_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST_MEGABYTES", 200)
    with odd("Eats") as one:
        death = one.play(BUSY).death
        assert death is not None
        assert (death.rule, death.what) == (
            "target.memory-limit",
            "segment_arrives takes more than 200 MB of memory",
        )
        assert 200 <= one.child.peak < 2000
        assert one.play(Scenario()).breaches == {}


def test_a_target_without_descriptors_plays_on() -> None:
    with odd("OpensFiles") as one:
        assert [one.play(BUSY, told).breaches for told in (False, True)] == [{}, {}]


def test_a_target_that_stops_its_process_hangs() -> None:
    with odd("Stops") as one:
        assert list(one.play(BUSY, True, 0.5).breaches) == ["target.hung"]
        assert one.play(Scenario()).breaches == {}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are seen in /proc")
def test_what_a_target_started_ends_with_the_runner() -> None:
    with odd("Leaves") as one:
        outcome = one.play(Scenario())
        assert outcome.breaches
        pid = int(outcome.said)
    until = time.monotonic() + 10
    while state(pid) not in ("Z", "") and time.monotonic() < until:
        time.sleep(0.02)
    assert state(pid) in ("Z", "")


def state(pid: int) -> str:
    """Z for a zombie; nothing if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def test_a_process_that_is_killed_before_it_plays_is_started_again() -> None:
    with odd("Forks") as one:
        assert one.child.process
        one.child.process.kill()
        assert one.play(Scenario()).breaches == {}


def test_a_process_that_is_killed_again_and_again_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd("Forks") as one:
        monkeypatch.setattr(one.child, "_forked", lambda: 0)
        with pytest.raises(BadTarget, match="does something on this machine end it"):
            one.play(Scenario())
