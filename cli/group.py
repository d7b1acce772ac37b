"""The commands as a group, each imported when it is called: no help must wait for a solver."""

from __future__ import annotations

import contextlib
import importlib
import io
import signal
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import click

from ..counterexamples.harmless import harmless
from .errors import BAD_INPUT, INTERRUPTED, UnknownName
from .main import COMMANDS, help_text


class Lazy(click.Group):
    """A group whose commands are imported when they are needed, and not for the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        command: click.Command = module.command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click has it, with a suggestion for a name that is not there."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise UnknownName("command", args[0], COMMANDS, "chimneysweep --help", ctx=ctx)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """The help, without importing the commands."""
        return help_text().rstrip()

    def invoke(self, ctx: click.Context) -> Any:
        """As click has it; a pipe that closes is told apart from an exit code."""
        try:
            return super().invoke(ctx)
        except SystemExit as leaving:
            if isinstance(leaving.__context__, BrokenPipeError):  # so rich leaves
                raise leaving.__context__ from None
            raise RuntimeError(f"something asked to exit with {leaving.code!r}") from leaving


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Check the hand-off of a live TCP connection from one stack to another."""


@contextlib.contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Whoever asks the process to end gets what Ctrl-C gets: what is known so far, and nothing left lying."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run(arguments: Sequence[str]) -> int:
    """Run a command; the exit code. Raises BrokenPipeError when nobody reads its output any more."""
    try:
        with _ended_like_interrupted():
            code = cli.main(args=list(arguments), prog_name="chimneysweep", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as problem:
        shown = io.StringIO()
        problem.show(shown)
        click.echo(harmless(shown.getvalue()), err=True, nl=False)
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("chimneysweep: interrupted", err=True)
        return INTERRUPTED
    except SystemExit as leaving:  # click exits when its help finds no reader
        raise BrokenPipeError from leaving
