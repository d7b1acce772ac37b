"""What a driver needs that is not there: all of it, by name, drawn from what the compiler says.

A compiler stops at the first header that it does not find, and reads no function whose parameters have an
unknown type. So what is missing is looked for in rounds: what one round finds has a stand-in in the next.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path

MOST_ROUNDS = 8
OURS = 620
"""The NDIS that there is, as its macros are numbered."""
HEADER, TYPE, FUNCTION, NAME, MEMBER = "headers", "types", "functions", "names", "members"
FOLLOWING = (FUNCTION, NAME, MEMBER)
"""Kinds of which much may only follow from a header or a type: what the last round says of them counts."""
QUOTED = r"'(?P<name>[\w.:/<> ]+)'"
SAID = {
    HEADER: (r"(?P<name>[^\s:]+): No such file", rf"{QUOTED} file not found"),
    TYPE: (
        rf"unknown type name {QUOTED}",
        rf"must use '(?:struct|union|enum)' tag to refer to type {QUOTED}",
        r"(?:incomplete|undefined) type '(?P<name>(?:struct|union) \w+)",
    ),
    FUNCTION: (
        rf"implicit declaration of function {QUOTED}",
        rf"call to undeclared (?:library )?function {QUOTED}",
    ),
    NAME: (rf"{QUOTED} undeclared", rf"use of undeclared identifier {QUOTED}"),
    MEMBER: (
        r"'(?P<of>(?:struct |union )?\w+)'(?: \{[^}]*\})? has no member named '(?P<name>\w+)",
        r"no member named '(?P<name>\w+)' in '(?P<of>(?:struct |union )?\w+)",
    ),
}
"""What gcc and clang say of each kind."""
WORDS = {
    HEADER: "headers",
    TYPE: "types",
    FUNCTION: "functions",
    NAME: "constants, macros or variables",
    MEMBER: "members of structures",
}
ERROR = re.compile(r"^(?P<place>[^\n]*?:\d+:\d+): (?:fatal )?error: (?P<text>.*)$", re.MULTILINE)
ROUND = Callable[[Sequence[str]], str]
"""Compiles every file with these flags besides; returns all that the compiler says."""


@dataclasses.dataclass(frozen=True)
class Missing:
    """What is missing: for each kind the names, in the order of their first use, with its place."""

    names: dict[str, dict[str, str]]

    def __bool__(self) -> bool:
        return any(self.names.values())

    def message(self) -> str:
        """All of it, a line for each kind and name."""
        lines = []
        for kind, found in self.names.items():
            if found:
                lines.append(f"  {WORDS[kind]} ({len(found)}):")
                lines += [f"    {name:40} first at {place}" for name, place in sorted(found.items())]
        return "\n".join(lines)


def look_for(output: str, compiles: ROUND, folder: Path) -> Missing:
    """What is missing in a driver of which the compiler says *output*. Stand-ins are made in *folder*."""
    missing = Missing({kind: {} for kind in SAID})
    for _ in range(MOST_ROUNDS):
        if not _take(output, missing):
            break
        for kind in FOLLOWING:
            missing.names[kind].clear()
        output = compiles(_stand_ins(missing, folder))
    return missing


def too_new(flags: Sequence[str]) -> str:
    """What to do where a driver says that it is for a newer NDIS than ours; "" where it does not."""
    for flag in flags:
        said = re.fullmatch(r"-D(NDIS(\d{3})_MINIPORT)(?:=.*)?", flag)
        if said and int(said[2]) > OURS:
            return (
                f"it is built for a newer NDIS ({said[1]}), and ours is 6.20: leave the files out that use "
                f"what is newer, and say --cflag -U{said[1]} --cflag -DNDIS620_MINIPORT=1\n"
            )
    return ""


def errors(output: str) -> str:
    """The errors in what a compiler says, each with the lines that belong to it; no warnings."""
    kept, keeping = [], True
    for line in output.splitlines():
        if re.search(r":\d+(?::\d+)?: \w", line):
            keeping = ": warning: " not in line and ": note: " not in line
        if keeping and not re.match(r"\d+ (warnings?|errors?)", line):
            kept.append(line)
    return "\n".join(kept)


def _take(output: str, into: Missing) -> bool:
    """Enter what *output* calls missing; whether a header or type of it is new."""
    new = False
    plain = output.replace("\u2018", "'").replace("\u2019", "'")
    for error in ERROR.finditer(plain):
        for kind, patterns in SAID.items():
            found = next((m for p in patterns if (m := re.search(p, error["text"]))), None)
            if found is None:
                continue
            name = f"{found['of']}.{found['name']}" if kind == MEMBER else found["name"]
            new = new or (kind not in FOLLOWING and name not in into.names[kind])
            into.names[kind].setdefault(name, error["place"])
            break
    return new


def _stand_ins(missing: Missing, folder: Path) -> list[str]:
    """Flags with which the compiler goes on beyond what is missing so far."""
    headers = folder / "stand_ins"
    headers.mkdir(exist_ok=True)
    for name in missing.names[HEADER]:
        place = (headers / name).resolve()
        if place.is_relative_to(headers.resolve()):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    first = headers / "first.h"
    types = [name for name in missing.names[TYPE] if name.isidentifier()]
    first.write_text("".join(f"typedef int {name};\n" for name in types), encoding="utf-8")
    return ["-idirafter", str(headers), "-include", str(first), "-fsyntax-only"]
