"""The buggy miniports: what the manifest says of each, and the reference with its patch applied."""

from __future__ import annotations

import dataclasses
import functools
import shutil
import tomllib
from pathlib import Path

from .patching import BadPatch, apply, parse

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"
"""The folder with the compliant driver."""


@dataclasses.dataclass(frozen=True)
class Bug:
    """A miniport with one bug.

    ``breaks`` is the property that catches it, ``steps`` the length of the minimal trace, in
    actions of the model. ``memory``: no clause is broken, memory is misused.
    """

    name: str
    says: str
    breaks: str
    steps: int
    memory: bool = False

    @property
    def patch(self) -> Path:
        """The patch of the reference that makes the bug."""
        return HERE / "bugs" / f"{self.name}.patch"


@functools.cache
def bugs() -> dict[str, Bug]:
    """Every buggy miniport by name, in the order of the manifest."""
    rows = tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))["bugs"]
    return {name: Bug(name, **row) for name, row in rows.items()}


def materialise(name: str, folder: Path) -> Path:
    """Write the buggy miniport *name* into *folder*, which is made if need be; returns the folder.

    Raises KeyError if there is no such bug, and BadPatch if its patch does not fit the reference.
    """
    patch = bugs()[name].patch
    folder.mkdir(parents=True, exist_ok=True)
    changes = parse(patch.read_text(encoding="utf-8"), patch.name)
    for source in sorted(REFERENCE.iterdir()):
        shutil.copyfile(source, folder / source.name)
    for file, hunks in changes.items():
        if not (folder / file).is_file():
            raise BadPatch(f"{patch.name} changes {file}, which the reference does not have")
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(apply(text, hunks), encoding="utf-8")
    return folder
