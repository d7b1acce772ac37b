"""Every situation is replayed before anyone sees it, on the system that it was found in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..counterexamples.model_replay import replay_on_model
from ..counterexamples.trace import Trace
from .finding import Answer

if TYPE_CHECKING:
    from .spec import Spec


def misreported(spec: Spec, answers: list[Answer]) -> Iterator[str]:
    """A line for each finding whose trace does not replay: a bug of the audit's."""
    for answer in answers:
        for finding in answer.findings:
            if isinstance(finding.situation, Trace):
                problem = replay(spec, finding.situation)
                if problem:
                    yield f"{finding.id}: {problem}"


def replay(spec: Spec, trace: Trace) -> str:
    """Why *trace* does not replay in the world of *spec* or in one beside it; empty if it does."""
    for world in (spec, *spec.beside):
        for make in (world.general, world.design):
            system = make(trace.bounds)
            if system.name == trace.target:
                replayed = replay_on_model(trace, system, world.find)
                return "" if replayed.ok else replayed.message
    return f"there is no system called {trace.target}"
