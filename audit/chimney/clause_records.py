"""The records of the clause catalogue, as they stand in ``clauses/*.toml``: one duty each."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...properties.chimney.chimney import CHIMNEY

FOLDER = Path(__file__).parent / "clauses"
UNREAD = "unread.toml"

BINDS = ("target", "host", "NDIS", "nobody")
STRENGTHS = ("must", "must not", "should", "should not", "always", "never", "only", "cannot", "states")
"""``states``: a duty that the text puts as a plain fact; such a sentence needs no record."""
TEXTS = ("id", "says", "binds", "strength")
FATES = ("formalised", "covered", "checked", "assumed", "not-modelled")
"""What became of it (:mod:`.fates`)."""
STAKES = ("bytes", "hang", "memory")
"""What is at stake where a duty is not modelled and should be; ``needs`` says what that would take."""

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")
FINGERPRINT = re.compile(r"[0-9a-f]{12}")


class CatalogueError(ValueError):
    """A record that is not as it has to be: which file, which record, and what is wrong."""


@dataclasses.dataclass(frozen=True)
class Passage:
    """Where the specification states a clause."""

    page: str
    heading: str
    fingerprint: str


@dataclasses.dataclass(frozen=True)
class Clause:
    """One duty: whom it binds, how strongly, and its fate; ``what`` names what the fate rests on."""

    id: str
    says: str
    binds: str
    strength: str
    fate: str
    what: str
    places: tuple[Passage, ...]
    bears: str = ""
    needs: str = ""


@dataclasses.dataclass(frozen=True)
class Group:
    """The records of one file, and the pages that were read for them."""

    name: str
    title: str
    pages: tuple[str, ...]
    clauses: tuple[Clause, ...]


def load(folder: Path = FOLDER) -> tuple[Group, ...]:
    """Every group of records in *folder*. Raises CatalogueError on the first record that is wrong."""
    paths = sorted(path for path in folder.glob("*.toml") if path.name != UNREAD)
    groups = tuple(_group(path) for path in paths)
    _unique(groups)
    return groups


def clauses(groups: Iterable[Group]) -> dict[str, Clause]:
    """The records of all groups, by id."""
    return {clause.id: clause for group in groups for clause in group.clauses}


def load_unread(folder: Path = FOLDER) -> dict[str, int]:
    """The pages that nobody has read for the catalogue, with their number of normative sentences."""
    return dict(_toml(folder / UNREAD)["pages"])


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: not TOML: {error}") from error


def _group(path: Path) -> Group:
    data = _toml(path)
    records = data.get("clause", [])
    if set(data) - {"title", "pages", "clause"} or not {"title", "pages"} <= set(data):
        raise CatalogueError(f"{path.name}: a group has title, pages and clause, and this one {sorted(data)}")
    found = tuple(_clause(f"{path.name}, {r.get('id', f'record {n}')}", r) for n, r in enumerate(records, 1))
    return Group(path.stem, data["title"], tuple(data["pages"]), found)


def _clause(where: str, record: Mapping[str, Any]) -> Clause:
    fates = [fate for fate in FATES if fate in record]
    needed = {*TEXTS, "places", *(("bears", "needs") if record.get("bears") else ())}
    wrong = [f"{key} is missing" for key in sorted(needed - set(record))]
    wrong += [f"{key} is no part of a record" for key in sorted(set(record) - needed - set(FATES))]
    wrong += [f"{k} is not text" for k, v in record.items() if k != "places" and not isinstance(v, str)]
    if len(fates) != 1:
        wrong.append(f"it needs exactly one of {', '.join(FATES)}, and has {len(fates)}")
    if wrong:
        raise CatalogueError(f"{where}: {'; '.join(wrong)}")
    places = tuple(_place(where, place) for place in record["places"])
    texts = {key: record[key] for key in (*TEXTS, "bears", "needs") if key in record}
    clause = Clause(fate=fates[0], what=record[fates[0]], places=places, **texts)
    for problem in _problems(clause):
        raise CatalogueError(f"{where}: {problem}")
    return clause


def _place(where: str, place: Mapping[str, str]) -> Passage:
    if set(place) != {"page", "heading", "fingerprint"}:
        raise CatalogueError(f"{where}: a place has page, heading and fingerprint, not {sorted(place)}")
    if not FINGERPRINT.fullmatch(str(place["fingerprint"])):
        raise CatalogueError(f"{where}: fingerprint {place['fingerprint']!r} is not 12 hex digits")
    return Passage(place["page"], place["heading"], place["fingerprint"])


def _problems(clause: Clause) -> Iterator[str]:
    if not ID.fullmatch(clause.id):
        yield f"id {clause.id!r} is not dotted lower case"
    if clause.binds not in BINDS:
        yield f"binds {clause.binds!r} is none of {', '.join(BINDS)}"
    if clause.strength not in STRENGTHS:
        yield f"strength {clause.strength!r} is none of {', '.join(STRENGTHS)}"
    if not re.fullmatch(r"[A-Z].*\.", clause.says) or ". " in clause.says:
        yield "what it says is one sentence, with a capital and a full stop"
    if not clause.what.strip():
        yield f"{clause.fate} says nothing"
    if clause.bears and (clause.fate != "not-modelled" or clause.bears not in STAKES):
        yield f"bears {clause.bears!r}: what is not modelled may bear on {', '.join(STAKES)}"
    if not clause.places:
        yield "it has no place"


def _unique(groups: Iterable[Group]) -> None:
    """No id is given twice, none is a property's (those are named as a fate), and no page is listed twice."""
    taken = {prop.id: "a property" for prop in CHIMNEY.properties}
    for group in groups:
        for name in (*group.pages, *(clause.id for clause in group.clauses)):
            if name in taken:
                raise CatalogueError(f"{group.name}.toml, {name}: {taken[name]} has this name already")
            taken[name] = f"{group.name}.toml"
