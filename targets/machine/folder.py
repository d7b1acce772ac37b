"""A temporary folder that lasts as long as the object that stands for it."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path


class Folder:
    """A new folder at ``path``; it is deleted with this object, or when the process that made it ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="chimneysweep-"))
        weakref.finalize(self, _remove, self.path, os.getpid())


def _remove(path: Path, maker: int) -> None:
    if os.getpid() == maker:  # a forked child has a copy of the object, and the same folder
        shutil.rmtree(path, ignore_errors=True)
