"""Every question is asked of every toy: each finds the defect of its own kind, and nothing else."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

import audit_toys
import harm_toys
import pytest

from chimneysweep.audit.asking import QUESTIONS
from chimneysweep.audit.audited import Audited
from chimneysweep.audit.occurrences import Gap, Occurrences
from chimneysweep.audit.vocabulary import Meaning, Said, Signal, Vocabulary

TWO = (Said("a", "A", "0" * 12, "one"), Said("b", "B", "0" * 12, "another"))
HOLE = Gap(("e",), (("s",),), "nothing", "events.hole")


def _with(**words: Any) -> Audited:
    return dataclasses.replace(audit_toys.SOUND, vocabulary=Vocabulary(**words))


EXPECTED: list[tuple[Audited, set[str]]] = [
    (audit_toys.SOUND, set()),
    (audit_toys.TWICE, set()),
    (audit_toys.INCONSISTENT, {"consistency"}),
    (audit_toys.VACUOUS, {"vacuity"}),
    (audit_toys.AMBIGUOUS, {"ambiguity"}),
    (harm_toys.SOUND, set()),
    (harm_toys.HOLE, {"sufficiency"}),
    (harm_toys.INFERRED, {"necessity"}),
    (harm_toys.HARMLESS, set()),
    (
        dataclasses.replace(audit_toys.SOUND, occurrences=Occurrences(("e",), (("s",),), (), (HOLE,))),
        {"events"},
    ),
    (_with(meanings=(Meaning("vocabulary.t", "t", "What?", TWO),)), {"vocabulary"}),
    (_with(signals=(Signal("completeness.s", "s", "What then?", TWO, ()),)), {"completeness"}),
]


@pytest.mark.parametrize(("toy", "expected"), EXPECTED, ids=lambda item: getattr(item, "title", ""))
def test_a_toy_has_the_defect_that_was_planted_and_no_other(toy: Audited, expected: set[str]) -> None:
    found = set()
    for question, name in QUESTIONS.items():
        module = importlib.import_module(f"chimneysweep.audit.questions.{name}")
        if not module.missing(toy):
            answer = audit_toys.ask(module, toy)
            assert not answer.undecided
            if answer.findings:
                found.add(question)
    assert found == expected
