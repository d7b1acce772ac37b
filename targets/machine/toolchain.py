"""The system's C compiler: which one, what it says, and which sanitizers it has."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import elf
from .cache import Cache, digest
from .folder import Folder
from .refusal import BadTarget

SECONDS_TO_COMPILE = 120.0
COMMANDS = ("cc", "gcc", "clang")
COMBINATIONS = (("address", "undefined"), ("address",), ("undefined",))
"""Sanitizers, the most first."""

PROBE = "void __sanitizer_cov_trace_pc(void) {}\nint probe(int *p) { return p[1] + 1; }\n"
"""A library that any of the flags in question can be tried on."""


class CompilerFailed(Exception):
    """The compiler ended with an error; ``output`` is what it said."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


@dataclasses.dataclass(frozen=True)
class Compiler:
    """A compiler's command line, and what tells it from others."""

    command: tuple[str, ...]
    identity: str

    def run(self, arguments: Sequence[str]) -> str:
        """Compile; returns what the compiler prints. Raises Failed with its messages."""
        done = _run([*self.command, *arguments])
        if done.returncode:
            raise CompilerFailed(done.stderr or done.stdout)
        if "-o" in arguments and not Path(made := arguments[list(arguments).index("-o") + 1]).is_file():
            raise BadTarget(
                f"{shlex.join(self.command)} is no C compiler: it does not make {Path(made).name}"
            )
        return done.stdout

    @property
    def is_clang(self) -> bool:
        """Whether it is clang under whatever name."""
        return "clang" in self.identity

    def shared_runtime(self) -> list[str]:
        """What makes the sanitizers' runtime a library of its own, as a plugin needs it."""
        return ["-shared-libsan"] if self.is_clang else []

    def sanitizers(self, cache: Cache) -> tuple[str, ...]:
        """The sanitizers that work here."""
        asked = {(f"-fsanitize={','.join(kinds)}", *self.shared_runtime()): kinds for kinds in COMBINATIONS}
        return asked.get(self.works(list(asked), cache), ())

    def works(self, choices: Sequence[tuple[str, ...]], cache: Cache) -> tuple[str, ...]:
        """The first of these flags with which a library can be made; none: (). Found out once and kept."""

        def probe(into: Path) -> None:
            found = next((n for n, flags in enumerate(choices) if self._links(flags)), len(choices))
            into.write_text(str(found), encoding="utf-8")

        spare = Folder()
        kept = cache.file(f"flags-{digest(self.identity, repr(choices))}.txt", probe, spare.path)
        return (*choices, ())[int(kept.read_text(encoding="utf-8"))]

    def _links(self, flags: Sequence[str]) -> bool:
        folder = Folder()
        source = folder.path / "probe.c"
        source.write_text(PROBE, encoding="ascii")
        try:
            self.run(["-shared", "-fPIC", *flags, str(source), "-o", str(folder.path / "probe.so")])
        except CompilerFailed:
            return False
        return "address" not in " ".join(flags) or bool(self.preload())

    def preload(self) -> tuple[str, ...]:
        """AddressSanitizer's runtime, which must come first in a process, and what it looks for there."""
        names = ["libclang_rt.asan.so", "libclang_rt.asan-x86_64.so"] if self.is_clang else ["libasan.so"]
        runtime = next((found for name in names if (found := self._library(name))), "")
        cxx = self._library("libstdc++.so.6")
        return tuple(p for p in (runtime, cxx) if p) if runtime else ()

    def _library(self, name: str) -> str:
        """The path of one of the compiler's libraries, "" if it has none."""
        path = Path(self.run([f"-print-file-name={name}"]).strip())
        if not path.is_absolute() or not path.is_file():
            return ""
        if elf.is_elf(path):
            return str(path.resolve())
        named = re.search(r"/[^\s()]+\.so[.\d]*", path.read_text(encoding="utf-8", errors="replace"))
        return named[0] if named else ""  # a linker script that says where it is


def find_compiler(wanted: str = "") -> Compiler:
    """The compiler: *wanted*, $CC, cc, gcc or clang. Raises BadTarget if there is none."""
    named = wanted or os.environ.get("CC", "")
    commands = [tuple(shlex.split(named))] if named.strip() else [(name,) for name in COMMANDS]
    found = next((command for command in commands if shutil.which(command[0])), None)
    if found is None and named.strip():
        raise BadTarget(f"there is no compiler {named!r} on this machine; set CC to one that there is")
    if found is None:
        names = ", ".join(COMMANDS)
        raise BadTarget(f"there is no C compiler on this machine (looked for {names}); install one or set CC")
    return Compiler(found, _identity(found))


def _identity(command: tuple[str, ...]) -> str:
    done = _run([*command, "--version"])
    if done.returncode:
        raise BadTarget(f"{shlex.join(command)} is no C compiler: --version ends with code {done.returncode}")
    return f"{shutil.which(command[0])} {shlex.join(command[1:])} {done.stdout}"


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS_TO_COMPILE,
            check=False,
        )
    except OSError as error:
        raise BadTarget(f"{command[0]} cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise BadTarget(f"{shlex.join(command)} takes more than {SECONDS_TO_COMPILE:g} s") from None
