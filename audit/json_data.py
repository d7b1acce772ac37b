"""The audit as JSON data: what ``chimneysweep audit --json`` writes."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..counterexamples.storage import to_json
from ..counterexamples.trace import Trace
from .asking import Audit, Reviewed
from .finding import Answer, Computed
from .page import ASKS


def as_data(audit: Audit) -> dict[str, Any]:
    """The audit as JSON data: traces in their published format."""
    return {
        "spec": audit.spec,
        "partial": list(audit.partial),
        "stale": list(audit.stale),
        "open": list(audit.open),
        "misreported": list(audit.misreported),
        "seconds": round(audit.seconds, 1),
        "answers": [_answer(a) for a in audit.answers],
        "findings": [_as_data(r) for r in audit.every],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "asks": ASKS[answer.question],
        "examined": answer.examined,
        "findings": [f.id for f in answer.findings],
        "sound": [dataclasses.asdict(s) for s in answer.sound],
        "undecided": list(answer.undecided),
        "remarks": list(answer.remarks),
        "skipped": answer.skipped,
        "seconds": round(answer.seconds, 1),
    }


def _as_data(reviewed: Reviewed) -> dict[str, Any]:
    finding, prose = reviewed.finding, reviewed.prose
    situation = finding.situation
    data: dict[str, Any] = {
        "id": finding.id,
        "question": finding.question,
        "clauses": list(finding.clauses),
        "shows": finding.shows,
        "trace": to_json(situation) if isinstance(situation, Trace) else None,
        "computed": dataclasses.asdict(situation) if isinstance(situation, Computed) else None,
        "review": None,
    }
    if prose:
        data |= {"title": prose.title, "consequence": prose.consequence.name.lower(), "why": prose.why}
        data |= {"wording": prose.wording, "review": prose.review, "see": list(prose.see)}
        data |= {"tried": prose.tried} if prose.tried else {}
        data |= {"same": prose.same} if prose.same else {}
        data["sentences"] = [dataclasses.asdict(s) for s in prose.sentences]
    return data
