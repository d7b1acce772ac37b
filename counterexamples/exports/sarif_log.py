"""SARIF 2.1.0 (OASIS): each rule with its help, each violation with its steps in the user's source.

The libraries that write it are abandoned, or know a part of it; it is JSON, and the tests read it with a
library that was made from the published schema.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ...version import __version__
from ..harmless import harmless
from ..trace import Place, Trace
from .ci_report import CheckedRule, CiReport, RuleResult, of_trace

Json = dict[str, Any]
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def export(trace: Trace) -> str:
    """The trace as a log with one result."""
    return render(of_trace(trace))


def render(report: CiReport) -> str:
    """The report as a log: what broke are results, what holds and what that rests on are notifications."""
    rules = list({ruling.rule.name: ruling.rule for ruling in report.rulings}.values())
    numbers = {rule.name: number for number, rule in enumerate(rules)}
    driver = {"name": "chimneysweep", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    notes = [_notification("note", line) for line in (report.title, *report.rests_on)]
    notes += [_notification("warning", f"{r.rule.name}: {r.message}") for r in report.those("undecided")]
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": report.exit_code in (0, 1),
                "exitCode": report.exit_code,
                "toolExecutionNotifications": notes,
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(ruling, numbers[ruling.rule.name]) for ruling in report.those("broken")],
        "properties": {"about": report.about, "holds": [r.rule.name for r in report.those("holds")]},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(_harmless(log), indent=1, allow_nan=False) + "\n"


def _harmless(value: Any) -> Any:
    """The same data in which no text drives a terminal, or cannot be written."""
    if isinstance(value, dict):
        return {name: _harmless(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    return harmless(value) if isinstance(value, str) else value


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": _message(text)}


def _message(text: str) -> Json:
    return {"text": text}


def _rule(rule: CheckedRule) -> Json:
    help_text = f"{rule.says}\n\nSaid in: {rule.said_in}" if rule.said_in else rule.says
    return {
        "id": rule.name,
        "shortDescription": _message(rule.says),
        "fullDescription": _message(f"{rule.says} ({rule.kind})"),
        "help": _message(help_text),
        "defaultConfiguration": {"level": rule.level},
        "properties": {"kind": rule.kind, "page": rule.said_in, "tags": ["correctness", rule.kind]},
    }


def _result(ruling: RuleResult, number: int) -> Json:
    trace = ruling.trace
    result = {
        "ruleId": ruling.rule.name,
        "ruleIndex": number,
        "kind": "fail",
        "level": ruling.rule.level,
        "message": _message(f"{ruling.message}\n\n{ruling.story}" if trace else ruling.message),
        "locations": [_location(place) for place in ruling.said]
        or [_location(ruling.place, trace, ruling.file)],
        "partialFingerprints": {"chimneysweep/v1": _fingerprint(ruling)},
    }
    if trace and trace.steps:
        result["codeFlows"] = [{"threadFlows": [{"locations": list(_flow(trace))}]}]
    return result


def _flow(trace: Trace) -> Iterable[Json]:
    for number, step in enumerate(trace.steps, 1):
        step_message = _message(f"{number}  {step.says or step.action}")
        yield {"location": {"message": step_message, **_location(step.at)}, "executionOrder": number}


def _location(place: Place | None, trace: Trace | None = None, file: str = "") -> Json:
    """A line of source; where none is known the user's file, if there is one, and what ran."""
    location: Json = {}
    if place is not None:
        region: Json = {"startLine": max(1, place.line)}
        region |= {"snippet": _message(place.text)} if place.text else {}
        location["physicalLocation"] = {"artifactLocation": _artifact(place.file), "region": region}
        if place.function:
            location["logicalLocations"] = [{"name": place.function, "kind": "function"}]
    elif trace is not None:
        kind = "design" if trace.source == "model" else "target"
        location["logicalLocations"] = [{"fullyQualifiedName": trace.target, "kind": kind}]
        if file:
            location["physicalLocation"] = {"artifactLocation": _artifact(file)}
    return location


def _artifact(file: str) -> Json:
    path = PurePath(file)
    uri = quote(path.as_posix(), safe="/", errors="replace")
    return {"uri": f"file://{uri}"} if path.is_absolute() else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _fingerprint(ruling: RuleResult) -> str:
    """The same for the same fault, though lines move: the rule, the function, and what was done."""
    place, trace = ruling.place, ruling.trace
    words = [ruling.rule.name, place.file if place else "", place.function if place else ""]
    words += [step.action for step in trace.steps] if trace else []
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:32]
