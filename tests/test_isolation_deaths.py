"""What a process died of, from what it leaves behind."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chimneysweep.targets.judging.misbehaviour import RULES
from chimneysweep.targets.running.isolation.deaths import Remains, autopsy, own_words
from chimneysweep.targets.running.isolation.frames import Frame, frames
from chimneysweep.targets.running.symbols import named, tool

USE_AFTER_FREE = """\
=================================================================
==4711==ERROR: AddressSanitizer: heap-use-after-free on address 0x60400011 at pc 0x7f55 bp 0x7ffe sp 0x7ffd
READ of size 4 at 0x60400011 thread T0
    #0 0x7f55a1 in take_back /src/driver/chain.c:41
    #1 0x7f55a2 in chs_send /opt/chimneysweep/targets/other.c:9
    #2 0x7f55a3  (/lib/libffi.so.8+0x6f79)
    #3 0x7f55a4 in _PyEval_Vector Python/ceval.c:6434

0x60400011 is located 4 bytes inside of 40-byte region [0x6040000d,0x60400035)
freed by thread T0 here:
    #0 0x7f55b0 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x7f55b1 in give_away /src/driver/chain.c:30

SUMMARY: AddressSanitizer: heap-use-after-free /src/driver/chain.c:41 in take_back
Shadow bytes around the buggy address:
"""
IN_INTERCEPTOR = """\
==1==ERROR: AddressSanitizer: attempting double-free on 0x60200011 in thread T0:
    #0 0x7f8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x7f9 in halt /src/driver/main.c:7

SUMMARY: AddressSanitizer: double-free ../../../../src/libsanitizer/asan/x.cpp:52 in __interceptor_free
"""
SEGV = """\
==1==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000008 (pc 0x7f bp 0x7e sp 0x7d T0)
    #0 0x7f in head /src/driver/chain.c:3

SUMMARY: AddressSanitizer: SEGV /src/driver/chain.c:3 in head
"""
OVERFLOW = """\
chain.c:12:9: runtime error: signed integer overflow: 1 + 2147483647 cannot be represented in type 'int'
    #0 0x7f in count /src/driver/chain.c:12
and then the driver's own words
"""
FATAL = f"""\
Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "{ctypes.__file__}", line 519 in string_at
  File "/src/driver.py", line 8 in segment_arrives
  File "/x/main.py", line 3 in call
