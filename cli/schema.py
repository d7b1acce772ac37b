"""``chimneysweep schema``: what is in the JSON that is written, as a published JSON Schema."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import click

from .errors import ALL_HOLD

NAMES = ("check", "conform", "audit", "diff", "list", "trace")


@click.command("schema")
@click.argument("name", metavar=f"[{'|'.join(NAMES)}]", type=click.Choice(NAMES))
def command(name: str) -> int:
    """Print the JSON Schema of what a command writes with --json, or of a trace file.

    It is versioned: within a version nothing is renamed or left out.
    """
    click.echo(json.dumps(schema(name), indent=2))
    return ALL_HOLD


def schema(name: str) -> dict[str, Any]:
    """The published schema called *name* (see NAMES), with that of the traces in it."""
    from ..counterexamples.storage import schema as of_traces

    if name == "trace":
        return of_traces()
    text = resources.files(__package__).joinpath("schemas", f"{name}.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    if "urn:chimneysweep:trace:" in text:
        loaded["$defs"] = {**loaded["$defs"], "trace": of_traces()}
    return loaded
