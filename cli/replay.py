"""``chimneysweep replay``: run a trace again and say whether the same happens."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from .errors import ALL_HOLD, VIOLATED, BadInput, Unknown, read_trace

if TYPE_CHECKING:
    from ..counterexamples.trace import Trace


@click.command("replay")
@click.argument("trace", metavar="TRACE")
def command(trace: str) -> int:
    """Run the trace in the file TRACE again, where it came from: on the model, or on the target.

    Ends with 0 if everything happens again as recorded, and with 1 if not; then it says
    at which step, and what differs.
    """
    loaded = read_trace(trace)
    ok, message = _on_model(loaded) if loaded.source == "model" else _on_target(loaded)
    from .output import out, wrapped

    console = out()
    style = "bold green" if ok else "bold red"
    wrapped(console, f"{'replays' if ok else 'DOES NOT REPLAY'}: {message}", style)
    return ALL_HOLD if ok else VIOLATED


def _on_model(trace: Trace) -> tuple[bool, str]:
    from ..counterexamples.model_replay import as_recorded, replay_on_model
    from ..counterexamples.trace import OtherWorld, sized
    from ..properties.loading import BadFile, load_design, users_code

    own = trace.subject.ref.files(trace.target)
    try:
        subject = as_recorded(trace, trace.subject.ref.load())
        design = load_design(trace.target, subject)
        with users_code(own[-1]) if own else nullcontext():
            system = subject.system(design, sized(subject, trace.bounds))
            replay = replay_on_model(trace, system, subject.find)
    except (BadFile, OtherWorld) as problem:
        there = all(file.is_file() for file in own)
        hint = "" if there else "; a trace names files as they were given, so replay it in the same folder"
        raise BadInput(f"{problem}{hint}") from problem
    except KeyError:
        raise Unknown("design", trace.target, subject.design_names, "chimneysweep list designs") from None
    return replay.ok, replay.message


def _on_target(trace: Trace) -> tuple[bool, str]:
    from ..targets.machine.refusal import BadTarget
    from ..targets.running.target_replay import replay_on_target

    try:
        ok, message = replay_on_target(trace)
    except BadTarget as problem:
        raise BadInput(str(problem)) from problem
    return ok, message
