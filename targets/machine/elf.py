"""What is in an ELF file: whether this machine can load it, and the names that an object has and needs.

Source: System V ABI, chapters on object files (header, sections) and on the symbol table.
"""

from __future__ import annotations

import dataclasses
import platform
import struct
from pathlib import Path

from .refusal import BadTarget

MAGIC = b"\x7fELF"
SHARED = 3
MACHINES = {3: "i386", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64", 21: "ppc64le", 22: "s390x"}
SAME = {"amd64": "x86_64", "arm64": "aarch64"}


def check(path: Path) -> None:
    """Raise BadTarget unless *path* is a shared object for this machine."""
    with path.open("rb") as file:
        head = file.read(20)
    if head[:2] == b"MZ":
        raise BadTarget(f"{path} is a Windows binary, which cannot be loaded here; name the driver's sources")
    if len(head) < 20 or head[:4] != MAGIC:
        raise BadTarget(f"{path} is no shared object (it does not begin as an ELF file does)")
    order = "<" if head[5] == 1 else ">"
    kind, machine = struct.unpack_from(f"{order}HH", head, 16)
    here = SAME.get(platform.machine().lower(), platform.machine().lower())
    built_for = MACHINES.get(machine, f"machine number {machine}")
    if built_for != here:
        raise BadTarget(f"{path} is built for {built_for}; this machine is {here}")
    if kind != SHARED:
        raise BadTarget(f"{path} is no shared object; link it with -shared")


def is_elf(path: Path) -> bool:
    """Whether *path* begins as an ELF file does."""
    with path.open("rb") as file:
        return file.read(4) == MAGIC


@dataclasses.dataclass(frozen=True)
class Symbols:
    """The names that an object defines for others, and needs; whether threads have data of their own."""

    defined: frozenset[str] = frozenset()
    undefined: frozenset[str] = frozenset()
    thread_local: bool = False

    def __bool__(self) -> bool:
        return bool(self.defined or self.undefined)


SYMBOL_TABLE, LOCAL, THREAD_LOCAL = 2, 0, 6
"""sh_type of a symbol table; the binding of a name that is no other object's; the type of a thread's data."""


def symbols(path: Path) -> Symbols:
    """The symbols of a 64-bit object file; none of what is no such file."""
    data = path.read_bytes()
    if data[:5] != MAGIC + b"\2":
        return Symbols()
    order = "<" if data[5] == 1 else ">"
    (start,) = struct.unpack_from(f"{order}Q", data, 40)
    size, count = struct.unpack_from(f"{order}HH", data, 58)
    sections = [struct.unpack_from(f"{order}IIQQQQIIQQ", data, start + k * size) for k in range(count)]
    names: dict[bool, set[str]] = {True: set(), False: set()}
    thread_local = False
    for section in sections:
        if section[1] != SYMBOL_TABLE:
            continue
        texts = sections[section[6]][4]
        for at in range(section[4] + 24, section[4] + section[5], 24):
            name, info, _, index = struct.unpack_from(f"{order}IBBH", data, at)
            thread_local = thread_local or info & 15 == THREAD_LOCAL
            if info >> 4 != LOCAL:
                end = data.index(b"\0", texts + name)
                names[index != 0].add(data[texts + name : end].decode("utf-8", "replace"))
    return Symbols(frozenset(names[True]), frozenset(names[False]), thread_local)
