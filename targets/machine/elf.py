"""Whether a file is a shared object that this machine can load, judged by its first bytes.

Source: the header of an ELF file, as in the System V ABI (e_ident, e_type, e_machine).
"""

from __future__ import annotations

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
