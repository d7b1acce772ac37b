"""The world of a compiled monitor as the C of this room includes it: its types, a call for each event."""

from __future__ import annotations

from collections.abc import Iterator

from ...chimney.delegated import ALL_MEMBERS, NUMBERS, WINDOWS
from ...judging.compiled.monitor_library import MonitorLibrary
from ...judging.compiled.program_interface import PLACES


def header(library: MonitorLibrary) -> str:
    """world.h for the worlds of this monitor."""
    events = library.events
    values = sorted({name for _, choice, names, _ in events.values() for name in (*names, choice) if name})
    enum = ", ".join(f"E_{name}" for name in events)
    members = [f"given->{name} = row[{NUMBERS.index(name) - len(WINDOWS)}];" for name in ALL_MEMBERS]
    return "\n".join(
        [
            "#include <stdint.h>",
            library.declarations,
            "typedef __typeof__(&happens) Happens;",
            "typedef __typeof__(&possible) Possible;",
            f"typedef struct {{ int64_t {', '.join(values)}; }} Values;",
            f"enum event {{ {enum} }};",
            *_calls(library, "void world_happens(Happens call", ""),
            *_calls(library, "_Bool world_possible(Possible call", "return "),
            "static inline void world_members(Delegated *given, const int64_t *row) {",
            *members,
            "}",
            "",
        ]
    )


def _calls(library: MonitorLibrary, head: str, returns: str) -> Iterator[str]:
    """A function that passes the values of an event in the order in which the monitor takes them."""
    yield f"static inline {head}, Run *run, enum event event, const Values *values) {{"
    yield "switch (event) {"
    for name, (number, choice, names, _) in library.events.items():
        first = f"{number} + (int)values->{choice}" if choice else f"{number}"
        passed = [*(f"values->{n}" for n in names), *["0"] * (len(PLACES) - len(names))]
        yield f"case E_{name}: {returns}call(run, {first}, {', '.join(passed)});"
        yield "" if returns else "return;"
    yield "}"
    yield "return 0;" if returns else ""
    yield "}"
