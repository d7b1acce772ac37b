"""How a target is made in the process that it is to live in: from Python, from C, from a program."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path

from .interface import Factory
from .load import load


@dataclasses.dataclass(frozen=True)
class PythonRecipe:
    """A Python class, by the name that :func:`.load.load` takes."""

    spec: str
    interrupts = locks = False
    says: str = "a Python class, in a child process"
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def factory(self) -> Factory:
        """Import the class. Raises BadTarget."""
        return load(self.spec)


@dataclasses.dataclass(frozen=True)
class NativeRecipe:
    """A driver in C that has been built into the shared object *library*.

    ``record`` is a file to which every call is written, None for none. ``keeps``: what the driver holds is to
    be kept and put back, where that can be. ``locks``: it locks something: it is meant for two processors.
    """

    library: Path
    says: str
    env: Mapping[str, str]
    record: Path | None = None
    keeps: bool = False
    locks: bool = False
    interrupts = True

    def factory(self) -> Factory:
        """Load the library, and let the driver register. Raises BadTarget."""
        from .native.driver_library import DriverLibrary
        from .native.native_factory import factory
        from .native.recorded_library import recorded

        if self.record is not None:
            return recorded(self.library, self.record)
        return factory(self.library, opens=functools.partial(DriverLibrary, keeps=self.keeps))


@dataclasses.dataclass(frozen=True)
class ProtocolRecipe:
    """A program that speaks the line protocol (``docs/protocol.md``)."""

    program: Path
    interrupts = locks = False
    says: str = "a program of its own, by the line protocol"
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def factory(self) -> Factory:
        """Start the program, and shake hands. Raises BadTarget."""
        from .protocol.program_target import factory

        return factory(self.program)
