"""The formats that a trace is carried on in: one module each, imported when it is asked for."""

from __future__ import annotations

import dataclasses
import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..trace import Trace


class CannotExport(ValueError):
    """A trace that a format has no words for, or a library that is not installed: what, and what helps."""


@dataclasses.dataclass(frozen=True)
class Export:
    """A format: its name, how its files end, what it is for; ``module`` makes it with ``export(trace)``.

    ``played``: it is made of a run that is played again, and is a folder of several files.
    """

    name: str
    ending: str
    says: str
    module: str
    played: bool = False

    def make(self, trace: Trace) -> str | bytes:
        """The trace in this format. Raises CannotExport."""
        made: str | bytes = importlib.import_module(f".{self.module}", __package__).export(trace)
        return made


EXPORTS = {
    export.name: export
    for export in (
        Export("sarif", ".sarif", "SARIF 2.1.0, for code scanning and editors", "sarif_log"),
        Export("junit", ".xml", "JUnit XML, for any CI", "junit_xml"),
        Export("github", ".txt", "annotations of GitHub Actions, and its job summary", "github_actions"),
        Export("pytest", ".py", "a test that fails until it is fixed", "pytest_module"),
        Export("c", "", "a program of its own in C, with a Makefile, of a driver in C", "c_program", True),
        Export("mermaid", ".md", "a sequence diagram in Markdown, for a pull request", "mermaid_diagram"),
        Export("itf", ".itf.json", "ITF, the traces of Apalache and Quint", "itf_json"),
        Export("tla", ".tla", "a TLA+ module whose one behaviour it is", "tla_module"),
        Export("pcapng", ".pcapng", "the segments on the wire, for Wireshark", "pcapng_capture"),
        Export("vcd", ".vcd", "VCD, for GTKWave and other viewers of waves", "vcd_waves"),
    )
}
"""Every format by its name."""


def library(name: str, asked: str, extra: str = "export") -> ModuleType:
    """The library *name*, which *asked* needs. Raises CannotExport that says which *extra* brings it."""
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise CannotExport(
            f"{asked} needs the library {name.partition('.')[0]}, which is not installed; "
            f"pip install 'chimneysweep[{extra}]' brings it"
        ) from missing
