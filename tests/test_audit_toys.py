"""Every question is asked of every toy: each finds the defect of its own kind, and nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import audit_toys
import harm_toys
import pytest

from chimneysweep.audit.run import BUDGETS
from chimneysweep.audit.spec import Spec

# A rule that never applies follows from any others, so what is vacuous is redundant as well.
EXPECTED: dict[Callable[[], Spec], set[str]] = {
    audit_toys.sound: set(),
    audit_toys.twice: set(),
    audit_toys.inconsistent: {"consistency"},
    audit_toys.vacuous: {"vacuity", "necessity"},
    audit_toys.ambiguous: {"ambiguity"},
    harm_toys.sound: set(),
    harm_toys.hole: {"sufficiency"},
    harm_toys.redundant: {"necessity"},
    harm_toys.unguarded: {"necessity"},
}


@pytest.mark.parametrize("toy", EXPECTED, ids=lambda toy: f"{toy.__module__}.{toy.__name__}")
def test_a_toy_has_the_defect_that_was_planted_and_no_other(toy: Callable[[], Spec]) -> None:
    found = set()
    for question in BUDGETS:
        module = importlib.import_module(f"chimneysweep.audit.questions.{question}")
        answer = module.ask(toy(), 30.0, lambda text: None)
        assert not [text for text in answer.undecided if "gave up" in text]
        if answer.findings:
            found.add(question)
    assert found == EXPECTED[toy]
