"""Playing a finding again: the scenario in its trace, against the target it was found on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...counterexamples.model_replay import Now, Replay
from ...counterexamples.trace import Step, Trace, Violation
from ..chimney.moves import moves_of
from ..chimney.scenario import Scenario, from_json
from ..machine.refusal import BadTarget
from .direct import judged_by
from .launch import how_from_json, launch
from .outcome import Outcome, Runner

_LINE = re.compile(r"(\.(?:c|cc|cpp|cxx|h|py)):\d+\b")
MOST_VALUES = 3
"""Of a step that differs, that are told."""
LONGEST = 3600
"""Seconds that a trace may ask a call to be waited for."""


def replay_on_target(trace: Trace, record: Path | None = None) -> Replay:
    """Whether the target does again what the trace recorded, and the first difference if not.

    What passes between NDIS and a driver in C meanwhile is written to the file *record*.
    Raises BadTarget where it cannot be tried: what the trace lacks, or what cannot be loaded.
    """
    with played(trace, record) as (runner, scenario):
        return replay(trace, runner, scenario)


@contextmanager
def played(trace: Trace, record: Path | None = None) -> Iterator[tuple[Runner, Scenario]]:
    """The target that *trace* is of, and the scenario that it was played. Raises BadTarget."""
    try:
        target = str(trace.meta["target"])
        how = how_from_json(trace.meta.get("how", {}))
        judged = judged_by(trace.subject.ref)
        kinds = moves_of(judged.added, judged.subject.bounds)
        scenario = from_json(trace.meta["scenario"], kinds)
    except KeyError as missing:
        raise BadTarget(f"the trace does not say which {missing.args[0]} it was made with") from None
    except BadTarget:
        raise
    except ValueError as bad:
        raise BadTarget(f"the trace's scenario cannot be read: {bad}") from bad
    with launch(target, how, _timeout(trace), trace.subject.ref, record) as runner:
        yield runner, scenario


def _timeout(trace: Trace) -> float:
    seconds = trace.meta.get("timeout", 5.0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST:
        raise BadTarget(f"the trace's timeout is no number of seconds up to {LONGEST}: {str(seconds)[:40]!r}")
    return float(seconds)


def replay(trace: Trace, runner: Runner, scenario: Scenario) -> Replay:
    """The same, with target and scenario at hand."""
    outcome = runner.play(scenario, traced=True)
    difference = _compare(trace, outcome.steps[: len(trace.steps)])
    if trace.violation is None:
        message = difference or f"all {trace.length} happen again as recorded"
        return Replay(Now.OTHERWISE if difference else Now.AGAIN, message)
    wanted = trace.violation.property
    breach = outcome.breaches.get(wanted)
    if breach is None:
        return _gone(wanted, difference or f"all {trace.length} happen again", outcome)
    if difference or breach.steps != len(trace.steps) or not _same(breach.violation, trace.violation):
        rest = f": {difference}" if difference else ""
        return Replay(
            Now.OTHERWISE, f"{wanted} breaks again, but in another way or after {breach.steps} steps{rest}"
        )
    return Replay(Now.AGAIN, f"all {trace.length} happen again as recorded, and break {wanted}")


def _gone(wanted: str, difference: str, outcome: Outcome) -> Replay:
    """What was to break holds now; something else may break."""
    others = sorted(outcome.breaches)
    if not others:
        return Replay(Now.GONE, f"{wanted} holds: {difference}")
    return Replay(Now.OTHERWISE, f"{wanted} holds, but {', '.join(others)} breaks: {difference}")


def _compare(trace: Trace, again: Sequence[Step]) -> str:
    """The first difference; a variable, or a parameter, that an older trace lacks is not compared."""
    for number, (was, now) in enumerate(zip(trace.steps, again, strict=False), 1):
        if was.action != now.action:
            return f"step {number}: the trace has {was.action}, the target now does {now.action}"
        values = ((name, value, now.parameters.get(name)) for name, value in was.parameters.items())
        others = [each for each in values if _unnumbered(each[1]) != _unnumbered(each[2])]
        if others:
            changed_values = (f"{name} {new} instead of {old}" for name, old, new in others[:MOST_VALUES])
            return f"step {number}, {was.action}: {', '.join(changed_values)}"
        old = {k: tuple(v) for k, v in was.changes.items()}
        new = {k: tuple(v) for k, v in now.changes.items() if k in trace.initial}
        if old != new:
            names = sorted(k for k in {**old, **new} if old.get(k) != new.get(k))
            return f"step {number}, {was.action}: {names[0]} changes differently"
    if len(again) < len(trace.steps):
        return f"the run now ends after {len(again)} steps; the trace has {len(trace.steps)}"
    return ""


def _same(left: Violation, right: Violation) -> bool:
    compared = ([(_unnumbered(b.where), dict(b.values)) for b in one.broken] for one in (left, right))
    return next(compared) == next(compared)


def _unnumbered(value: Any) -> Any:
    """What a target did, without the numbers of lines: an edit elsewhere in the file moves them."""
    return _LINE.sub(r"\1", value) if isinstance(value, str) else value
