"""VCD (IEEE 1364): every variable as a wave, for GTKWave and its like. One tick is one step."""

from __future__ import annotations

import io

from ..harmless import printable
from ..story import headline
from ..trace import Trace
from .registry import library
from .state_tree import identifiers, paths, states

SMALLEST = 32
"""Bits of a number, at the least."""


def export(trace: Trace) -> str:
    """The trace as waves. Raises CannotExport without the library."""
    vcd = library("vcd", "VCD")
    values = states(trace)
    places = paths(values[0])
    out = io.StringIO()
    comment = _word(headline(trace))
    with vcd.VCDWriter(out, timescale="1 us", date="", version="chimneysweep", comment=comment) as writer:
        actions = identifiers(("action", "says"), (str(place[0]) for place in places.values()))
        said = {name: writer.register_var("trace", own, "string", init="") for name, own in actions.items()}
        waves = {}
        for name, place in places.items():
            *scopes, own = _scopes(place)
            kind, size = _sort([state[name] for state in values])
            scope = ".".join(("trace", *scopes))
            waves[name] = writer.register_var(scope, own, kind, size=size, init=int(values[0][name]))
        for time, (step, state) in enumerate(zip(trace.steps, values[1:], strict=True), 1):
            writer.change(said["action"], time, _word(step.action))
            writer.change(said["says"], time, _word(step.says))
            for name, wave in waves.items():
                writer.change(wave, time, int(state[name]))
        writer.close(len(values))
    return out.getvalue()


def _scopes(place: tuple[str | int, ...]) -> list[str]:
    """``("conns", 0, "isn")`` as scopes and a name: ``conns_0``, ``isn``."""
    words: list[str] = []
    for part in place:
        if isinstance(part, int):
            words[-1] += f"_{part}"
        else:
            words.append(part)
    return words


def _sort(values: list[int | bool]) -> tuple[str, int]:
    """The kind of a wave, and its bits: as many as the largest of the values has, and a sign."""
    if all(isinstance(value, bool) for value in values):
        return "wire", 1
    return "integer", max(SMALLEST, *(int(value).bit_length() + 1 for value in values))


def _word(text: str) -> str:
    """Text in one line of ASCII; the library writes its blanks. ``$`` begins a word of the format's own."""
    return printable(text).encode("ascii", "backslashreplace").decode().replace("$", "_")
