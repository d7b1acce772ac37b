"""The conversation with a program: lines out, lines in, one answer for each call."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import weakref
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from ...judging.misbehaviour import CLOSED, CRASHED, EXITED, NONSENSE, RAISED, Misbehaved
from ...machine.refusal import BadTarget

PROTOCOL, VERSION = "chimneysweep", 1
LONGEST = 2**24
"""Bytes in a line."""
SECONDS_TO_GREET = 10.0
SECONDS_TO_END = 1.0
SHOWN = 80
CHUNK = 2**16

Callback = Callable[[dict[str, Any]], Any]


class Session:
    """A program that runs, and has greeted. ``optional`` names the optional calls it takes."""

    def __init__(self, program: Path) -> None:
        """Start *program*, and shake hands. Raises BadTarget."""
        self.depth = 0  # calls that have not been answered
        self.came = bytearray()
        try:
            self.process = subprocess.Popen(
                [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise BadTarget(f"{program} cannot be started: {error.strerror}") from None
        self.end = weakref.finalize(self, _end, self.process)
        """End the program; it ends with this object too."""
        try:
            self.optional = self._greet()
        except Misbehaved as found:
            self.end()
            raise BadTarget(f"{program} does not speak the line protocol: {found}") from None
        except BaseException:
            self.end()
            raise

    def _greet(self) -> frozenset[str]:
        self._write({"protocol": PROTOCOL, "version": VERSION})
        answer = self._read("it", SECONDS_TO_GREET)
        if answer.get("protocol") != PROTOCOL:
            _refuse(f'its first line is {_short(answer)}, where {{"protocol": "{PROTOCOL}", ...}} belongs')
        if answer.get("version") != VERSION:
            _refuse(f"it speaks version {answer.get('version')!r}, and the checker version {VERSION}")
        optional = answer.get("optional", [])
        if not isinstance(optional, list) or not all(isinstance(name, str) for name in optional):
            _refuse(f"its member 'optional' is {_short(optional)}, where a list of names belongs")
        return frozenset(optional)

    # -- talking ---------------------------------------------------------------------

    def call(self, name: str, arguments: dict[str, Any], callback: Callback) -> Any:
        """Make a call, answer the calls that come back meanwhile, and return what it returns."""
        self.depth += 1
        self._write({"call": name, **arguments}, name)
        while True:
            message = self._read(name)
            if "return" in message:
                self.depth -= 1
                return message["return"]
            if "error" in message:
                raise Misbehaved(RAISED, f"{name} reports an error: {_short(message['error'])}")
            if "call" not in message:
                _refuse(f"{name}: the program writes {_short(message)}, which is no call and no return")
            self._write({"return": callback(message)}, name)

    def _write(self, message: dict[str, Any], name: str = "it") -> None:
        assert self.process.stdin
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            while line:
                line = line[self.process.stdin.write(line) or 0 :]
        except OSError:
            self._closed(name)

    def _read(self, name: str, seconds: float | None = None) -> dict[str, Any]:
        """The next line, as a JSON object."""
        line = self._line(name, seconds)
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            text = line.decode("utf-8", "replace")
            _refuse(f"{name}: the program writes {_short(text)}, which is no JSON object in one line")
        return message

    def _line(self, name: str, seconds: float | None) -> bytes:
        assert self.process.stdout
        until = None if seconds is None else monotonic() + seconds
        searched = 0
        while (end := self.came.find(b"\n", searched)) < 0:
            searched = len(self.came)
            left = None if until is None else max(0.0, until - monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                _refuse(f"{name} says nothing for {seconds:g} s")
            read = os.read(self.process.stdout.fileno(), CHUNK)
            if not read:
                self._closed(name)
            self.came += read
            if len(self.came) > LONGEST:
                _refuse(f"{name}: the program writes a line of more than {LONGEST} bytes")
        line = bytes(self.came[:end])
        del self.came[: end + 1]
        return line

    def _closed(self, name: str) -> NoReturn:
        """The program has closed a pipe: because it ended, or not."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(SECONDS_TO_END)
        code = self.process.returncode
        if code is None:
            raise Misbehaved(CLOSED, f"{name}: the program closes its standard input or output")
        if code >= 0:
            raise Misbehaved(EXITED, f"{name}: the program ends with exit code {code}")
        raise Misbehaved(CRASHED, f"{name}: the program is ended by {signal.Signals(-code).name}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _refuse(what: str) -> NoReturn:
    raise Misbehaved(NONSENSE, what)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    shown = "".join(c for c in text if c.isprintable())
    return repr(shown if len(shown) <= SHOWN else shown[:SHOWN] + "...")
