"""``chimneysweep diff``: how two traces differ."""

from __future__ import annotations

import dataclasses

import click

from .errors import read_trace

SAME, DIFFERENT = 0, 1


@click.command("diff")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(a: str, b: str, as_json: bool) -> int:
    """Say how the traces in the files A and B differ: steps, values, and what they break.

    - is only in A, + only in B, ~ in both with other values. What they were made with (seed, version) is
    no difference.

    Ends with 0 where the same happens in both, with 1 where they differ, with 2 where one cannot be read.
    """
    from ..counterexamples.difference import difference
    from ..counterexamples.difference_lines import lines
    from ..counterexamples.story import headline
    from .output import out, result_json, say, wrapped

    traces = [read_trace(file) for file in (a, b)]
    found = difference(*traces)
    code = SAME if found.same else DIFFERENT
    if as_json:
        click.echo(result_json("diff", code, {"a": a, "b": b, **dataclasses.asdict(found)}), nl=False)
        return code
    console = out()
    for name, file, trace in zip("AB", (a, b), traces, strict=True):
        wrapped(console, f"{name}  {file}: {headline(trace)}")
    for line, style in lines(found):
        (wrapped if line else say)(console, line, style)
    verdict = ("the same happens in both", "bold green") if found.same else ("they differ", "bold yellow")
    say(console)
    say(console, *verdict)
    return code
