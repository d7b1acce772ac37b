"""``chimneysweep new``: a C miniport, a design or a protocol to start from, in files of one's own."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from .errors import ALL_HOLD, BadInput, UnknownName, write

REFERENCE = "reference"
STARTS = Path(__file__).parent / "starts"


@click.command("new")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option(
    "--like",
    "name",
    metavar="NAME",
    default=REFERENCE,
    show_default=True,
    help="The reference, or one of the buggy miniports (`chimneysweep list targets`).",
)
@click.option("--design", metavar="NAME", help="A hand-off algorithm for the TCP chimney, in NAME.py.")
@click.option("--subject", metavar="NAME", help="A protocol of your own, in NAME.py.")
def command(folder: Path | None, name: str, design: str | None, subject: str | None) -> int:
    """Write something to start from: a C miniport to DIR, or with --design or --subject a Python file.

    The miniport is the one that keeps the rules, or one with a bug to be found. DIR must be new or
    empty, NAME.py must not be there. The files are yours to change.
    """
    if sum(given is not None for given in (folder, design, subject)) != 1:
        raise click.UsageError("give one of DIR (a C miniport), --design NAME and --subject NAME")
    if design is not None:
        return _start("own_design.txt", design, "check --design {file} -p snd.max -p ack.delayed-sent")
    if subject is not None:
        return _start("own_subject.txt", subject, "check {file}")
    assert folder is not None
    return _miniport(folder, name)


def _start(template: str, name: str, then: str) -> int:
    """A commented file that can be checked as it is; *then* is the command for that."""
    file = Path(name if name.endswith(".py") else f"{name}.py")
    if not file.stem.isidentifier():
        raise BadInput(
            f"{file.stem!r} is no name for a Python file; give letters, digits and _, like my_design"
        )
    if file.exists():
        raise BadInput(f"{file} is there already, and is not overwritten; give another name")
    text = (STARTS / template).read_text(encoding="utf-8")
    write(file, text.replace("NAME", file.stem.replace("_", "-")).replace("FILE", str(file)))
    click.echo(f"{file}: change it from top to bottom; its comments lead through it")
    click.echo(f"next: chimneysweep {then.format(file=quote(str(file)))}")
    return ALL_HOLD


def _miniport(folder: Path, name: str) -> int:
    from ..targets.chimney.miniports.patched import REFERENCE as SOURCES
    from ..targets.chimney.miniports.patched import materialise, patches
    from ..targets.chimney.seeded_bugs import one_name

    name = one_name(name.removeprefix("miniports/"))
    known = [REFERENCE, *patches()]
    if name not in known:
        raise UnknownName("miniport", name, known, "chimneysweep list targets")
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
    click.echo(f"next: chimneysweep conform {quote(str(folder))}")
    return ALL_HOLD


def _copy(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
