"""The command line: what a user types, and how it ends.

Exit codes: 0 all hold, 1 something is violated, 2 bad input or usage, 3 undecided,
70 a bug in chimneysweep, 130 interrupted. Commands are loaded when they are called:
``--help`` must not wait for a solver to be imported.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from .. import __version__
from .errors import BAD_INPUT, BUG, INTERRUPTED, PIPE_CLOSED, Unknown

# Name -> module of this package, one line of help.
COMMANDS = {
    "check": ("check", "Prove or refute properties of a design, on the model."),
    "conform": ("conform", "Drive an executable target and watch whether it keeps the rules."),
    "audit": ("audit", "Ask the specification itself: contradictions, holes, idle rules."),
    "new": ("new", "Write a C miniport, a design or a protocol to start from."),
    "show": ("show", "Tell a trace as a story."),
    "replay": ("replay", "Run a trace again and say whether the same happens."),
    "scenarios": ("scenarios", "Tell what every target is played, and what that reaches."),
    "list": ("list", "List properties, clauses, designs or targets."),
}


class _PipeClosed(Exception):
    """Nobody reads our output any more."""


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
            raise Unknown("command", args[0], COMMANDS, "chimneysweep --help", ctx=ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As click has it; a pipe that closes is told apart from an exit code."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as closed:
            raise _PipeClosed from closed
        except SystemExit as leaving:
            if isinstance(leaving.__context__, BrokenPipeError):  # so rich leaves
                raise _PipeClosed from leaving
            raise RuntimeError(f"something asked to exit with {leaving.code!r}") from leaving

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands' help, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all hold, 1 something is violated, 2 bad input, 3 undecided, 130 interrupted.",
)
@click.option(
    "--debug", is_flag=True, expose_value=False, help="Show the traceback of a bug in chimneysweep."
)
@click.version_option(__version__, prog_name="chimneysweep")
def cli() -> None:
    """Check the hand-off of a live TCP connection from one stack to another."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments  # wherever it stands: who needs it has just seen a command fail
    arguments = [a for a in arguments if a != "--debug"]
    _never_fail_to_print()
    try:
        code = cli.main(args=arguments, prog_name="chimneysweep", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as problem:
        problem.show()
        return BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("chimneysweep: interrupted", err=True)
        return INTERRUPTED
    except (_PipeClosed, BrokenPipeError, SystemExit):  # click exits when its help finds no reader
        return _nobody_reads()
    except Exception as problem:  # noqa: BLE001 - the last line of defence: a user never sees a traceback
        return _bug(problem, debug)


def _never_fail_to_print() -> None:
    """A console that lacks a character shows its code instead."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _nobody_reads() -> int:
    """The reader of our output has gone (``| head``): no verdict, and nothing to complain about."""
    with contextlib.suppress(OSError, ValueError):  # what is still buffered goes nowhere, without a message
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def _bug(problem: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exception(problem)
    told = " ".join(str(problem).split())
    click.echo(f"chimneysweep: this is a bug in chimneysweep: {type(problem).__name__}: {told}", err=True)
    if not debug:
        click.echo("Please report it, with the traceback that --debug shows.", err=True)
    return BUG
