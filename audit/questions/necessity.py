"""Necessity: what may a target do that keeps all that is stated, and not what we infer?

Each thing that is demanded and that no sentence states is left out, and a run is sought on which
everything else is kept and a guarantee falls: a hole, with who is harmed. Where no run with all clauses
breaks a guarantee, and that is owed to others than those left out, none does without them either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..audited import Audited
from ..finding import Answer, Finding, Sound
from ..harm import SEARCH, Bound, Harm, Harmful
from ..jobs import Asks, Computation, Inquiry
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
    whole = {} if inquiry.only else {g: sufficiency.kept(g, inquiry.effort) for g in _guards(wanted)}
    every = yield list(whole.values())
    kept = {g: sufficiency.result(every[job]) for g, job in whole.items()}
    fallen = {g for g, harm in kept.items() if harm.trace is not None}  # findings of their own
    guards = {
        e.name: tuple(g for g in e.guards if g not in fallen and not _owed_elsewhere(audited, e, kept.get(g)))
        for e in wanted
    }
    jobs = {
        name: Computation(without, (name, some, inquiry.effort), f"what {name} keeps off")
        for name, some in guards.items()
        if some
    }
    done = yield list(jobs.values())
    at_once = {name: Harm(None, Bound(DEPTH)) for name, some in guards.items() if not some}
    found = at_once | {name: sufficiency.result(done[job]) for name, job in jobs.items()}
    return Answer(
        "necessity",
        len(wanted),
        tuple(_findings(wanted, found)),
        tuple(_sound(audited, [e for e in wanted if not fallen.intersection(e.guards)], found)),
        tuple(f"without {n}: {h.bound.reason}" for n, h in found.items() if h.bound.reason),
        tuple(
            f"{g} falls with every clause kept, so that nothing is asked about it here"
            for g in sorted(fallen)
        ),
    )


def without(audited: Audited, name: str, guards: tuple[str, ...], effort: float) -> Harm:
    """A shortest run that keeps all but what is inferred under *name*, and breaks one of *guards*: a job."""
    each = next(each for each in inferred(audited) if each.name == name)
    return Harmful(audited, each.drops, each.instead).search(guards, DEPTH, effort * SEARCH)


def _guards(wanted: list[Inferred]) -> list[str]:
    return list(dict.fromkeys(g for each in wanted for g in each.guards))


def _owed_elsewhere(audited: Audited, each: Inferred, kept: Harm | None) -> bool:
    """Whether a search to the same depth with every clause kept found no harm, and did not need these."""
    if kept is None or kept.trace is not None or kept.bound.reason or kept.bound.depth < DEPTH:
        return False
    rules = {rule.name for rule in audited.rules}
    return not set(each.drops) & (rules | set(kept.bound.owed))


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
