"""``chimneysweep conform``: drive an executable target and watch whether it keeps the rules."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .driving import Drive, driving_options, kept_beside
from .exploring import explore_options
from .watch import watch

if TYPE_CHECKING:
    from ..targets.campaign.alphabet import Within


@click.command("conform")
@driving_options(runs=300)
@click.option(
    "--journal",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep each run there; the same command goes on where it was ended.",
)
@explore_options
@click.option(
    "--keep", is_flag=True, help="Add the findings to .chimneysweep/corpus beside TARGET, to be played first."
)
@click.option(
    "--all", "everything", is_flag=True, help="Play everything, although something is broken already."
)
@click.option(
    "--watch", "watching", is_flag=True, help="Run again when a source file changes, what failed last first."
)
def command(
    job: Drive,
    journal: Path | None,
    explore: Within | None,
    keep: bool,
    everything: bool,
    watching: bool,
) -> int:
    """Drive the executable target TARGET with many runs, and watch whether it keeps the rules.

    TARGET is a driver in C (a folder of .c files, a .c file, a .vcxproj, a .so), a Python class
    (FILE.py:CLASS, or FILE.py), a program that speaks the line protocol, or the name of one that comes along
    (`chimneysweep list targets`). It runs in a process of its own. Stored scenarios come first, then a
    search.

    A target that keeps them in every run is tested, not proved: the summary says how much was reached.
    """
    if keep:
        kept_beside(job.target)  # better known now than after the runs
    options = dataclasses.replace(job.options, all=everything, journal=journal, explore=explore)
    job = dataclasses.replace(job, options=options, keep=keep)
    subject, clauses = job.judges
    return watch((job.target, subject, *clauses), job) if watching else job(())[0]
