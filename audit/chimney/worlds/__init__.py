"""Worlds for sentences that the hand-off's own has no room for: on timers, on upload requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....model.logic import Value
from ....properties.property import Holding, Property, clause, conjunct
from ...audited import Duty

Said = tuple[Value, Value]
"""When a sentence applies, and what must hold then."""

ANSWER_DUE = Duty(due=lambda s: s.due, call="Answer", settled=lambda s: s.answered)
"""Something makes an answer due, and Answer is the event that gives it."""


def sentence(name: str, page: str, heading: str) -> Callable[[Callable[[Any], Said]], Property]:
    """Declare a sentence as it stands; *name* may carry a reading (``upload.urgent-data@literal``)."""
    rule, _, reading = name.partition("@")

    def declare(function: Callable[[Any], Said]) -> Property:
        says = " ".join((function.__doc__ or "").split())

        def holding(state: Any) -> Holding:
            premise, formula = function(state)
            return premise, conjunct(says, formula)

        everywhere = lambda s: [("the connection", ())]  # noqa: E731
        return clause(rule, page, heading, each=everywhere, says=says, reading=reading)(holding)

    return declare
