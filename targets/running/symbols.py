"""Names for addresses in C: those in a sanitizer's report, and those that ran.

A sanitizer can look them up itself, and takes a third of a second for it, in each process
that dies, most of it for Python's frames. So it is told not to, and what is looked up here is
what will be read: the frames of the driver, in a run that is told.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

ADDRESS = re.compile(
    r"(?P<head>\s*#\d+ 0x[0-9a-f]+)\s+\((?P<module>[^()]+)\+(?P<offset>0x[0-9a-f]+)\)(?: \(BuildId: \w+\))?$"
)
SECONDS = 10.0
FOREIGN = ("/lib", "/usr/lib", "/lib64", sys.base_prefix, sys.prefix)
"""Where the modules are that hold no frame of a driver's: the system's, Python's."""


def tool() -> str:
    """The program that names addresses, "" if there is none; then the sanitizer has to do it."""
    return next((found for name in ("addr2line", "llvm-addr2line") if (found := shutil.which(name))), "")


def named(report: str) -> str:
    """The report with the driver's frames as ``#0 0x... in function file:line``."""
    program, lines = tool(), report.splitlines()
    found = {line: match for line in lines if (match := ADDRESS.match(line))}
    wanted: dict[str, list[str]] = {}
    for match in found.values():
        if program and not match["module"].startswith(FOREIGN) and Path(match["module"]).is_file():
            wanted.setdefault(match["module"], []).append(match["offset"])
    names = {
        (module, offset): name
        for module, offsets in wanted.items()
        for offset, name in _names(program, module, dict.fromkeys(offsets))
    }

    def line_of(line: str) -> str:
        match = found.get(line)
        name = names.get((match["module"], match["offset"])) if match else None
        return f"{match['head']} in {name}" if match and name else line

    return "\n".join(map(line_of, lines))


def _names(program: str, module: str, offsets: Iterable[str]) -> list[tuple[str, str]]:
    """Each offset with ``function file:line``; none of those that nothing is known of."""
    return [(offset, f"{function} {place}") for offset, function, place in _found(program, module, offsets)]


def where_named(text: str) -> str:
    """The text with a file and line for each address in a module: the driver's, not of a header of NDIS."""
    return re.sub(
        r"\((/[^()]+)\+0x([0-9a-f]+)\)", lambda found: _place(found[1], int(found[2], 16) - 1), text
    )


def _place(module: str, offset: int) -> str:
    """File and line of an instruction, or of the innermost call of a header's function that was put there."""
    try:
        command = [tool() or "addr2line", "-i", "-e", module, f"{offset:#x}"]
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return "a place that is not known"
    places = [re.sub(r" .discriminator .*", "", line) for line in os.fsdecode(done.stdout).splitlines()]
    own = next((line for line in places if "/ndis/include/" not in line), places[0])
    return Path(own).name


def lines_of(module: str, offsets: Sequence[int]) -> Mapping[int, tuple[str, int]]:
    """The file and line of each instruction, given by where the next one begins in the *module*."""
    program = tool()
    wanted = {f"{offset - 1:#x}": offset for offset in offsets} if program else {}
    found = {}
    for offset, _, place in _found(program, module, wanted):
        file, _, line = place.rpartition(":")
        found[wanted[offset]] = file, int(line)
    return found


def _found(program: str, module: str, offsets: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Offset, function and ``file:line`` of all of which something is known."""
    asked = list(offsets)
    command = [program, "-f", "-e", module]
    try:
        given = os.fsencode("\n".join(asked))
        done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return
    pairs = os.fsdecode(done.stdout).splitlines()
    for offset, function, place in zip(asked, pairs[::2], pairs[1::2], strict=False):
        if "?" not in function and "?" not in place:
            yield offset, function, re.sub(r" .discriminator .*", "", place)
