"""A campaign that is in a journal already: how far it is, what is known of it, and going on with it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...properties.loading import SubjectRef
from ..machine.refusal import BadTarget
from .campaign import conform, ended, launched, played
from .campaign_report import ConformReport, Options, Progress, planned
from .journal import PLAN, STATE, Journal
from .search_runs import Runs


@dataclasses.dataclass(frozen=True)
class CampaignStatus:
    """How far a campaign is.

    ``stage``: what it plays, or that it "ended" or was "interrupted"; ``running``: a process is at it now.
    ``runs`` were made of those ``planned``, ``rate`` a second; ``seconds`` are left so, -1 if nobody knows.
    ``broken``: what broke. ``reached``: of each kind how much, of how much. ``lost``: workers that died.
    """

    target: str
    stage: str
    running: bool
    runs: int = 0
    planned: int = 0
    rate: float = 0.0
    seconds: float = -1.0
    broken: tuple[str, ...] = ()
    reached: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)
    lost: int = 0


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[tuple[Journal, str, Options]]:
    with contextlib.closing(Journal(file, writes=False)) as journal:
        plan = journal.recorded(PLAN)
        yield journal, *journal.read(lambda: (str(plan["target"]), planned(plan, file)))


def status(file: Path) -> CampaignStatus:
    """How far the campaign in a journal is. Raises BadTarget."""
    with _opened(file) as (journal, target, _):
        state, running = journal.recorded(STATE), journal.runs_now
        return journal.read(lambda: _status(target, state, running))


def _status(target: str, state: Mapping[str, Any], running: bool) -> CampaignStatus:
    if not state:
        return CampaignStatus(target, "begun", running)
    left = state["planned"] - state["runs"]
    rate = state["made"] / state["seconds"] if state["seconds"] else 0.0
    return CampaignStatus(
        target,
        state["stage"],
        running,
        state["runs"],
        state["planned"],
        rate,
        left / rate if rate else -1.0,
        tuple(state["broken"]),
        {kind: (of[0], of[1]) for kind, of in state["reached"].items()},
        state["lost"],
    )


def resume(file: Path, progress: Progress = lambda text: None, **changes: Any) -> ConformReport:
    """Go on with the campaign in a journal, with *changes* to its options. Raises BadTarget."""
    with _opened(file) as (_, target, options):
        pass
    return conform(target, dataclasses.replace(options, **changes), progress)


def report(file: Path, progress: Progress = lambda text: None) -> ConformReport:
    """What is known of the campaign in a journal, with no more runs of its plan. Raises BadTarget.

    Where it has not come to its end, what broke is made small now, and the report is partial.
    """
    with _opened(file) as (journal, target, options):
        if known := ended(journal, options):
            return known
        then, now = journal.recorded(PLAN), options.plan(target)
        if other := [name for name in now if name.startswith("text") and now[name] != then[name]]:
            raise BadTarget(f"{file}: the {other[0]} is another one since; it cannot tell what it found")
        with launched(target, options, progress) as runner:
            return played(target, runner, options, progress, Runs(runner, journal, ended=True))


def judges(file: Path) -> SubjectRef:
    """What the campaign in a journal is judged by. Raises BadTarget."""
    with _opened(file) as (_, _, options):
        return options.subject
