"""The buggy miniports: the reference with a patch applied."""

from __future__ import annotations

import shutil
from pathlib import Path

from .patching import BadPatch, apply, parse

HERE = Path(__file__).parent
REFERENCE = HERE / "reference"
"""The folder with the compliant driver."""


def patches() -> dict[str, Path]:
    """The patches of the reference by name, each a bug."""
    return {path.stem: path for path in sorted((HERE / "bugs").glob("*.patch"))}


def materialise(name: str, folder: Path) -> Path:
    """Write the buggy miniport *name* into *folder*, which is made if need be; returns the folder.

    Raises KeyError if there is no such bug, and BadPatch if its patch does not fit the reference.
    """
    return with_patch(patches()[name], folder)


def with_patch(patch: Path, folder: Path) -> Path:
    """Write the reference with *patch* applied into *folder*, which is made if need be; returns the folder.

    Raises BadPatch if it does not fit.
    """
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
