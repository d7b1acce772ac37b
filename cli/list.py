"""``chimneysweep list``: what there is to check, and what it can be checked on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from .errors import ALL_HOLD

Row = dict[str, Any]


def _properties(*kinds: str) -> list[Row]:
    from ..properties.loading import load_subject

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
        for p in load_subject("chimney").properties
        if not kinds or p.kind in kinds
    ]


def _designs() -> list[Row]:
    from ..properties.loading import load_subject

    designs = load_subject("chimney").every_design
    return [{"name": d.name, "says": d.says, "breaks": d.breaks, "steps": d.steps_to_it} for d in designs]


def _targets() -> list[Row]:
    from ..targets.chimney.built_in import entries, miniports

    return [{"name": e.name, "says": e.says} for e in (*entries(), *miniports())]


def _says(row: Row) -> str:
    return str(row["says"])


def _property_says(row: Row) -> str:
    source = f"{row['page']}, {row['heading']}" if row["heading"] else row["page"]
    literal = " (no target can keep this reading)" if row["impossible_with"] else ""
    return f"{row['says']}{literal}\n[{row['kind']}; {source}]"


def _design_says(row: Row) -> str:
    return f"{row['says']}\n[seeded: breaks {row['breaks']}]" if row["breaks"] else _says(row)


# What -> where the rows come from, and what the table says of each.
LISTS: dict[str, tuple[Callable[[], list[Row]], Callable[[Row], str]]] = {
    "properties": (_properties, _property_says),
    "clauses": (lambda: _properties("clause"), _property_says),
    "designs": (_designs, _design_says),
    "targets": (_targets, _says),
}


@click.command("list")
@click.argument("what", type=click.Choice(list(LISTS)))
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def command(what: str, as_json: bool) -> int:
    """List the properties, the clauses among them, the designs, or the targets that come along."""
    from .output import LIST_FORMAT, RESULT_VERSION, out, table

    collect, describe = LISTS[what]
    rows = collect()
    if as_json:
        body = {"format": LIST_FORMAT, "version": RESULT_VERSION, "what": what, "entries": rows}
        click.echo(json.dumps(body, indent=1))
    else:
        table(out(), ("name", "what it says"), [(str(row["name"]), describe(row)) for row in rows])
    return ALL_HOLD
