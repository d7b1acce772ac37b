"""What the audit says: a question's answer, with its findings and what was found sound.

A finding's evidence is computed by a question; its prose (why it matters, a proposed
wording, the reviewer's line) is written by hand in ``findings/*.toml`` under the same id.
A finding without prose, or prose without a finding, fails a test.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Literal

from ..counterexamples.trace import Trace

Question = Literal[
    "consistency",
    "sufficiency",
    "necessity",
    "vacuity",
    "ambiguity",
    "examples",
    "vocabulary",
    "completeness",
    "events",
]


class Consequence(enum.IntEnum):
    """What a finding may cost, the worst first: the order of the report."""

    BYTES = 1  # bytes of a customer are lost, duplicated or reordered
    STUCK = 2  # a call, a buffer or a resource never comes back, or no target can comply
    DIFFER = 3  # two careful readers build things that do not fit together
    WORDING = 4  # a slip in the text that a careful reader sees through


@dataclasses.dataclass(frozen=True)
class Computed:
    """A table: a worked example replayed, or places laid side by side. ``says``: what was asked."""

    says: str
    rows: tuple[tuple[str, str, str], ...]  # what, as stated, and as computed or what is wrong with it
    columns: tuple[str, str, str] = ("what", "as stated", "as computed")


PLACES = ("where", "what stands there", "what is wrong")
"""The columns of a table of places."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that a spec author should look at.

    ``id`` starts with its question: ``consistency.disconnect-first``. ``clauses`` are the
    names of the properties or catalogue records that clash, are missing, or are idle.
    ``situation`` shows it: a trace that replays on the model, or a computed table. ``world`` is
    where: 0 is the audited one, the others are its other worlds.
    """

    id: str
    question: Question
    clauses: tuple[str, ...]
    shows: str
    situation: Trace | Computed
    world: int = 0


@dataclasses.dataclass(frozen=True)
class Sound:
    """Something that was examined and found in order, and what that rests on."""

    what: str
    rests_on: str


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a question found.

    ``undecided`` names what it could not settle within its budget of work, and why; ``remarks`` what it
    does not cover. ``skipped``: why it was not asked.
    """

    question: Question
    examined: int
    findings: tuple[Finding, ...] = ()
    sound: tuple[Sound, ...] = ()
    undecided: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    skipped: str = ""
    seconds: float = 0.0
