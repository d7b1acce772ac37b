"""Playing a finding again: the scenario in its trace, against the target it was found on."""

from __future__ import annotations

from collections.abc import Sequence

from ...counterexamples.trace import Step, Trace, Violation
from ..chimney.moves import moves_of
from ..chimney.scenario import Scenario, from_json
from ..machine.refusal import BadTarget
from .direct import judged_by
from .launch import how_from_json, launch
from .outcome import Runner


def replay_on_target(trace: Trace) -> tuple[bool, str]:
    """Whether the target does again what the trace recorded, and the first difference if not."""
    try:
        target = str(trace.meta["target"])
        how = how_from_json(trace.meta.get("how", {}))
        judged = judged_by(trace.subject.ref)
        kinds = moves_of(judged.added, judged.subject.bounds)
        scenario = from_json(trace.meta["scenario"], kinds)
    except KeyError as missing:
        return False, f"the trace does not say which {missing.args[0]} it was made with"
    except ValueError as bad:
        return False, f"the trace's scenario cannot be read: {bad}"
    except BadTarget as bad:
        return False, f"what it was judged by cannot be loaded: {bad}"
    try:
        with launch(target, how, trace.meta.get("timeout", 5.0), trace.subject.ref) as runner:
            return replay(trace, runner, scenario)
    except BadTarget as bad:
        return False, f"the target cannot be loaded: {bad}"


def replay(trace: Trace, runner: Runner, scenario: Scenario) -> tuple[bool, str]:
    """The same, with target and scenario at hand."""
    outcome = runner.play(scenario, told=True)
    difference = _compare(trace, outcome.steps[: len(trace.steps)])
    if difference:
        return False, difference
    if trace.violation is None:
        return True, f"all {trace.length} happen again as recorded"
    breach = outcome.breaches.get(trace.violation.property)
    if breach is None:
        return False, f"all {trace.length} happen again, but {trace.violation.property} holds"
    if breach.steps != len(trace.steps) or not _same(breach.violation, trace.violation):
        return (
            False,
            f"{trace.violation.property} breaks again, but in another way or after {breach.steps} steps",
        )
    return True, f"all {trace.length} happen again as recorded, and break {trace.violation.property}"


def _compare(trace: Trace, again: Sequence[Step]) -> str:
    """The first difference; a variable that an older trace lacks is not compared."""
    for number, (was, now) in enumerate(zip(trace.steps, again, strict=False), 1):
        if was.action != now.action:
            return f"step {number}: the trace has {was.action}, the target now does {now.action}"
        if dict(was.parameters) != dict(now.parameters):
            return f"step {number}, {was.action}: {dict(now.parameters)} instead of {dict(was.parameters)}"
        old = {k: tuple(v) for k, v in was.changes.items()}
        new = {k: tuple(v) for k, v in now.changes.items() if k in trace.initial}
        if old != new:
            names = sorted(k for k in {**old, **new} if old.get(k) != new.get(k))
            return f"step {number}, {was.action}: {names[0]} changes differently"
    if len(again) < len(trace.steps):
        return f"the run now ends after {len(again)} steps; the trace has {len(trace.steps)}"
    return ""


def _same(left: Violation, right: Violation) -> bool:
    return [(b.where, dict(b.values)) for b in left.broken] == [
        (b.where, dict(b.values)) for b in right.broken
    ]
