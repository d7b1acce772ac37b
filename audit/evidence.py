"""The evidence of findings as it was computed last, in a file beside what is written about them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..counterexamples.storage import from_json, to_json, write_atomically
from ..counterexamples.trace import Trace
from .finding import Computed, Finding

FILE = "evidence.json"


def save(folder: Path, findings: Iterable[Finding]) -> None:
    """Write the evidence of *findings* into *folder*, one finding a line. Raises OSError."""
    lines = [json.dumps(_as_data(f), ensure_ascii=False) for f in sorted(findings, key=lambda f: f.id)]
    write_atomically(folder / FILE, "[\n" + ",\n".join(lines) + "\n]\n")


def load(folder: Path) -> dict[str, Finding]:
    """The stored findings in *folder* by their ids; none, if nothing was stored. Raises BadTrace."""
    file = folder / FILE
    data = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return {each["id"]: _finding(each) for each in data}


def _as_data(finding: Finding) -> dict[str, Any]:
    shown = finding.situation
    situation = to_json(shown) if isinstance(shown, Trace) else dataclasses.asdict(shown)
    return {**vars(finding), "situation": situation}


def _finding(data: dict[str, Any]) -> Finding:
    shown = data["situation"]
    if "rows" in shown:
        rows = tuple((a, b, c) for a, b, c in shown["rows"])
        situation: Trace | Computed = Computed(
            shown["says"], rows, tuple(shown.get("columns", Computed.columns))
        )
    else:
        situation = from_json(shown, data["id"])
    return Finding(**{**data, "clauses": tuple(data["clauses"]), "situation": situation})
