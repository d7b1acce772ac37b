"""A driver in C may do anything to its process: each thing is a finding, with the line where it is known."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chimneysweep.counterexamples.render import text
from chimneysweep.counterexamples.storage import from_json, to_json
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.isolation.runner import Isolated
from chimneysweep.targets.running.launch import How, how_from_json, launch
from chimneysweep.targets.running.outcome import Outcome
from chimneysweep.targets.running.target_replay import replay_on_target

SMALLEST = Path(__file__).parent / "drivers" / "smallest.c"
MISBEHAVES = r"""
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int one = 1;
static char *volatile kept;

static int deep(int n)
{
    volatile char page[4000];
    page[0] = (char)n;
    return deep(n + 1) + page[0];
}

static void misbehave(unsigned way)
{
    switch (way) {
    case 1: kept = malloc(8); free(kept); kept[0] = 1; break;   /* after free */
    case 2: kept = malloc(8); memset(kept, 0, 8 + one); break;  /* too far */
    case 3: kept = malloc(8); free(kept); free(kept); break;    /* twice */
    case 4: one = deep(one); break;                             /* no end */
    case 5: one = 2147483647 + one; break;                      /* overflow */
    case 6: kept = (char *)8; raise(SIGSEGV); break;            /* segv */
    case 7: abort();                                            /* abort */
    case 8: exit(3);                                            /* exit */
    case 9: while (one) ;                                       /* loop */
    case 10: for (int k = 3; k < 200; k++) close(k); break;     /* close */
    case 11: while (one) pause();                               /* sleep */
    case 12: for (int k = 3; k < 200; k++) if (write(k, "noise", 5)) continue; break; /* write */
    case 13: memset((char *)malloc(64) - 4096, 0xA5, 8192); break; /* scribble */
    }
}
"""
pytestmark = pytest.mark.skipif(
    os.name != "posix" or not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="there is no C compiler"
)


LENGTH = (
    "({ ULONG all = 0; for (PNET_BUFFER nb = NET_BUFFER_LIST_FIRST_NB(list); nb; nb = nb->Next)"
    " all += NET_BUFFER_DATA_LENGTH(nb); all; })"
)


def source(folder: Path, way: str = LENGTH) -> Path:
    """The smallest driver, which misbehaves when it is passed a send: its length says in which way."""
    call = f"#define ON_SEND misbehave({way})\n"
    file = folder / "driver.c"
    file.write_text(MISBEHAVES + call + SMALLEST.read_text(encoding="utf-8"), encoding="utf-8")
    return file


def line(file: Path, code: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, text in enumerate(lines, 1) if code in text)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return source(tmp_path_factory.mktemp("driver"))


@pytest.fixture(scope="module")
def sanitized(driver: Path) -> Iterator[Isolated]:
    with launch(str(driver), timeout=30.0) as one:
        if "address-sanitizer" not in one.says:
            pytest.skip("the compiler has no AddressSanitizer")
        yield one


def play(one: Isolated, way: int, timeout: float | None = None) -> Outcome:
    return one.play(Scenario((Move("send", n=way),)), True, timeout)


@pytest.mark.parametrize(
    ("way", "rule", "what", "code"),
    [
        (
            1,
            "memory",
            "AddressSanitizer: heap-use-after-free, WRITE of size 1, in misbehave",
            "/* after free",
        ),
        (2, "memory", "AddressSanitizer: heap-buffer-overflow, WRITE of size 9, in misbehave", "/* too far"),
        (3, "memory", "AddressSanitizer: double-free, in misbehave", "/* twice"),
        (4, "memory", "AddressSanitizer: stack-overflow, in deep", ""),
        (
            5,
            "undefined",
            "UndefinedBehaviorSanitizer: signed integer overflow: 1 \\+ 2147483647",
            "/* overflow",
        ),
        (6, "crashed", "AddressSanitizer: SEGV, in misbehave", "/* segv"),
        (7, "crashed", "AddressSanitizer: ABRT, in misbehave", "/* abort"),
        (8, "exited", "miniport_tcp_offload_send ends the process with exit code 3", ""),
        (10, "closed-channel", "miniport_tcp_offload_send closes the checker's own channel", ""),
        (12, "closed-channel", "closes the checker's own channel, or writes into it", ""),
        (13, "memory", "AddressSanitizer: heap-(buffer-overflow|use-after-free)", "/* scribble"),
    ],
)
def test_a_death_of_a_driver(
    sanitized: Isolated, driver: Path, way: int, rule: str, what: str, code: str
) -> None:
    outcome = play(sanitized, way)
    death = outcome.death
    assert death is not None
    assert death.rule == f"target.{rule}"
    assert re.search(what, death.what)
    assert death.what.startswith("miniport_tcp_offload_send")
    if code:
        assert death.what.endswith(f"(driver.c:{line(driver, code)})")
    assert [step.action for step in outcome.steps] == ["MiniportTcpOffloadSend", "Misbehaves"]
    assert "0x7f" not in "".join(death.report)


def test_a_report_says_where_memory_was_freed(sanitized: Isolated, driver: Path) -> None:
    death = play(sanitized, 1).death
    assert death is not None
    here = f"    misbehave (driver.c:{line(driver, '/* after free')})"
    assert death.report[2] == here
    assert death.report[death.report.index("freed by thread T0 here:") + 1] == here


@pytest.mark.parametrize(("way", "code"), [(9, "/* loop"), (11, "/* sleep")])
def test_a_hang_is_ended_and_says_where(sanitized: Isolated, driver: Path, way: int, code: str) -> None:
    death = play(sanitized, way, 0.5).death
    assert death is not None
    assert (death.rule, death.what) == (
        "target.hung",
        "miniport_tcp_offload_send has not returned after 0.5 s",
    )
    assert f"misbehave (driver.c:{line(driver, code)})" in "".join(death.report)


def test_a_driver_that_died_plays_on(sanitized: Isolated) -> None:
    assert play(sanitized, 1).death == play(sanitized, 1).death
    assert play(sanitized, 100).death is None


def test_without_sanitizers_the_system_tells_what_it_can(driver: Path) -> None:
    with launch(str(driver), How(sanitize=False), 30.0) as one:
        assert re.fullmatch(r"C, built by \S+ with no sanitizer, in a child process", one.says)
        found = {way: play(one, way).death for way in (3, 6, 7)}
    rules = {way: death and death.rule for way, death in found.items()}
    assert rules == {3: "target.memory", 6: "target.crashed", 7: "target.crashed"}
    assert found[6] is not None
    assert found[6].what == "miniport_tcp_offload_send is ended by SIGSEGV (an invalid address)"


def test_a_finding_is_minimal_and_replays_and_says_how_it_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = source(tmp_path, "1")
    monkeypatch.setattr("chimneysweep.targets.campaign.campaign.MOST_CLAUSES", 1)  # the worst finding will do
    monkeypatch.setattr("chimneysweep.targets.campaign.campaign.MOST_GUARANTEES", 0)
    how = How(flags=("-DUNUSED=1",))
    (found,) = conform(str(driver), Options(runs=0, seed=1, how=how)).findings
    assert found.violation
    assert found.violation.property == "target.memory"
    again = from_json(to_json(found))
    assert [step.action for step in again.steps] == ["MiniportTcpOffloadSend", "Misbehaves"]
    assert how_from_json(again.meta["how"]) == how
    replayed = replay_on_target(again)
    assert replayed.ok, replayed.message
    told = " ".join(text(again).split())
    assert "What was reported of it" in told
    assert "AddressSanitizer" in told
    assert f"misbehave (driver.c:{line(driver, '/* after free')})" in told


def test_a_temporary_folder_with_a_space_and_a_colon(
    sanitized: Isolated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "a b:c"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    monkeypatch.setattr("chimneysweep.targets.campaign.campaign.MOST_CLAUSES", 1)
    monkeypatch.setattr("chimneysweep.targets.campaign.campaign.MOST_GUARANTEES", 0)
    (found,) = conform(str(source(tmp_path, "1")), Options(runs=0, seed=1)).findings
    assert found.violation
    assert found.violation.property == "target.memory"
    assert "AddressSanitizer" in found.meta["report"][0]
