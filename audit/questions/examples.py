"""Do the worked examples, the figures and the model agree?

Each example of the specification is replayed: the model, or arithmetic on sequence
numbers, computes what the text or the figure states. A line that does not come out as
stated is part of a finding; an example whose every line does is sound.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..examples import Example, ExampleError, layouts, receiving, sending, sequences, timing, trees
from ..finding import Answer, Computed, Finding, Sound

if TYPE_CHECKING:
    from ..spec import Spec

REPLAYS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "MDL chain": sending.mdl_chain,
    "segments": sending.segments,
    "buffered": receiving.buffered,
    "refused": receiving.refused,
    "push timer": receiving.push_timer,
    "push expiry": receiving.push_expiry,
    "delivery": receiving.delivery,
    "block kinds": trees.kinds,
    "traversal": trees.traversal,
    "statuses": trees.statuses,
    "timestamps": timing.timestamps,
    "persist": timing.persist,
    "shared storage": layouts.shared,
    "members": layouts.members,
    "calls": sequences.calls,
    "termination": sequences.termination,
}
"""By name: from the circumstances of an example to what they come to."""

Row = tuple[str, str, str]
"""What, as stated, as computed."""


def ask(spec: Spec, budget: float, note: Callable[[str], None]) -> Answer:
    """Replay every example of *spec*; all of them together take well under a second."""
    start = time.monotonic()
    rows: dict[str, list[tuple[Example, Row]]] = {}
    sound: list[Sound] = []
    undecided: list[str] = []
    for example in spec.examples:
        note(f"{example.id}: {example.says}")
        computed = replay(example) if example.lines else {}
        for line in example.lines:
            row = (f"{line.what} ({line.by})", line.stated, computed[line.about])
            rows.setdefault(line.finding, []).append((example, row))
        if not example.lines:
            undecided.append(f"{_place(example)}: {example.says}")
        elif any(line.stated == computed[line.about] for line in example.lines):
            sound.append(_sound(example, computed))
    findings = [_finding(name, found) for name, found in rows.items() if any(map(_wrong, found))]
    examined = sum(len(example.lines) for example in spec.examples)
    seconds = time.monotonic() - start
    return Answer("examples", examined, tuple(findings), tuple(sound), tuple(undecided), seconds)


def _wrong(found: tuple[Example, Row]) -> bool:
    _, (_, stated, computed) = found
    return stated != computed


def replay(example: Example) -> dict[str, str]:
    """What the circumstances of *example* come to. Raises ExampleError if it asks for more."""
    if example.replay not in REPLAYS:
        raise ExampleError(f"{example.id}: no replay {example.replay!r}; there are {', '.join(REPLAYS)}")
    computed = REPLAYS[example.replay](dict(example.given) | {"clauses": example.clauses})
    for line in example.lines:
        if line.about not in computed:
            raise ExampleError(
                f"{example.id}: {line.about!r} is not computed; there is {', '.join(computed)}"
            )
    return computed


def _finding(name: str, found: Sequence[tuple[Example, Row]]) -> Finding:
    """The lines that belong to the finding *name*; at least one of them did not come out as stated."""
    clauses = dict.fromkeys(clause for example, _ in found for clause in example.clauses)
    says = " ".join(dict.fromkeys(example.says for example, _ in found))
    wrong = [row for example, row in found if _wrong((example, row))]
    shows = "; ".join(f"{what}: {stated}, and it comes to {came}" for what, stated, came in wrong)
    table = Computed(says, tuple(row for _, row in found))
    return Finding(name, "examples", tuple(clauses), shows, table)


def _sound(example: Example, computed: Mapping[str, str]) -> Sound:
    wrong = [line for line in example.lines if line.stated != computed[line.about]]
    names = ", ".join(dict.fromkeys(line.finding for line in wrong))
    rests = f"{len(example.lines) - len(wrong)} of {len(example.lines)} lines come out as stated"
    return Sound(f"{example.says} {_place(example)}", f"{rests}; the others: {names}" if wrong else rests)


def _place(example: Example) -> str:
    return ", ".join(part for part in (example.page, example.heading, example.figure) if part)
