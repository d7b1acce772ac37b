"""A folder that keeps what was compiled before; without one, everything is simply made again."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import zlib
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
        """The file called *name*, if it is there, whole, and readable (another user may have made it)."""
        file = self.folder / name
        try:
            whole = _beside(file).read_text(encoding="ascii") == _checksum(file)
        except (OSError, ValueError):
            return None
        return file if whole else None

    def _keep(self, made: Path, kept: Path) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._write(made.read_bytes(), kept)
            self._write(_checksum(made).encode(), _beside(kept))
        except OSError:
            return made
        return kept

    def _write(self, data: bytes, kept: Path) -> None:
        handle, draft = tempfile.mkstemp(prefix=f".{kept.name}.", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(draft, kept)
        except OSError:
            os.unlink(draft)
            raise


def _beside(file: Path) -> Path:
    """Where the checksum of a file is kept."""
    return file.with_name(f"{file.name}.crc")


def _checksum(file: Path) -> str:
    """What tells a file from one that was cut or changed."""
    return f"{zlib.crc32(file.read_bytes()):08x}"
