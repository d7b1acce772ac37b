"""``replay --gdb`` and ``--pdb``: stop in the target at the last step that it makes before the run breaks."""

from __future__ import annotations

import dataclasses
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from ..counterexamples.trace import Trace

GDB = "gdb"


def tell_world(trace: Trace, console: Console) -> int:
    """Tell what the target is about to do, and the world before it; the number of that step. Raises BadInput.

    That is the last step that it makes from a place of its own, or else the last that calls it.
    """
    from ..counterexamples.panels import lines
    from ..counterexamples.short import where
    from ..counterexamples.story import drawn
    from ..counterexamples.trace import last_place
    from .output import say, wrapped

    found = last_place(trace.steps)
    if trace.source != "target" or not found:
        raise BadInput("the trace holds no place in a target's source; record it anew with `conform --trace`")
    number, place = found
    stop = f"Stops at step {number}, in {place.function} ({where(place)}): {trace.steps[number - 1].says}"
    say(console)
    wrapped(console, stop, "bold")
    say(console, "The world before it:")
    before = dataclasses.replace(trace, steps=trace.steps[: number - 1], violation=None)
    drawings, _ = drawn(before, console.width - 4)
    for panel in drawings.panels(len(before.steps)):
        for line in lines(panel, console.width - 4):
            say(console, "  " + line)
    say(console)
    return number


def in_gdb(trace: Trace, file: Path, number: int) -> None:
    """Build the driver with the calls of the run, and stop in it at step *number*. Raises BadInput."""
    from ..counterexamples.exports.registry import CannotExport
    from .export import program_of, write_folder

    gdb = shutil.which(GDB)
    if gdb is None:
        raise BadInput("--gdb needs gdb, which is not on the path")
    with tempfile.TemporaryDirectory(prefix="chimneysweep-gdb-") as place:
        folder = Path(place) / "replay"
        try:
            write_folder(folder, program_of(trace, file))
        except CannotExport as problem:
            raise BadInput(str(problem)) from problem
        make = ["make", "-s", "-C", str(folder)]
        built = subprocess.run(make, capture_output=True, encoding="utf-8", errors="replace", check=False)
        if built.returncode:
            raise BadInput(f"the driver cannot be built for gdb: {built.stderr.strip()[-400:]}")
        _run(
            [gdb, "-q", *([] if sys.stdin.isatty() else ["-batch"]), *_commands(trace, number), "./replay"],
            folder,
        )


def _run(command: list[str], folder: Path) -> None:
    """Run an interactive command; Ctrl-C is meant for it, and not for us."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run(command, cwd=folder, check=False)
    finally:
        signal.signal(signal.SIGINT, before)


def _commands(trace: Trace, number: int) -> list[str]:
    """What gdb is to do: stop at the step, go up to the driver's own function, show where that is."""
    step = trace.steps[number - 1]
    assert step.at is not None
    function = [step.at.function] if step.at.function.isidentifier() else []
    commands = [
        "set breakpoint pending on",
        f"break step if number == {number}",
        "break __asan_on_error",
        "run",
        *([] if step.own else [command for name in function for command in (f"tbreak {name}", "continue")]),
        "backtrace",
        *(f"frame function {name}" for name in function),
        "info locals",
    ]
    return [word for command in commands for word in ("-ex", command)]


def in_pdb(trace: Trace, number: int) -> None:
    """Play the run again in this process, and stop in the class at step *number*. Raises BadInput."""
    from ..targets.machine.refusal import BadTarget
    from ..targets.running.debugged import debug

    sys.stdout.flush()
    try:
        stopped = debug(trace, number, sys.stdin, sys.stdout)
    except BadTarget as problem:
        raise BadInput(f"--pdb is for a Python class, --gdb for a driver in C: {problem}") from problem
    if not stopped:
        raise BadInput(f"step {number} was not made from a line of a Python class; --gdb is for drivers in C")
