"""The one verdict type of every engine.

Proved(certificate) | Violated(trace) | Unknown(reason, bound). A bound that ran out
is Unknown, never Proved.
"""

from __future__ import annotations

import dataclasses

from ..counterexamples.trace import Trace


@dataclasses.dataclass(frozen=True)
class Proved:
    """Holds in every reachable state, for any number of steps.

    ``certificate`` names the lemmas whose conjunction with the property is inductive, or, where it was
    ``found``, is the invariant itself; ``rechecked`` says whether a fresh solver confirmed it. ``rests_on``:
    of these lemmas exactly what was proved, whole or in pieces (``lemma.counts#3``).
    """

    certificate: tuple[str, ...]
    rechecked: bool = False
    found: bool = False
    rests_on: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Violated:
    """Broken by ``trace``; no run shorter than ``exhausted + 1`` steps breaks it."""

    trace: Trace
    exhausted: int


@dataclasses.dataclass(frozen=True)
class Unknown:
    """Undecided: why, and the depth up to which no run breaks it (-1: not searched).

    ``induction`` is the counterexample to induction, if that is why: a step from a
    state (reachable or not) that satisfies the lemmas to one that breaks the property.
    """

    reason: str
    bound: int = -1
    induction: Trace | None = None


@dataclasses.dataclass(frozen=True)
class Dropped:
    """A lemma (or a rule that served as one) that a design does not keep, and the step that shows it.

    ``induction`` starts in a state that satisfies every other lemma, reachable or not.
    """

    name: str
    reason: str
    induction: Trace | None = None


Verdict = Proved | Violated | Unknown


@dataclasses.dataclass(frozen=True)
class Result:
    """A verdict on one property of one design, with the seconds it took.

    A proof takes as long as the invariant that it is part of, which it shares with others.
    """

    property: str
    design: str
    verdict: Verdict
    seconds: float
