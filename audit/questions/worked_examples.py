"""Do the worked examples, the figures and the model agree?

Each example of the specification is replayed: the model, or arithmetic on sequence
numbers, computes what the text or the figure states. A line that does not come out as
stated is part of a finding; an example whose every line does is sound.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..audited import Audited, Replay
from ..example import Example, ExampleError
from ..finding import Answer, Computed, Finding, Sound
from ..jobs import Asks, Inquiry

Row = tuple[str, str, str]
"""What, as stated, as computed."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if audited.examples else "there are no worked examples"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Replay every example; all of them together take well under a second."""
    yield from ()
    examples, replays = inquiry.audited.examples, inquiry.audited.replays
    rows: dict[str, list[tuple[Example, Row]]] = {}
    sound: list[Sound] = []
    remarks: list[str] = []
    for example in examples:
        computed = replay(example, replays) if example.lines else {}
        for line in example.lines:
            row = (f"{line.what} ({line.by})", line.stated, computed[line.about])
            rows.setdefault(line.finding, []).append((example, row))
        if not example.lines:
            remarks.append(f"{_place(example)}: {example.says}")
        elif any(line.stated == computed[line.about] for line in example.lines):
            sound.append(_sound(example, computed))
    wanted = ((name, found) for name, found in rows.items() if inquiry.wants(name))
    findings = tuple(_finding(name, found) for name, found in wanted if any(map(_wrong, found)))
    examined = sum(len(example.lines) for example in examples)
    return Answer("examples", examined, findings, tuple(sound), remarks=tuple(remarks))


def _wrong(found: tuple[Example, Row]) -> bool:
    _, (_, stated, computed) = found
    return stated != computed


def replay(example: Example, replays: Mapping[str, Replay]) -> dict[str, str]:
    """What the circumstances of *example* come to. Raises ExampleError if it asks for more."""
    if example.replay not in replays:
        raise ExampleError(f"{example.id}: no replay {example.replay!r}; there are {', '.join(replays)}")
    computed = replays[example.replay](dict(example.given) | {"clauses": example.clauses})
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
