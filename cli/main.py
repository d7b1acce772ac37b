"""The command line: what a user types, and how it ends.

Exit codes: 0 all hold, 1 something is violated, 2 bad input or usage, 3 undecided,
4 a replay went otherwise, 70 a bug in chimneysweep, 130 interrupted.
The help and the version need no command, so they are answered before anything that a command
needs is imported.
"""

from __future__ import annotations

import os
import sys

from ..version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_INPUT, BUG, INTERRUPTED = 2, 70, 130
PIPE_CLOSED = 141

# Name -> module of this package, one line of help.
COMMANDS = {
    "check": ("check", "Prove or refute properties of a design, on the model."),
    "conform": ("conform", "Drive an executable target and watch whether it keeps the rules."),
    "campaign": ("campaigns", "Such runs in a file: go on with them, see how far they are, report."),
    "audit": ("audit", "Ask the specification itself: contradictions, holes, idle rules."),
    "new": ("new", "Write a C miniport, a design or a protocol to start from."),
    "show": ("show", "Tell a trace as a story."),
    "export": ("export", "Write a trace in the format of another tool: SARIF, pcapng, TLA+, ..."),
    "diff": ("diff", "Say how two traces differ: steps, values, rule."),
    "replay": ("replay", "Run a trace again: is it fixed, or still broken?"),
    "scenarios": ("scenarios", "Tell what every target is played, and what that reaches."),
    "schema": ("schema", "Print the JSON Schema of what a command writes, or of a trace."),
    "list": ("list", "List properties, clauses, designs or targets."),
}

HELP = """Usage: chimneysweep [OPTIONS] COMMAND [ARGS]...

  Check the hand-off of a live TCP connection from one stack to another.

Options:
  --debug     Show the traceback of a bug in chimneysweep.
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
{commands}

  Exit codes: 0 all hold, 1 something is violated, 2 bad input, 3 undecided,
  4 a replay went otherwise, 70 a bug in chimneysweep, 130 interrupted.
"""


def help_text() -> str:
    """What ``--help`` shows."""
    return HELP.format(commands="\n".join(f"  {name:<11}{says}" for name, (_, says) in COMMANDS.items()))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments  # wherever it stands: who needs it has just seen a command fail
    arguments = [a for a in arguments if a != "--debug"]
    _never_fail_to_print()
    try:
        if arguments[:1] in (["-h"], ["--help"], ["--version"]):
            version = f"chimneysweep {__version__}\n"
            sys.stdout.write(version if arguments[0] == "--version" else help_text())
            code = 0
        else:
            from .group import run

            code = run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _nobody_reads(PIPE_CLOSED)
    except KeyboardInterrupt:  # before there was a command
        sys.stderr.write("chimneysweep: interrupted\n")
        return INTERRUPTED
    except OSError as problem:
        return _refused(problem, debug)
    except Exception as problem:  # noqa: BLE001 - the last line of defence: a user never sees a traceback
        return _bug(problem, debug)


def _never_fail_to_print() -> None:
    """A console that lacks a character shows its code instead."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - it was closed by whoever called us
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _nobody_reads(code: int) -> int:
    """Our output can go nowhere (its reader has gone, as ``| head`` does): nothing more is written."""
    import contextlib

    with contextlib.suppress(OSError, ValueError):  # what is still buffered goes nowhere, without a message
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _refused(problem: OSError, debug: bool) -> int:
    """The system has no room, no memory, or does not let us write: that is no bug of ours."""
    import errno

    names = ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EFBIG")
    if problem.errno not in {getattr(errno, name, None) for name in names}:
        return _bug(problem, debug)
    where = f": {problem.filename}" if problem.filename else ""
    sys.stderr.write(f"Error: the system does not let chimneysweep go on: {problem.strerror}{where}\n")
    return _nobody_reads(BAD_INPUT)


def _bug(problem: Exception, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(problem)
    message = " ".join(str(problem).split())
    sys.stderr.write(f"chimneysweep: this is a bug in chimneysweep: {type(problem).__name__}: {message}\n")
    if not debug:
        sys.stderr.write("Please report it, with the traceback that --debug shows.\n")
    return BUG