"""


@pytest.mark.parametrize(
    ("remains", "rule", "what"),
    [
        (
            Remains(1, ("run",), reports=USE_AFTER_FREE),
            "target.memory",
            "run: AddressSanitizer: heap-use-after-free, READ of size 4, in take_back (chain.c:41)",
        ),
        (
            Remains(1, ("run",), reports=IN_INTERCEPTOR),
            "target.memory",
            "run: AddressSanitizer: double-free, in halt (main.c:7)",
        ),
        (
            Remains(1, ("run",), reports=SEGV),
            "target.crashed",
            "run: AddressSanitizer: SEGV, in head (chain.c:3)",
        ),
        (
            Remains(1, ("run",), said=OVERFLOW),
            "target.undefined",
            "run: UndefinedBehaviorSanitizer: signed integer overflow: 1 + 2147483647 cannot be represented"
            " in type 'int', in count (chain.c:12)",
        ),
        (
            Remains(-signal.SIGABRT, ("run",), said="free(): double free detected in tcache 2\n"),
            "target.memory",
            "run: the C library found its heap damaged: free(): double free detected in tcache 2",
        ),
        (
            Remains(-signal.SIGSEGV, ("run", "segment_arrives"), reports=FATAL),
            "target.crashed",
            "segment_arrives is ended by SIGSEGV (an invalid address), in segment_arrives (driver.py:8)",
        ),
        (Remains(-signal.SIGTERM), "target.crashed", "the target is ended by SIGTERM"),
        (Remains(3, ("run",)), "target.exited", "run ends the process with exit code 3"),
        (
            Remains(0, ("run",), lost=True),
            "target.closed-channel",
            "run closes the checker's own channel, or writes into it",
        ),
        (
            Remains(-signal.SIGABRT, ("run",), hung=2.0, reports=SEGV),
            "target.hung",
            "run has not returned after 2 s",
        ),
        (
            Remains(-signal.SIGKILL, hung=0.5),
            "target.hung",
            "the target keeps the process busy and does not come back after 0.5 s",
        ),
    ],
)
def test_the_rule_and_the_words(remains: Remains, rule: str, what: str) -> None:
    death = autopsy(remains)
    assert (death.rule, death.what) == (rule, what)
    assert rule in RULES


def test_a_report_keeps_what_is_the_targets_and_no_addresses() -> None:
    assert autopsy(Remains(1, ("run",), reports=USE_AFTER_FREE)).report == (
        "ERROR: AddressSanitizer: heap-use-after-free on address 0x...",
        "READ of size 4 at 0x... thread T0",
        "    take_back (chain.c:41)",
        "    chs_send (other.c:9)",
        "0x... is located 4 bytes inside of 40-byte region [0x...,0x...)",
        "freed by thread T0 here:",
        "    give_away (chain.c:30)",
    )


def test_a_hang_is_reported_with_where_it_was_stopped() -> None:
    told = autopsy(Remains(-signal.SIGABRT, ("run",), hung=2.0, reports=USE_AFTER_FREE)).report
    assert told[:2] == ("stopped in take_back (chain.c:41)", "called from chs_send (other.c:9)")


def test_a_hang_is_never_reported_to_have_stopped_in_our_own_sources() -> None:
    report = (
        "    #0 0x7f in covers /made/<ndis>/src/cover.c:26\n    #1 0x7f in DriverEntry /src/driver.c:149\n"
    )
    told = autopsy(Remains(-signal.SIGABRT, ("loading it",), hung=10.0, reports=report)).report
    assert told == ("stopped in DriverEntry (driver.c:149)",)


def test_the_targets_words_are_told_from_the_sanitizers() -> None:
    said = f"first\n{OVERFLOW}AddressSanitizer:DEADLYSIGNAL\n\nlast"
    assert own_words(said) == ["first", "and then the driver's own words", "last"]
    assert own_words("\n".join(map(str, range(100))))[:2] == ["[...]", "76"]


def test_frames_of_others_are_passed_over() -> None:
    assert frames(USE_AFTER_FREE.splitlines())[0] == Frame("take_back", "/src/driver/chain.c", 41)
    assert [f.function for f in frames(FATAL.splitlines())] == ["segment_arrives", "call"]
    assert frames(['  File "<frozen importlib._bootstrap>", line 4 in _load', "no frame"]) == []


def test_a_report_without_addresses_of_a_driver_stays_as_it_is() -> None:
    line = "    #1 0x7f2d  (/nowhere/driver.so+0x1234) (BuildId: 00ff)"
    assert named(f"first\n{line}\nlast") == f"first\n{line}\nlast"


@pytest.mark.skipif(not tool(), reason="nothing here names addresses")
def test_files_are_named_whatever_the_locale(tmp_path: Path) -> None:
    source = tmp_path / "dräiver.c"
    source.write_text("int one(void)\n{\n    return 1;\n}\n", encoding="utf-8")
    library = source.with_suffix(".so")
    subprocess.run(["cc", "-g", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    symbols = subprocess.run(["nm", str(library)], capture_output=True, text=True, check=True).stdout
    at = next(int(line.split()[0], 16) for line in symbols.splitlines() if line.endswith(" T one"))
    asked = "import sys; from chimneysweep.targets.running.symbols import lines_of; "
    asked += f"[(file, line)] = lines_of(sys.argv[1], [{at + 1}]).values(); assert line == 2; open(file)"
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    assert subprocess.run([sys.executable, "-c", asked, str(library)], env=plain, check=False).returncode == 0
