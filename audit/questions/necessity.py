"""Necessity: what may a target do that keeps all that is stated, and not what we infer?

Each thing that is demanded and that no sentence states is left out, and a run is sought on which
everything else is kept and a guarantee falls: a hole, with who is harmed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..audited import Audited
from ..finding import Answer, Finding, Sound
from ..harm import SEARCH, Harm, Harmful
from ..jobs import Asks, Inquiry, Job
from ..rules import Inferred
from ..unstated import inferred
from . import sufficiency

DEPTH = 8
"""Steps: the longest harmful run that is looked for."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    why = "" if inferred(audited) else "every clause is stated (none is declared as inferred)"
    return sufficiency.missing(audited) or why


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Leave out what is inferred, one thing after the other."""
    audited = inquiry.audited
    wanted = [each for each in inferred(audited) if inquiry.wants(_id(each))]
    jobs = {e.name: Job(without, (e.name, inquiry.effort), f"what {e.name} keeps off") for e in wanted}
    done = yield list(jobs.values())
    found = {name: sufficiency.result(done[job]) for name, job in jobs.items()}
    return Answer(
        "necessity",
        len(wanted),
        tuple(_findings(wanted, found)),
        tuple(_sound(audited, wanted, found)),
        tuple(f"without {n}: {h.bound.reason}" for n, h in found.items() if h.bound.reason),
    )


def without(audited: Audited, name: str, effort: float) -> Harm:
    """A shortest run that keeps all but what is inferred under *name*, and does harm: a job."""
    each = next(each for each in inferred(audited) if each.name == name)
    return Harmful(audited, each.drops, each.instead).search(each.guards, DEPTH, effort * SEARCH)


def _id(each: Inferred) -> str:
    return f"necessity.{each.name.replace('.', '-')}"


def _findings(wanted: list[Inferred], found: Mapping[str, Harm]) -> Iterator[Finding]:
    for each in wanted:
        harm = found[each.name]
        if harm.trace is not None:
            shows = (
                f"No sentence states it: {each.rests}. All else is kept, and {harm.broken} is broken in "
                f"{len(harm.trace.steps)} steps; what would close it: {each.says}"
            )
            yield Finding(_id(each), "necessity", (*each.drops, harm.broken), shows, harm.trace)


def _sound(audited: Audited, wanted: list[Inferred], found: Mapping[str, Harm]) -> Iterator[Sound]:
    for each in wanted:
        bound = found[each.name].bound
        if found[each.name].trace is None and not bound.reason:
            rests = f"inferred ({each.rests}); without it no run of up to {bound.depth} steps does harm"
            yield Sound(each.says, f"{rests}; {audited.world.show()}")
