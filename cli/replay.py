"""``chimneysweep replay``: run a trace again and say whether what was wrong still is."""

from __future__ import annotations

from contextlib import chdir, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import ALL_HOLD, CHANGED, VIOLATED, BadInput, UnknownName, read_trace

if TYPE_CHECKING:
    from ..counterexamples.model_replay import Replay
    from ..counterexamples.trace import Trace


@click.command("replay")
@click.argument("trace", metavar="TRACE")
@click.option("--gdb", is_flag=True, help="Stop in the driver, in gdb, at its last step before it breaks.")
@click.option("--pdb", is_flag=True, help="Stop so in the Python class, in pdb.")
def command(trace: str, gdb: bool, pdb: bool) -> int:
    """Run the trace in the file TRACE again, where it came from: on the model, or on the target.

    What it names is looked for from the trace's own folder upwards, then from the current one.

    \b
    FIXED         (exit 0)  what it shows does not break any more
    STILL BROKEN  (exit 1)  everything happens again as recorded
    CANNOT LOAD   (exit 2)  the trace, or what it is of, cannot be had
    CHANGED       (exit 4)  something else happens, or breaks; it says what

    A run that breaks nothing HAPPENS AGAIN (exit 0), or has CHANGED.
    """
    if gdb and pdb:
        raise BadInput("--gdb is for a driver in C, --pdb for a Python class; give one of them")
    loaded = read_trace(trace)
    from .output import out, wrapped

    replay, folder = played_again(loaded, Path(trace))
    word, code, style = _verdict(replay, loaded)
    where = "" if folder == Path() else f" (in {folder})"
    wrapped(out(), f"{word}: {replay.message}{where}", style)
    if replay.ok and (gdb or pdb):
        from .debug import in_gdb, in_pdb, tell_world

        number = tell_world(loaded, out())
        with chdir(folder):
            in_gdb(loaded, Path(trace).resolve(), number) if gdb else in_pdb(loaded, number)
    return code


def _verdict(replay: Replay, trace: Trace) -> tuple[str, int, str]:
    """The word for what came of it, the exit code, and the style."""
    from ..counterexamples.model_replay import Now

    if replay.now is Now.OTHERWISE:
        return "CHANGED", CHANGED, "bold yellow"
    if trace.violation is None:
        return "HAPPENS AGAIN", ALL_HOLD, "bold green"
    broken = ("STILL BROKEN", VIOLATED, "bold red")
    return broken if replay.ok else ("FIXED", ALL_HOLD, "bold green")


def played_again(trace: Trace, file: Path) -> tuple[Replay, Path]:
    """What comes of the trace in *file* now, and the folder that it was played in. Raises BadInput."""
    folder = recorded_in(trace, file)
    with chdir(folder):
        return (_on_model(trace) if trace.source == "model" else _on_target(trace)), folder


def recorded_in(trace: Trace, file: Path) -> Path:
    """The nearest folder above *file* from which all is there that the trace names; else the current one."""
    from ..properties.loading import is_file, split

    own = trace.source == "target" or is_file(trace.target)
    targets = {Path(trace.target), Path(split(trace.target)[0])} if own else set()
    choices = [[*trace.subject.ref.files(), target] for target in targets] or [trace.subject.ref.files()]
    relative = [[path for path in paths if not path.is_absolute()] for paths in choices]
    for above in file.resolve().parents if all(relative) else ():
        if any(all((above / path).exists() for path in paths) for paths in relative):
            return Path() if above == Path().resolve() else above
    return Path()


def _on_model(trace: Trace) -> Replay:
    from ..counterexamples.model_replay import as_recorded, replay_on_model
    from ..counterexamples.trace import OtherWorld, sized
    from ..properties.loading import BadFile, load_design, users_code

    own = trace.subject.ref.files(trace.target)
    try:
        subject = as_recorded(trace, trace.subject.ref.load())
        design = load_design(trace.target, subject)
        with users_code(own[-1]) if own else nullcontext():
            system = subject.system(design, sized(subject, trace))
            return replay_on_model(trace, system, subject.find)
    except (BadFile, OtherWorld) as problem:
        raise BadInput(f"CANNOT LOAD: {problem}") from problem
    except KeyError:
        raise UnknownName("design", trace.target, subject.design_names, "chimneysweep list designs") from None


def _on_target(trace: Trace) -> Replay:
    from ..targets.machine.refusal import BadTarget
    from ..targets.running.target_replay import replay_on_target

    try:
        return replay_on_target(trace)
    except BadTarget as problem:
        raise BadInput(f"CANNOT LOAD: {problem}") from problem
