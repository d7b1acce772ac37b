"""``chimneysweep list``: what there is to check, and what it can be checked on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import ALL_HOLD, BadInput, UnknownName
from .subjects import CHIMNEY, clauses_option, load

if TYPE_CHECKING:
    from ..properties.subject import Subject

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent


def _properties(subject: Subject, *kinds: str) -> list[Row]:
    return [
        {
            "name": p.name,
            "kind": p.kind,
            "says": p.says,
            "page": p.source.page,
            "heading": p.source.heading,
            "reading": p.reading,
            "impossible_with": list(p.impossible_with),
        }
        for p in subject.properties
        if not kinds or p.kind in kinds
    ]


def _designs(subject: Subject) -> list[Row]:
    designs = subject.every_design
    return [{"name": d.name, "says": d.says, "breaks": d.breaks, "steps": d.steps_to_it} for d in designs]


def _events(subject: Subject) -> list[Row]:
    return [{"name": e.name, "actor": e.actor, "says": e.says} for e in subject.events]


def _parts(subject: Subject) -> list[Row]:
    return [{"name": part.name, "says": part.says} for part in subject.parts]


def _choices(subject: Subject) -> list[Row]:
    """What a design made from the reference may replace, and where it stands."""
    reference = subject.the_reference
    made_of: dict[str, dict[str, Callable[..., Any]]] = {
        "choice": dict(reference.choices),
        "step": {s.name: s.chooses for s in reference.steps},
        "reaction": {r.event: r.reacts for r in reference.reactions},
    }
    return [
        {"name": name, "kind": kind, "says": " ".join((function.__doc__ or "").split()), **_place(function)}
        for kind, functions in made_of.items()
        for name, function in functions.items()
    ]


def _place(function: Callable[..., Any]) -> Row:
    code = function.__code__
    file = Path(code.co_filename).resolve()
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return {
        "takes": list(code.co_varnames[1 : code.co_argcount]),
        "file": str(shown),
        "line": code.co_firstlineno,
    }


def _targets(subject: Subject) -> list[Row]:
    from ..targets.chimney.built_in import entries, miniports

    if subject.name != CHIMNEY:
        raise BadInput(f"{subject.name} has no executable targets; those that come along are for the chimney")
    return [{"name": e.name, "says": e.says} for e in (*entries(), *miniports())]


def _ndis(subject: Subject) -> list[Row]:
    """What a driver file is built against."""
    from ..targets.chimney.native.surface import offered

    if subject.name != CHIMNEY:
        raise BadInput(f"{subject.name} has no drivers; NDIS is for the chimney")
    return [{**vars(one), "names": list(one.names)} for one in offered()]


def _says(row: Row) -> str:
    return str(row["says"])


def _property_says(row: Row) -> str:
    from ..properties.citing import where_said

    source = where_said(row["name"], row["page"], row["heading"])
    literal = " (no target can keep this reading)" if row["impossible_with"] else ""
    return f"{row['says']}{literal}\n[{row['kind']}; {source}]"


def _design_says(row: Row) -> str:
    return f"{row['says']}\n[seeded: breaks {row['breaks']}]" if row["breaks"] else _says(row)


def _event_says(row: Row) -> str:
    return f"{row['says']}\n[{row['actor']}]"


def _choice_says(row: Row) -> str:
    takes = ", ".join(row["takes"])
    return f"{row['says']}\n[{row['kind']} {row['name']}({takes}); {row['file']}, line {row['line']}]"


def _ndis_says(row: Row) -> str:
    stub = f"\nStub: {row['stub']}" if row["stub"] else ""
    return f"{row['says']}{stub}\n[{row['kind']}; {row['header']}]".lstrip("\n")


# What -> where the rows come from, and what the table says of each.
LISTS: dict[str, tuple[Callable[[Subject], list[Row]], Callable[[Row], str]]] = {
    "properties": (_properties, _property_says),
    "clauses": (lambda subject: _properties(subject, "clause"), _property_says),
    "designs": (_designs, _design_says),
    "choices": (_choices, _choice_says),
    "events": (_events, _event_says),
    "parts": (_parts, _says),
    "targets": (_targets, _says),
    "ndis": (_ndis, _ndis_says),
}
EVERYTHING = ("parts", "events", "designs", "properties")
"""What is listed of a subject, where only the subject is named."""


@click.command("list")
@click.argument("what", metavar=f"[{'|'.join(LISTS)}]")
@click.argument("subject", metavar="[FILE.py[:NAME]]", default=CHIMNEY)
@clauses_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def command(what: str, subject: str, clauses: tuple[str, ...], as_json: bool) -> int:
    """List what there is of a subject: properties, clauses, designs, events, parts; or the targets.

    `choices` are the pieces of its reference design, which a design of your own may replace; `ndis` is
    what a driver in C is built against: functions (stubs are called so), structures, constants. The
    subject is the TCP chimney, or the one in FILE.py; `list FILE.py` shows all there is of it.
    """
    from .output import LIST_FORMAT, RESULT_VERSION

    if subject in LISTS and what not in LISTS:
        what, subject = subject, what
    name = subject if what in LISTS else _subject(what, subject)
    _, whole = load(name, clauses)
    lists = {w: LISTS[w][0](whole) for w in ((what,) if what in LISTS else EVERYTHING)}
    if as_json:
        rows = [row if what in LISTS else {"list": w, **row} for w, each in lists.items() for row in each]
        head = {"format": LIST_FORMAT, "version": RESULT_VERSION, "subject": whole.name}
        click.echo(
            json.dumps({**head, "what": what if what in LISTS else "everything", "entries": rows}, indent=1)
        )
    else:
        _show(whole, lists, alone=what in LISTS)
    return ALL_HOLD


def _subject(what: str, besides: str) -> str:
    """The subject, where it is named in the place of a list. Raises Unknown."""
    from ..properties.loading import BUILT_IN, is_file

    if (is_file(what) or what in BUILT_IN) and besides == CHIMNEY:
        return what
    raise UnknownName("list", what, LISTS, "chimneysweep list --help")


def _show(subject: Subject, lists: dict[str, list[Row]], *, alone: bool) -> None:
    from .output import out, say, table

    console = out()
    if not alone:
        sizes = ", ".join(f"{name}={usual}" for name, usual in subject.bounds.items())
        say(console, f"{subject.name}: {subject.says}", "bold")
        say(console, f"bounds: {sizes or 'none'}")
    for what, rows in lists.items():
        if not alone:
            say(console)
            say(console, what, "bold")
        table(console, ("name", "what it says"), [(str(row["name"]), LISTS[what][1](row)) for row in rows])
