"""Kept counterexamples: traces of targets, in a folder; their scenarios are played before all others.

A corpus is a folder of trace files, to be shown and replayed like any other trace. Some
come along (findings of the seeded targets); a user's own lie beside the target.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from ... import counterexamples
from ...counterexamples.storage import dumps, write_atomically
from ...counterexamples.trace import Trace
from ..chimney.move_kinds import MoveKind
from ..chimney.moves import MOVES
from ..chimney.scenario import Scenario, from_json

FOLDER = Path(".chimneysweep", "corpus")


class BadCorpus(ValueError):
    """A file in a corpus that cannot be played; the message says which, and what to do about it."""


def findings_folder(target: str) -> Path | None:
    """The folder for the findings of the target that *target* names; None if it is in no file."""
    for place in (Path(target), Path(target.rpartition(":")[0] or "-")):
        if place.is_dir():
            return place / FOLDER
        if place.is_file():
            return place.parent / FOLDER
    return None


def shipped() -> Iterator[tuple[str, Scenario]]:
    """The findings that come along: name and scenario."""
    for file in sorted(resources.files(counterexamples).joinpath("corpus").iterdir(), key=str):
        if file.name.endswith(".json"):
            yield file.name.removesuffix(".json"), _scenario(file.read_bytes(), file.name)


def kept(folder: Path, kinds: Mapping[str, MoveKind] = MOVES) -> list[tuple[str, Scenario]]:
    """The findings in a folder by file name; none if there is no such folder. Raises BadCorpus."""
    return [(path.stem, _scenario(_bytes(path), str(path), kinds)) for path in sorted(folder.glob("*.json"))]


def keep(folder: Path, trace: Trace) -> Path:
    """Add a finding to a folder, which is made if need be; the same scenario is kept once. Raises OSError."""
    scenario = json.dumps(trace.meta["scenario"], sort_keys=True)
    broken = trace.violation.property if trace.violation else "unstable"
    path = folder / f"{broken}.{hashlib.sha256(scenario.encode()).hexdigest()[:8]}.json"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(path, dumps(trace))
    return path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCorpus(
            f"{path} cannot be read: {error.strerror}; make it readable or move it away"
        ) from error


def _scenario(raw: bytes, name: str, kinds: Mapping[str, MoveKind] = MOVES) -> Scenario:
    """The scenario in a trace file. The rest of the file is for people, and not looked at."""
    try:
        return from_json(json.loads(raw)["meta"]["scenario"], kinds)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise BadCorpus(
            f"{name} is no trace of a target that can be played ({why}); mend it, or move it elsewhere"
        ) from error
