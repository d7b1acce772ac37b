"""What a command writes besides what it prints: its result for other programs, and for a CI."""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import BadInput, output_file, write

if TYPE_CHECKING:
    from ..counterexamples.exports.ci_report import CiReport

FILES = {
    "json": "Write the result as JSON.",
    "sarif": "Write it as SARIF 2.1.0, for code scanning and editors.",
    "junit": "Write it as JUnit XML, for a CI.",
    "html": "Write it as one page for a browser, each finding to be walked through.",
}
"""The options that name a file, each with its help."""


class WantedFiles:
    """The files that a user wants, by their options, and whether GitHub Actions is to be told."""

    def __init__(self, files: dict[str, Path], github: bool) -> None:
        self.files, self.github = files, github
        self.annotations = ""

    def write(self, body: dict[str, Any], report: CiReport) -> None:
        """Write what is wanted: *body* is the result as JSON data. Raises BadInput."""
        from ..counterexamples.exports import github_actions, junit_xml, sarif_log
        from ..counterexamples.page import document
        from .explain import explained
        from .output import result_json

        make: dict[str, Callable[[], str]] = {
            "json": lambda: result_json(report.command, report.exit_code, body),
            "sarif": lambda: sarif_log.render(report),
            "junit": lambda: junit_xml.render(report),
            "html": lambda: document.render(explained(report)),
        }
        for name, file in self.files.items():
            write(file, make[name]())
        if self.github:
            self.annotations += github_actions.commands(report)
            summarize(report)


def result_options(command: Callable[..., int]) -> Callable[..., int]:
    """``--json``, ``--sarif``, ``--junit``, ``--html`` and ``--github``: the command gets a Wanted."""

    @functools.wraps(command)
    def with_wanted(**options: Any) -> int:
        files = {name: options.pop(f"{name}_file") for name in FILES}
        github = options.pop("github")
        wanted = WantedFiles({name: file for name, file in files.items() if file is not None}, github)
        if "junit" in wanted.files:
            needs_library("junitparser", "--junit")  # better known now than after an hour
        with _commands_stopped() if github else nullcontext():
            code = command(wanted=wanted, **options)
        click.echo(wanted.annotations, nl=False)
        return code

    decorated = click.option(
        "--github",
        is_flag=True,
        help="In GitHub Actions: annotate lines of source, and write the job summary.",
    )(with_wanted)
    for name, says in reversed(FILES.items()):
        decorated = click.option(
            f"--{name}", f"{name}_file", metavar="FILE", callback=output_file, help=says
        )(decorated)
    return decorated


@contextmanager
def _commands_stopped() -> Iterator[None]:
    """Meanwhile no line of what is printed, which a target may have written, is a command to the runner."""
    word = secrets.token_hex(16)
    click.echo(f"::stop-commands::{word}")
    try:
        yield
    finally:
        click.echo(f"::{word}::")


def summarize(report: CiReport) -> None:
    """Add the report to the summary of the job, if this is a job. Raises BadInput."""
    from ..counterexamples.exports.github_actions import SUMMARY, summary

    file = os.environ.get(SUMMARY)
    if not file:
        return
    try:
        with open(file, "a", encoding="utf-8") as out:
            out.write(summary(report))
    except OSError as error:
        raise BadInput(f"cannot write {file}, which {SUMMARY} names: {error.strerror}") from error


def needs_library(name: str, asked: str, extra: str = "export") -> None:
    """Raise BadInput unless the library that *asked* needs is there."""
    from ..counterexamples.exports.registry import CannotExport, library

    try:
        library(name, asked, extra)
    except CannotExport as missing:
        raise BadInput(str(missing)) from missing
