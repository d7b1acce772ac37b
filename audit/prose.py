"""What a specification's auditors wrote about each finding: one record a finding, a file a question.

The evidence is computed by the questions; here is what a computation cannot say: whose
bytes are at stake, a wording that would close the hole, and the line of the reviewer
who read the cited pages again.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..properties.property import Source
from .finding import Consequence

TEXTS = ("id", "title", "why", "wording", "review")
_CONSEQUENCES = {c.name.lower(): c for c in Consequence}


class ProseError(ValueError):
    """A record that is not as it has to be: which file, which record, and what is wrong."""


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence of the specification, cited and put in our words.

    ``opens`` are its first words, ``clause`` is its stable id, if any.
    """

    source: Source
    says: str
    clause: str = ""
    opens: str = ""


@dataclasses.dataclass(frozen=True)
class Prose:
    """What was written by hand about the finding ``id``; ``see`` names others about its sentences.

    ``same`` names the finding that shows the same defect from another side, and speaks for both. ``tried``
    says what came of the wording when it was added as a clause, or why it cannot be.
    """

    id: str
    title: str
    consequence: Consequence
    why: str
    wording: str
    review: str
    sentences: tuple[Sentence, ...]
    see: tuple[str, ...] = ()
    same: str = ""
    tried: str = ""


def load(folder: Path) -> dict[str, Prose]:
    """Every record in *folder*, by id. Raises ProseError on the first that is wrong."""
    found: dict[str, Prose] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise ProseError(f"{path.name}: not TOML: {error}") from error
        for number, record in enumerate(data.get("finding", []), 1):
            where = f"{path.name}, {record.get('id', f'record {number}')}"
            prose = _prose(where, record)
            if not prose.id.startswith(f"{path.stem}."):
                raise ProseError(f"{where}: an id in this file starts with {path.stem}.")
            if prose.id in found:
                raise ProseError(f"{where}: the id is given twice")
            found[prose.id] = prose
    return _both_ways(found)


def _both_ways(found: Mapping[str, Prose]) -> dict[str, Prose]:
    """Who is named under ``see`` names the other as well. Raises ProseError for a name that is no finding."""
    see = {name: list(prose.see) for name, prose in found.items()}
    for name, prose in found.items():
        for other in prose.see:
            if other not in found:
                raise ProseError(f"{name}: see names {other}, which is no finding")
            see[other].append(name)
        if prose.same and (prose.same not in found or found[prose.same].same):
            raise ProseError(f"{name}: same names {prose.same}, which is no finding that speaks for itself")
    return {n: dataclasses.replace(p, see=tuple(dict.fromkeys(see[n]))) for n, p in found.items()}


def _prose(where: str, record: Mapping[str, Any]) -> Prose:
    needed = {*TEXTS, "consequence", "sentences"}
    wrong = [f"{key} is missing" for key in sorted(needed - set(record))]
    wrong += [
        f"{key} is no part of a record" for key in sorted(set(record) - needed - {"see", "same", "tried"})
    ]
    wrong += [
        f"{key} is empty, or no text"
        for key in TEXTS
        if key in record and not (isinstance(record[key], str) and record[key].strip())
    ]
    if record.get("consequence") not in _CONSEQUENCES:
        wrong.append(f"consequence is one of {', '.join(_CONSEQUENCES)}")
    if not record.get("sentences"):
        wrong.append("it cites no sentence")
    if wrong:
        raise ProseError(f"{where}: {'; '.join(wrong)}")
    sentences = tuple(_sentence(where, s) for s in record["sentences"])
    texts = {key: " ".join(record[key].split()) for key in TEXTS}
    cost, see = _CONSEQUENCES[record["consequence"]], tuple(record.get("see", ()))
    more = {key: str(record.get(key, "")) for key in ("same", "tried")}
    return Prose(consequence=cost, sentences=sentences, see=see, **more, **texts)


def _sentence(where: str, data: Mapping[str, str]) -> Sentence:
    if not {"page", "heading", "says"} <= set(data) <= {"page", "heading", "says", "clause", "opens"}:
        raise ProseError(f"{where}: a sentence has page, heading and says, and may have clause and opens")
    source = Source(data["page"], data["heading"])
    return Sentence(source, data["says"], data.get("clause", ""), data.get("opens", ""))
