"""``chimneysweep new``: a C miniport to start from, in a folder of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from .errors import ALL_HOLD, BadInput, Unknown

REFERENCE = "reference"


@click.command("new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--like",
    "name",
    metavar="NAME",
    default=REFERENCE,
    show_default=True,
    help="The reference, or one of the buggy miniports (`chimneysweep list targets`).",
)
def command(folder: Path, name: str) -> int:
    """Write a C miniport to DIR: the one that keeps the rules, or one with a bug to be found.

    The folder must be new or empty. Its files are yours to change.
    """
    from ..targets.chimney.miniports.patched import REFERENCE as SOURCES
    from ..targets.chimney.miniports.patched import materialise, patches
    from ..targets.chimney.seeded_bugs import one_name

    name = one_name(name.removeprefix("miniports/"))
    known = [REFERENCE, *patches()]
    if name not in known:
        raise Unknown("miniport", name, known, "chimneysweep list targets")
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty, and nothing in it is overwritten; give a new folder")
    try:
        if name == REFERENCE:
            _copy(SOURCES, folder)
        else:
            materialise(name, folder)
    except OSError as error:
        raise BadInput(f"cannot write to {folder}: {error.strerror or error}; give another folder") from error
    click.echo(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    click.echo(f"the headers it includes: {SOURCES.parent.parent / 'ndis' / 'include'}")
    click.echo(f"next: chimneysweep conform {folder}")
    return ALL_HOLD


def _copy(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
