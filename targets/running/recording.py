"""A finding on a driver in C, played once more and written down: its calls, and the sources that it needs."""

from __future__ import annotations

from pathlib import Path

from ...counterexamples.model_replay import Replay
from ...counterexamples.trace import Trace
from ..chimney.built_in import MINIPORTS, canonical, sources
from ..chimney.moves import interrupted
from ..chimney.native.compiler import HEADER_FOLDERS, NDIS, SOURCE_FOLDERS
from ..chimney.native.project_file import PROJECTS
from ..machine.folder import Folder
from ..machine.refusal import BadTarget
from .launch import How, how_from_json
from .target_replay import replay_on_target

SOURCES = (".c", ".h")


def recorded(trace: Trace) -> tuple[Replay, list[str]]:
    """What comes of the trace now, and what passed between NDIS and the driver, a line each.

    Raises BadTarget where it cannot be played, or is of no driver in C.
    """
    moves = trace.meta.get("scenario", {}).get("moves", ())
    if any(move.get("kind") == interrupted.name for move in moves):
        raise BadTarget(
            "two processors are in the driver at once in this trace, and a program of its own has one; "
            "`chimneysweep replay TRACE` plays it"
        )
    folder = Folder()
    file = folder.path / "calls"
    replay = replay_on_target(trace, file)
    return replay, file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def how_built(trace: Trace) -> How:
    """How the trace's target was built."""
    return how_from_json(trace.meta.get("how", {}))


def files_of(trace: Trace) -> dict[str, bytes]:
    """The sources of NDIS and of the trace's driver, by where a program that is built alone has them.

    Raises BadTarget for a driver that has no sources.
    """
    spec, folder = canonical(str(trace.meta["target"])), Folder()
    path = sources(spec, folder.path / "driver") if spec.startswith(MINIPORTS) else Path(spec)
    if path.suffix == ".so":
        raise BadTarget(f"{path} is a library, and a program of its own needs the driver's sources")
    if path.suffix in PROJECTS:
        raise BadTarget(f"{path} names files of several folders, and a program of its own is made of one")
    found = {f"ndis/{kind}": NDIS / kind for kind in ("include", "src")}
    home = path if path.is_dir() else path.parent
    found["driver"] = home
    found |= {f"driver/{name}": home / name for name in (*SOURCE_FOLDERS, *HEADER_FOLDERS)}
    return {
        f"{place}/{file.name}": file.read_bytes()
        for place, own in found.items()
        for file in (sorted(own.iterdir()) if own.is_dir() else ())
        if file.suffix in SOURCES and (path.is_dir() or file == path or file.suffix == ".h" or own != home)
    }
