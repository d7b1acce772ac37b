"""What becomes of a sentence of the specification, and whether what a record names is there.

``formalised``
    a property says it;
``covered``
    a target that breaks it is told by these properties, or by that of another record;
``checked``
    a target that breaks it is told by a check of the stage or of the C harness, one of ``checks.toml``;
``assumed``
    it binds the host, and ours keeps it: the guard of these events, a lemma, or how the stage builds what it
    passes (names of ``checks.toml`` that begin with ``host.``);
``not-modelled``
    none of these, for one of the reasons of ``reasons.toml``.

``checks.toml`` names the file of a check, words that stand in it, and the test or seeded bug that shows it.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Property
from .clause_records import Clause, Group, clauses

FOLDER = Path(__file__).parent
CHECKS, REASONS = FOLDER / "checks.toml", FOLDER / "reasons.toml"
HOST = "host."


@dataclasses.dataclass(frozen=True)
class StageCheck:
    """One check of the stage: *words* stand in *file*; it is told as a breach of *told*.

    *shown* is the test (file::function) or the seeded bug that shows it. What the host keeps has neither.
    """

    says: str
    file: str
    words: str
    told: str = ""
    shown: str = ""


def load_checks(file: Path = CHECKS) -> dict[str, StageCheck]:
    """The named checks. Raises TypeError for one that lacks a part, or has another one."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        f"{of}.{name}": StageCheck(**record)
        for of, records in data.items()
        for name, record in records.items()
    }


def load_reasons(file: Path = REASONS) -> dict[str, str]:
    """Why a sentence may be left out: each reason by its name, in words."""
    return dict(tomllib.loads(file.read_text(encoding="utf-8")))


def names(clause: Clause) -> list[str]:
    """What the fate of a record names."""
    return clause.what.split(", ")


def unknown_fates(
    groups: Iterable[Group],
    properties: Iterable[Property] = CHIMNEY.properties,
    checks: Mapping[str, StageCheck] | None = None,
) -> list[str]:
    """Records whose fate names what does not exist, or leads nowhere."""
    records, properties = clauses(groups), tuple(properties)
    checks = load_checks() if checks is None else checks
    known = {
        "formalised": ({p.name for p in properties if p.kind != "lemma"}, "no clause or guarantee"),
        "covered": ({p.name for p in properties if p.kind != "lemma"}, "no property and no other record"),
        "checked": ({name for name in checks if not name.startswith(HOST)}, "no check"),
        "assumed": (_assumptions(properties, checks), "no event, no lemma and nothing that the host keeps"),
        "not-modelled": (set(load_reasons()), "no reason"),
    }
    found = []
    for clause in records.values():
        allowed, otherwise = known[clause.fate]
        for name in names(clause):
            by = records.get(name) if clause.fate == "covered" and name != clause.id else None
            if by and by.fate not in ("formalised", "checked"):
                found.append(f"{clause.id}: covered by {name}, which is itself {by.fate}")
            elif not by and name not in allowed:
                found.append(f"{clause.id}: {_said(clause.fate)} {name}, which is {otherwise}")
    return found


def _said(fate: str) -> str:
    return {"formalised": "formalised as", "not-modelled": "not modelled:"}.get(fate, f"{fate} by")


def _assumptions(properties: Iterable[Property], checks: Mapping[str, StageCheck]) -> set[str]:
    lemmas = {prop.name for prop in properties if prop.kind == "lemma"}
    hosts = {event.name for event in CHIMNEY.events if event.actor == "host"}
    return lemmas | hosts | {name for name in checks if name.startswith(HOST)}


def unused(groups: Iterable[Group]) -> list[str]:
    """Checks and reasons that no record names."""
    named = {name for clause in clauses(groups).values() for name in names(clause)}
    return sorted({*load_checks(), *load_reasons()} - named)
