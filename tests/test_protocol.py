"""Targets that are programs: what they say is translated, and nonsense of theirs is a finding."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.protocol import session
from chimneysweep.targets.chimney.protocol.program_target import factory
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.running.direct import InProcess
from chimneysweep.targets.running.launch import How, launch
from chimneysweep.targets.running.outcome import Outcome
from chimneysweep.targets.running.target_replay import replay_on_target

ROOT = Path(__file__).parent.parent
SENDS = Scenario((Move("send", n=2),))
Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes a program that misbehaves in the way named."""

    def make(mode: str) -> Path:
        file = tmp_path / "program"
        command = shlex.join([sys.executable, str(ROOT / "tests" / "odd_program.py"), mode])
        file.write_text(f"#!/bin/sh\nexec {command}\n", encoding="utf-8")
        file.chmod(0o755)
        return file

    return make


def play(program: Path, timeout: float = 30.0) -> Outcome:
    with launch(str(program), timeout=timeout) as one:
        return one.play(SENDS, traced=True)


def told(outcome: Outcome) -> dict[str, str]:
    """Property -> where it broke, in words."""
    return {name: breach.violation.broken[0].where for name, breach in outcome.breaches.items()}


def test_a_program_that_does_what_is_right_breaks_nothing(program: Program) -> None:
    outcome = play(program("well"))
    assert outcome.breaches == {}
    assert outcome.happened == (
        "MiniportTcpOffloadSend",
        "MiniportTerminateOffload",
        "NdisMTerminateOffloadComplete",
        "Free",
        "HostResumes",
        "HostTransmits",
        "HostReceives",
        "Quiet",
    )


@pytest.mark.parametrize(
    ("mode", "rule", "what"),
    [
        ("garbage", "nonsense", "the program writes 'this is not JSON', which is no JSON object in one line"),
        ("list", "nonsense", "the program writes '[1, 2]', which is no JSON object in one line"),
        ("nothing", "nonsense", """the program writes '{"neither": 1}', which is no call and no return"""),
        ("unknown", "nonsense", "the program calls str 'ndis_m_reboot', which is no function of NDIS's"),
        ("member", "nonsense", "transmit lacks the member 'segment'"),
        ("number", "nonsense", "net_buffer_lists[0]: id is int 999, a number that nothing has"),
        ("hexadecimal", "nonsense", "data is str '0g', where bytes as hexadecimal digits belong"),
        ("other", "nonsense", "which is not the block list of the call"),
        ("status", "nonsense", "miniport_tcp_offload_send returns an object of Status; only"),
        ("long", "nonsense", "the program writes a line of more than 16777216 bytes"),
        ("error", "raised", "miniport_tcp_offload_send reports an error: 'out of descriptors'"),
        ("halts", "leaked", "a socket is open"),
        ("ends", "exited", "miniport_tcp_offload_send: the program ends with exit code 5"),
        ("killed", "crashed", "miniport_tcp_offload_send: the program is ended by SIGKILL"),
        (
            "closes",
            "closed-channel",
            "miniport_tcp_offload_send: the program closes its standard input or output",
        ),
    ],
)
def test_what_a_program_does_wrong_is_a_finding(
    program: Program, monkeypatch: pytest.MonkeyPatch, mode: str, rule: str, what: str
) -> None:
    found = told(play(program(mode)))
    assert f"target.{rule}" in found
    assert what in found[f"target.{rule}"]


def test_silence_is_a_hang(program: Program) -> None:
    found = told(play(program("silent"), timeout=1.0))
    assert found == {"target.hung": "miniport_tcp_offload_send has not returned after 1 s"}


def test_what_it_writes_to_standard_error_is_kept(program: Program) -> None:
    with launch(str(program("talks"))) as one:
        assert one.play(SENDS).said == "to standard error"


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        ("greets with garbage", "it: the program writes 'hello', which is no JSON object in one line"),
        ("greets with a list", "it: the program writes '[]', which is no JSON object in one line"),
        ("greets another", """its first line is '{"protocol": "other"}', where {"protocol": "chimney"""),
        ("speaks version 2", "it speaks version 2, and the checker version 1"),
        ("wants more", "wants to take make_coffee; there is timer_expires, hardware_fails"),
        ("wants nonsense", "its member 'optional' is '3', where a list of names belongs"),
        ("ends at once", "it: the program ends with exit code 4"),
    ],
)
def test_a_program_that_does_not_shake_hands_is_bad_input(program: Program, mode: str, what: str) -> None:
    with pytest.raises(BadTarget) as caught:
        launch(str(program(mode)))
    assert what in str(caught.value)


def test_a_program_that_never_greets_is_bad_input(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "SECONDS_TO_GREET", 0.2)
    with pytest.raises(BadTarget, match=r"it says nothing for 0\.2 s"):
        factory(program("says nothing"))


def test_a_file_that_cannot_be_started(tmp_path: Path) -> None:
    file = tmp_path / "program"
    file.write_text("no magic number\n", encoding="utf-8")
    with pytest.raises(BadTarget, match="is no target: it is neither a Python file"):
        launch(str(file))
    with pytest.raises(BadTarget, match=r"may not be executed; chmod \+x"):
        launch(str(file), How(protocol=True))
    with pytest.raises(BadTarget, match="there is no program "):
        launch(str(tmp_path / "none"), How(protocol=True))
    file.chmod(0o755)
    with pytest.raises(BadTarget, match="cannot be started: Exec format error"):
        launch(str(file))


def test_a_program_may_be_named_like_python(program: Program) -> None:
    named = program("well").rename(program("well").with_suffix(".py"))
    with launch(str(named), How(protocol=True)) as one:
        assert one.play(SENDS).breaches == {}


def test_a_run_that_was_cut_short_does_not_disturb_the_next(program: Program) -> None:
    make = factory(program("garbage"))
    with InProcess(make) as one:
        first, second = (one.play(SENDS) for _ in range(2))
    assert first == second
    assert "target.nonsense" in first.breaches


def test_a_finding_replays(program: Program) -> None:
    report = conform(str(program("ends")), Options(runs=0, seed=1, shrink=False))
    found = next(t for t in report.findings if t.violation and t.violation.property == "target.exited")
    again = replay_on_target(found)
    assert again.ok, again.message
    assert report.played == "a program of its own, by the line protocol"


@pytest.mark.skipif(shutil.which("node") is None, reason="the example needs node")
def test_the_example_breaks_nothing() -> None:
    report = conform(str(ROOT / "examples" / "my_target.js"), Options(runs=0, seed=3))
    assert report.findings == ()
    assert set(report.never_reached) == {
        "status.failure-true",  # it does not listen when the hardware fails
        "chain.none-when-lost",
        "event.retrieve-told",
        "guarantee.no-silent-loss",
        "disconnect.abort-sent",  # no host aborts its connections
        "disconnect.abort-sends",
        "snd.wl1",  # it hands no SendWL1 back
    }
