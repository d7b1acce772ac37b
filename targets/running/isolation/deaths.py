"""What a process died of: its exit status, and the reports of those who saw it.

The sentence that is made of it is the same in every run: no addresses, no process ids.
"""

from __future__ import annotations

import dataclasses
import re
import signal
from pathlib import Path

from ...judging.misbehaviour import CLOSED, CRASHED, EXITED, GREEDY, HUNG, MEMORY, UNDEFINED
from ..outcome import Death
from .frames import Frame, frames

ADDRESS_SANITIZER = re.compile(r"==\d+==\s*ERROR: AddressSanitizer: (?P<what>.*)")
UNDEFINED_BEHAVIOR = re.compile(r"(?P<file>\S+?):(?P<line>\d+)(:\d+)?: runtime error: (?P<what>.*)")
HEAP_CHECK = re.compile(
    r"(free\(\): .*|(malloc|realloc|calloc)\(\): .*|malloc_consolidate\(\): .*|munmap_chunk\(\): .*"
    r"|double free or corruption.*|corrupted .*|\*\*\* (?:stack smashing|buffer overflow) detected \*\*\*.*)"
)
"""What the C library says before it aborts, without any sanitizer."""
ACCESS = re.compile(r"((?:READ|WRITE) of size \d+) at")
SIGNALS = ("SEGV", "BUS", "FPE", "ILL", "ABRT", "TRAP", "unknown-crash")
FAULTS = {
    "SIGSEGV": "an invalid address",
    "SIGBUS": "an invalid address",
    "SIGFPE": "a division by zero, or another arithmetic fault",
    "SIGILL": "an illegal instruction",
    "SIGABRT": "it aborted",
    "SIGKILL": "somebody killed it; perhaps memory ran out",
}
MOST_LINES = 24
"""Lines of a report, or of the target's own output, that are shown."""

FRAME = re.compile(r"\s*#\d+ 0x|\s*File \"")


@dataclasses.dataclass(frozen=True)
class Remains:
    """What is left of a process.

    ``code``: its exit code, or minus the signal. ``inside``: the entry points that had not returned,
    the outermost first. ``hung``: the seconds after which it was ended as one that hangs, 0 if it ended by
    itself. ``lost``: it found its channel closed, or we found garbage in it. ``greedy``: the MB of memory
    that it took, for which it was ended. ``reports`` is what sanitizers and faulthandler wrote, ``said``
    what the target did.
    """

    code: int
    inside: tuple[str, ...] = ()
    hung: float = 0.0
    lost: bool = False
    greedy: int = 0
    reports: str = ""
    said: str = ""


def autopsy(remains: Remains) -> Death:
    """The rule that was broken, and the words for it."""
    name = remains.inside[-1] if remains.inside else ""
    where = name or "the target"
    if remains.hung:
        return Death(HUNG, _hung(name, remains.hung), _stopped(remains.reports))
    if remains.greedy:
        what = f"{where} takes more than {remains.greedy} MB of memory"
        return Death(GREEDY, what, _stopped(remains.reports))
    if remains.lost:
        return Death(CLOSED, f"{where} closes the checker's own channel, or writes into it")
    both = f"{remains.reports}\n{remains.said}"
    found = ADDRESS_SANITIZER.search(both)
    if found:
        return _sanitized(where, both[found.start() :], found["what"])
    found = UNDEFINED_BEHAVIOR.search(both)
    if found:
        return _undefined(where, both[found.start() :], found)
    if remains.code >= 0:
        return Death(EXITED, f"{where} ends the process with exit code {remains.code}")
    return _killed(where, remains)


def _hung(name: str, seconds: float) -> str:
    if not name:
        return f"the target keeps the process busy and does not come back after {seconds:g} s"
    return f"{name} has not returned after {seconds:g} s"


def _stopped(reports: str) -> tuple[str, ...]:
    """Where it was stopped: somewhere in its loop, which another time may be another line."""
    own = frames(reports.splitlines())
    return tuple(f"{'called from' if k else 'stopped in'} {frame.place}" for k, frame in enumerate(own[:4]))


def _at(own: list[Frame]) -> str:
    return f", in {own[0].place}" if own else ""


def _sanitized(where: str, report: str, what: str) -> Death:
    """AddressSanitizer's report: its kind, the access, the first frame of the target's."""
    lines = report.splitlines()
    first = lines[: next((k for k, line in enumerate(lines) if not line.strip()), len(lines))]
    summary = re.search(r"^SUMMARY: AddressSanitizer: (\S+)", report, re.MULTILINE)
    kind = summary[1] if summary else re.sub("^attempting ", "", what).split(" ")[0]
    access = ACCESS.search("\n".join(first))
    sentence = f"{where}: AddressSanitizer: {kind}{f', {access[1]}' if access else ''}{_at(frames(first))}"
    return Death(CRASHED if kind in SIGNALS else MEMORY, sentence, _legible(lines))


def _undefined(where: str, report: str, found: re.Match[str]) -> Death:
    lines = report.splitlines()
    last = next((k for k, line in enumerate(lines[1:], 1) if not line.lstrip().startswith("#")), len(lines))
    own = frames(lines[:last])
    place = _at(own) if own else f" ({Path(found['file']).name}:{found['line']})"
    what = re.sub(r"0x[0-9a-fA-F]+", "0x...", found["what"])
    sentence = f"{where}: UndefinedBehaviorSanitizer: {what}{place}"
    return Death(UNDEFINED, sentence, _legible(lines[:last]))


def _killed(where: str, remains: Remains) -> Death:
    number = -remains.code
    known = number in {int(s) for s in signal.Signals}
    name = signal.Signals(number).name if known else f"signal {number}"
    lines = remains.reports.splitlines()
    place = _at(frames(lines))
    heap = HEAP_CHECK.search(remains.said)
    if heap and name == "SIGABRT":
        return Death(
            MEMORY, f"{where}: the C library found its heap damaged: {heap[0]}{place}", _legible(lines)
        )
    fault = f" ({FAULTS[name]})" if name in FAULTS else ""
    return Death(CRASHED, f"{where} is ended by {name}{fault}{place}", _legible(lines))


def _legible(lines: list[str]) -> tuple[str, ...]:
    """A report without addresses, and without the frames that are not the target's."""
    kept = []
    for line in lines:
        if line.startswith("SUMMARY:") or line.startswith("Extension modules:"):
            break
        frame = frames([line])
        if frame:
            kept.append(f"    {frame[0].place}")
        elif line.strip() and not FRAME.match(line) and not re.match(r"==+$|\s*<no Python frame>", line):
            kept.append(_faceless(line))
    return tuple(kept[:MOST_LINES])


def own_words(said: str) -> list[str]:
    """The end of what the target wrote, without the lines that a sanitizer wrote into the same file."""
    lines = [line.rstrip() for line in said.splitlines()]
    own = [line for line in lines if line and not _is_sanitizers(line)]
    return ["[...]", *own[-MOST_LINES:]] if len(own) > MOST_LINES else own


def _is_sanitizers(line: str) -> bool:
    return bool(FRAME.match(line) or UNDEFINED_BEHAVIOR.match(line) or line.endswith("DEADLYSIGNAL"))


def _faceless(line: str) -> str:
    line = re.sub(r"^==\d+==\s*", "", line.rstrip())
    line = re.sub(r" ?\((?:pc 0x[^)]*|BuildId: [^)]*)\)", "", line)
    line = re.sub(r" at pc 0x\S+ bp \S+ sp \S+", "", line)
    return re.sub(r"0x[0-9a-fA-F]+", "0x...", line)
