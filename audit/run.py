"""Asking every question of a specification, and joining the answers with what was written about them."""

from __future__ import annotations

import dataclasses
import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .finding import Answer, Finding, Question
from .prose import Prose
from .replays import misreported

if TYPE_CHECKING:
    from .spec import Spec

Note = Callable[[str], None]

BUDGETS: Mapping[Question, float] = {
    "examples": 5.0,
    "vocabulary": 5.0,
    "vacuity": 15.0,
    "ambiguity": 15.0,
    "consistency": 20.0,
    "sufficiency": 30.0,
    "necessity": 40.0,
}
"""Seconds on two cores that each question may take, in the order in which they are asked."""


@dataclasses.dataclass(frozen=True)
class Reviewed:
    """A finding with what was written about it; ``prose`` is None while nobody has reviewed it."""

    finding: Finding
    prose: Prose | None

    @property
    def rank(self) -> tuple[int, str]:
        """Unreviewed findings first, then by consequence."""
        return (self.prose.consequence if self.prose else 0, self.finding.id)


@dataclasses.dataclass(frozen=True)
class Audit:
    """What came of it. ``partial``: not every question was asked to the end, and which.

    ``misreported``: findings whose trace does not replay, which is a bug of ours.
    """

    spec: str
    answers: tuple[Answer, ...]
    findings: tuple[Reviewed, ...]
    stale: tuple[str, ...]  # written about, and no longer found
    seconds: float
    partial: tuple[str, ...] = ()
    misreported: tuple[str, ...] = ()


def audit(
    spec: Spec,
    prose: Mapping[str, Prose],
    questions: Sequence[Question] = tuple(BUDGETS),
    note: Note = lambda text: None,
    patience: float = 1.0,
) -> Audit:
    """Ask *questions* one after the other; *patience* times the budgets is the time that they have.

    Interrupted, it returns what it has and says what is missing.
    """
    begun = time.monotonic()
    answers: list[Answer] = []
    missing: tuple[str, ...] = ()
    try:
        for question in questions:
            answers.append(_ask(question, spec, patience * BUDGETS[question], note))
    except KeyboardInterrupt:
        missing = tuple(questions[len(answers) :])
    found = [f for answer in answers for f in answer.findings]
    ids = {f.id for f in found}
    asked = {answer.question for answer in answers}
    stale = tuple(i for i in prose if i not in ids and i.partition(".")[0] in asked)
    reviewed = sorted((Reviewed(f, prose.get(f.id)) for f in found), key=lambda r: r.rank)
    note("replaying the situations")
    wrong = tuple(misreported(spec, answers))
    spent = time.monotonic() - begun
    return Audit(spec.name, tuple(answers), tuple(reviewed), stale, spent, missing, wrong)


def _ask(question: Question, spec: Spec, budget: float, note: Note) -> Answer:
    note(question)
    begun = time.monotonic()
    module = importlib.import_module(f".questions.{question}", __package__)
    answer: Answer = module.ask(spec, budget, lambda text: note(f"{question}: {text}"))
    return dataclasses.replace(answer, seconds=time.monotonic() - begun)
