"""A folder that keeps what was compiled before; without one, everything is simply made again."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

VARIABLE = "CHIMNEYSWEEP_CACHE"
"""The environment variable that names another folder."""


def digest(*parts: str | bytes) -> str:
    """A name for whatever was made out of *parts*."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big") + data)
    return state.hexdigest()[:24]


def default_folder() -> Path:
    """$CHIMNEYSWEEP_CACHE, or the platform's folder for what can be made again."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        base = home / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "chimneysweep"


class Cache:
    """Files by name. A file appears whole or not at all, whoever else writes it at the same time."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def file(self, name: str, make: Callable[[Path], None], spare: Path) -> Path:
        """The file called *name*; if it is not there, *make* is told to write it.

        Where the folder takes no files, it is written into the folder *spare*.
        """
        if kept := self.kept(name):
            return kept
        made = spare / name
        make(made)
        return self._keep(made, self.folder / name)

    def kept(self, name: str) -> Path | None:
        """The file called *name*, if it is there and can be read (another user may have made it)."""
        file = self.folder / name
        return file if os.path.isfile(file) and os.access(file, os.R_OK) else None

    def _keep(self, made: Path, kept: Path) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(prefix=f".{kept.name}.", dir=self.folder)
            with os.fdopen(handle, "wb") as file:
                file.write(made.read_bytes())
            os.replace(draft, kept)
        except OSError:
            return made
        return kept
