"""``chimneysweep campaign``: runs that are kept in a file: to go on with, and to be told at any time."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from .driving import Drive, Telling, driving_options, telling_options, told_by
from .errors import ALL_HOLD, BadInput

if TYPE_CHECKING:
    from ..targets.campaign.campaign import ConformReport
    from ..targets.campaign.going_on import CampaignStatus

FILE = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))


@click.group("campaign", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Runs of a target that are kept in a file: they go on where they were ended, and are told at any time.

    A campaign plays all that `conform --all` plays. The file of `conform --journal` is one as well.
    """


@command.command("run")
@driving_options(runs=10_000)
@click.option(
    "--journal",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where it is kept. One that is there already goes on.",
)
def run(job: Drive, journal: Path) -> int:
    """Begin a campaign against TARGET, or go on with it, and report."""
    options = dataclasses.replace(job.options, all=True, journal=journal)
    return dataclasses.replace(job, options=options)(())[0]


@command.command("resume")
@FILE
@click.option(
    "--workers", metavar="N", type=click.IntRange(0), default=None, help="Processes. [as many as before]"
)
@click.option(
    "--cluster", metavar="ADDRESS", default=None, help='Play on this Dask cluster; "": on none. [as before]'
)
@telling_options
def resume(file: Path, workers: int | None, cluster: str | None, **telling: Any) -> int:
    """Go on with the campaign in FILE, and report."""
    from ..targets.campaign.going_on import resume

    asked = {"workers": workers, "cluster": cluster}
    changes = {name: value for name, value in asked.items() if value is not None}
    return _told(file, lambda progress: resume(file, progress, **changes), Telling(**telling))


@command.command("report")
@FILE
@telling_options
def report(file: Path, **telling: Any) -> int:
    """Report what is known of the campaign in FILE, with no more runs of it; also while it runs."""
    from ..targets.campaign.going_on import report

    return _told(file, lambda progress: report(file, progress), Telling(**telling))


@command.command("status")
@FILE
def status(file: Path) -> int:
    """Say how far the campaign in FILE is; also while it runs."""
    from ..targets.campaign.going_on import status
    from ..targets.machine.refusal import BadTarget
    from .output import fact, out

    try:
        now = status(file)
    except BadTarget as problem:
        raise BadInput(str(problem)) from problem
    for heading, line in _state(now, file):
        fact(out(), heading, line)
    return ALL_HOLD


def _told(file: Path, make: Callable[[Callable[[str], None]], ConformReport], telling: Telling) -> int:
    """Tell the report that is made as ``conform`` does; the exit code."""
    from ..targets.campaign.going_on import judges

    report = told_by(f"campaign {file}", make, telling.quiet)
    return telling.tell(report, judges(file))[0]


def _state(now: CampaignStatus, file: Path) -> Iterator[tuple[str, str]]:
    """Headings and lines: how far a campaign is."""
    stopped = f"`chimneysweep campaign resume {quote(str(file))}` goes on"
    where = now.stage if now.stage == "interrupted" else f"stopped at {now.stage}"
    at = "ended" if now.stage == "ended" else f"{where}; {stopped}"
    yield "campaign", f"of target {now.target}: {f'running, at {now.stage}' if now.running else at}"
    rate = f", {now.rate:.0f} runs a second" if now.rate else ""
    left = f", {now.seconds:.0f} s left" if now.running and now.seconds > 0 else ""
    planned = f" of {now.planned}" if now.runs <= now.planned else ""  # schedules are not counted before
    yield "runs", f"{now.runs}{planned}{rate}{left}"
    yield "broken", ", ".join(now.broken) or "nothing so far"
    yield "reached", ", ".join(f"{n} of {of} {kind}" for kind, (n, of) in now.reached.items())
    if now.lost:
        many = "1 worker" if now.lost == 1 else f"{now.lost} workers"
        yield "lost", f"{many} died; others made the runs again"
