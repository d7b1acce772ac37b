"""What the headers of our NDIS offer a driver: functions, structures, constants; and which are stubs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .compiler import INCLUDE

OURS = ("Chs", "CHS_")
"""How names begin that are only for the headers themselves."""
STUB = re.compile(r'CHS_STUB\("(?P<does>[^"]*)"\)\s*')
FUNCTION = re.compile(
    r"^(?:CHS_INLINE )?(?P<result>(?:const )?[A-Z]\w*)\s+\**(?P<name>[A-Z]\w+)\((?P<takes>[^;{]*)\)\s*[;{]",
    re.M,
)
INTERLOCKED = re.compile(r"^CHS_(?:INTERLOCKED|SAFE)\((?P<name>\w+)", re.M)
TYPE = re.compile(r"^(?P<kind>struct|union|enum)(?: DECLSPEC_ALIGN\(\d+\))? _(?P<name>\w+) \{", re.M)
MACRO = re.compile(r"^#define (?P<name>\w+)(?P<takes>\([^)]*\))?(?P<value>[^\n]*)$", re.M)
KINDS = {"struct": "structure", "union": "structure", "enum": "enumeration"}


@dataclass(frozen=True)
class Offered:
    """One thing: its name, its kind, the header, what is said of it; ``stub`` is what a stub does, or ""."""

    name: str
    kind: str
    header: str
    says: str
    stub: str = ""
    names: tuple[str, ...] = ()
    """Of a group of constants: their names."""


def offered() -> list[Offered]:
    """All of it, by header and kind."""
    return [one for path in sorted(INCLUDE.glob("*.h")) for one in _in_header(path)]


def _in_header(path: Path) -> Iterator[Offered]:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\\\n", " ", text)
    header, seen = path.name, set()
    for one in (*_functions(text, header), *_types(text, header), *_macros(text, header)):
        if not one.name.startswith(OURS) and (one.name, one.kind) not in seen:
            seen.add((one.name, one.kind))
            yield one


def _functions(text: str, header: str) -> Iterator[Offered]:
    stubs = {m.end(): m["does"] for m in STUB.finditer(text)}
    plain = STUB.sub(lambda m: "\n" * m[0].count("\n"), text)
    does = {}
    for end, said in stubs.items():
        if following := re.compile(r"[^(;]*?\b(\w+)\(").match(text, end):
            does[following[1]] = said
    for found in FUNCTION.finditer(plain):
        takes = " ".join(found["takes"].split())
        yield Offered(found["name"], "function", header, f"({takes})", does.get(found["name"], ""))
    for found in INTERLOCKED.finditer(plain):
        yield Offered(found["name"], "function", header, "")


def _types(text: str, header: str) -> Iterator[Offered]:
    for found in TYPE.finditer(re.sub(r"^typedef ", "", text, flags=re.MULTILINE)):
        yield Offered(found["name"], KINDS[found["kind"]], header, "")


def _macros(text: str, header: str) -> Iterator[Offered]:
    """Macros that take something; constants in groups of those whose names begin alike."""
    groups: dict[str, list[str]] = {}
    for found in MACRO.finditer(text):
        name = found["name"]
        if found["takes"] is not None and name[0].isalpha():
            yield Offered(name, "macro", header, found["takes"])
        elif found["value"].strip() and name[0].isalpha() and not name.startswith(OURS):
            groups.setdefault(_group(name), []).append(name)
    for group, names in groups.items():
        if len(names) == 1:
            yield Offered(names[0], "constant", header, "")
        else:
            yield Offered(f"{group}*", "constants", header, ", ".join(names), names=tuple(names))


def _group(name: str) -> str:
    parts = name.split("_")
    return "_".join(parts[: 2 if len(parts) > 2 else 1]) + "_"
