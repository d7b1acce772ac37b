"""The names that a specification uses, and what was written about them by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

Place = tuple[str, str]
"""A page, and a heading on it."""


@dataclasses.dataclass(frozen=True)
class Name:
    """A name, where it is defined, the first places of its use, and on how many pages it stands."""

    name: str
    defined: tuple[Place, ...]
    used: tuple[Place, ...]
    pages: int


@dataclasses.dataclass(frozen=True)
class Spelling:
    """Names that are written otherwise where they are defined: ``meant`` by name, for a finding."""

    id: str
    says: str
    meant: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Said:
    """What one place says of a term, in our words; ``fingerprint`` is its sentence's."""

    page: str
    heading: str
    fingerprint: str
    says: str = ""


@dataclasses.dataclass(frozen=True)
class Meaning:
    """A term that several places explain. They agree if they all say the same."""

    id: str
    term: str
    asks: str
    places: tuple[Said, ...]


@dataclasses.dataclass(frozen=True)
class Listing:
    """Pages that each enumerate the same things; ``members`` are the names on each."""

    id: str
    says: str
    members: Mapping[str, tuple[str, ...]]


@dataclasses.dataclass(frozen=True)
class Announcement:
    """A sentence that announces what follows it; ``follows`` is the digest of that, "" if nothing does."""

    page: str
    heading: str
    fingerprint: str
    follows: str


@dataclasses.dataclass(frozen=True)
class PageReference:
    """A page is referred to by a title that it has not: ``named`` has it, ``led`` is where the link leads."""

    page: str
    title: str
    named: str
    led: str


@dataclasses.dataclass(frozen=True)
class Signal:
    """A status, an event or a reason in one use: the places where it is given, and those that say
    what whoever gets it does."""

    id: str
    name: str
    asks: str
    given: tuple[Said, ...]
    taken: tuple[Said, ...]


@dataclasses.dataclass(frozen=True)
class Standing:
    """Lists that exclude each other. ``members`` by page; ``barred`` is the page whose members are not to
    be used, and ``used`` where they are, by member."""

    id: str
    says: str
    members: Mapping[str, tuple[str, ...]]
    barred: str
    used: Mapping[str, tuple[str, ...]]


@dataclasses.dataclass(frozen=True)
class LookedFor:
    """What the pages were looked through for, and what of it there is: where, what, and what is wrong."""

    id: str
    says: str
    rows: tuple[tuple[str, str, str], ...]


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """The names of a specification, and what was written about them by hand."""

    names: tuple[Name, ...] = ()
    elsewhere: Mapping[str, str] = dataclasses.field(default_factory=dict)  # name: who documents it
    spellings: tuple[Spelling, ...] = ()
    meanings: tuple[Meaning, ...] = ()
    listings: tuple[Listing, ...] = ()
    announced: tuple[Announcement, ...] = ()
    empty: tuple[Place, ...] = ()
    references: tuple[PageReference, ...] = ()
    signals: tuple[Signal, ...] = ()
    standings: tuple[Standing, ...] = ()
    checks: tuple[LookedFor, ...] = ()
