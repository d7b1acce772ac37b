"""What a campaign is asked to do, and what came of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...counterexamples.storage import from_json, to_json
from ...counterexamples.trace import Trace
from ...properties.loading import SubjectRef, as_it_is
from ...version import __version__
from ..running.launch import How, how_from_json, made_of
from .alphabet import Within
from .coverage import Coverage, coverage_from_json
from .explore import Explored, explored_from_json
from .sources import SOURCES

INTERRUPTED, UNFINISHED = "interrupted", "the campaign has not come to its end"
"""Why not every run was made."""

SEED = 1
"""What is played twice is the same, unless another seed is named."""

Progress = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class Options:
    """How much to try.

    Runs of the search, besides the stored ones; their seed (None: SEED, or the journal's); seconds that an
    entry point may take; whether scenarios are made small; how the target is built and started;
    whether all is played although a source of scenarios has broken something; the subject that it is
    judged by; properties that are told with a trace if they break, whatever else breaks; where scenarios
    come from; findings whose scenarios are played before all others; processes that play (0: one
    a core where it is long enough to pay); the file in which runs are kept as they come; the bounds
    within which every run is made, instead of all that; the address of the Dask cluster that plays
    ("": none does); processors that are in a driver in C at once (2: in every schedule of every two calls,
    and in so many ``runs`` with two interruptions; 1: in a few).
    """

    runs: int = 300
    seed: int | None = None
    timeout: float = 2.0
    shrink: bool = True
    how: How = How()
    all: bool = False
    subject: SubjectRef = SubjectRef()
    reported: tuple[str, ...] = ()
    sources: tuple[str, ...] = SOURCES
    first: tuple[Trace, ...] = ()
    workers: int = 0
    journal: Path | None = None
    explore: Within | None = None
    cluster: str = ""
    processors: int = 1

    def plan(self, spec: str) -> dict[str, Any]:
        """All that the runs against a target depend on, and what it is made of, as JSON data."""
        return {
            "target": spec,
            "seed": self.seed,
            "runs": self.runs,
            "workers": self.workers,
            "processors": self.processors,
            "cluster": self.cluster,
            "timeout": self.timeout,
            "how": self.how.to_json(),
            "subject": [self.subject.subject, *self.subject.clauses],
            "reported": list(self.reported),
            "sources": list(self.sources),
            "all": self.all,
            "explore": self.explore and json.loads(json.dumps(dataclasses.asdict(self.explore))),
            "text of the target": made_of(spec),
            "text of the clauses": as_it_is(*self.subject.files()),
            "version of chimneysweep": __version__,
        }


def planned(plan: Mapping[str, Any], journal: Path) -> Options:
    """The options of a campaign with this plan. Raises KeyError, TypeError or ValueError for what is none."""
    subject, *clauses = plan["subject"]
    return Options(
        runs=plan["runs"],
        seed=plan["seed"],
        timeout=plan["timeout"],
        how=how_from_json(plan["how"]),
        all=plan["all"],
        subject=SubjectRef(subject, tuple(clauses)),
        reported=tuple(plan["reported"]),
        sources=tuple(plan["sources"]),
        workers=plan["workers"],
        cluster=plan["cluster"],
        processors=plan["processors"],
        journal=journal,
        explore=Within.of(plan["explore"]) if plan.get("explore") else None,
    )


@dataclasses.dataclass(frozen=True)
class ConformReport:
    """What came of it.

    ``coverage`` counts for each property the runs in which it had something to say;
    ``never_reached`` names those with none. ``calls`` counts calls of entry points.
    ``partial``: not every run was made, and ``why_partial`` says why. A finding whose
    ``meta`` has the key "flaky" (why) did not happen again when it was played again.
    ``also_broken`` names properties that broke too, without a trace of their own.
    ``played`` says how the target was played: in which process, built with what.
    ``world`` counts what of the model's world the runs met. ``stopped_after`` names the source
    of scenarios after which no other was played, since something was broken. ``code`` has, for each
    file of the target's own, the lines that ran ("reached") and those that never did ("never_reached").
    ``explored`` says how far an exploration came.
    """

    target: str
    runs: int
    calls: int
    findings: tuple[Trace, ...]
    coverage: Mapping[str, int]
    never_reached: tuple[str, ...]
    seconds: float
    partial: bool
    seed: int = 0
    why_partial: str = ""
    also_broken: tuple[str, ...] = ()
    played: str = ""
    world: Coverage = Coverage()
    stopped_after: str = ""
    code: Mapping[str, Mapping[str, list[int]]] = dataclasses.field(default_factory=dict)
    explored: Explored | None = None

    def to_json(self) -> dict[str, Any]:
        """The report as JSON data."""
        body = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        body["findings"] = [to_json(trace) for trace in self.findings]
        body["coverage"] = dict(self.coverage)
        body["code"] = dict(self.code)
        body["world"] = self.world.to_json()
        body["never_reached"] = list(self.never_reached)
        body["also_broken"] = list(self.also_broken)
        body["explored"] = dataclasses.asdict(self.explored) if self.explored else None
        return body


def report_from_json(data: Mapping[str, Any]) -> ConformReport:
    """What :meth:`ConformReport.to_json` wrote."""
    return ConformReport(
        **{
            **data,
            "findings": tuple(from_json(trace) for trace in data["findings"]),
            "never_reached": tuple(data["never_reached"]),
            "also_broken": tuple(data["also_broken"]),
            "world": coverage_from_json(data["world"]),
            "explored": explored_from_json(data["explored"]) if data["explored"] else None,
        }
    )
