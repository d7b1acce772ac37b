"""Is every list there, whole, and of one mind with the other pages that give it?

A sentence that announces a list is followed by one, and by the same wherever it stands. Pages that
enumerate the same things have the same members. No member is left without a word. What is referred to is
there. Lists that exclude each other have nothing in common. Every status, event and reason is given by
somebody, and what whoever gets it does is said. Pages laid side by side give the same directions, arguments,
operations and strength of demand.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from ..audited import Audited
from ..finding import PLACES, Answer, Computed, Finding, Question, Sound
from ..jobs import Asks, Inquiry
from ..vocabulary import Announcement, Listing, PageReference, Place, Said, Signal, Standing, Vocabulary

Row = tuple[str, str, str]
KIND = "completeness."


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "" if _examined(audited.vocabulary) else "nothing is known of its lists"


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Compare the lists; it takes less than a second."""
    yield from ()
    words = inquiry.audited.vocabulary
    lists = [(listing, unequal(listing)) for listing in listings(words)]
    findings = [
        *_announced(words.announced),
        *(finding for _, finding in lists if finding),
        *_empty(words.empty),
        *_references(words.references),
        *(finding for standing in words.standings for finding in _standing(standing)),
        *(finding for signal in words.signals for finding in _signal(signal)),
        *(_finding(check.id, check.says.rstrip("."), check.rows) for check in words.checks if check.rows),
    ]
    sound = [
        Sound(listing.says, f"{len(listing.members)} pages agree") for listing, found in lists if not found
    ]
    sound += [
        Sound(f"{s.name}: {s.asks}", f"given in {len(s.given)} places, and {s.taken[0].says}")
        for s in words.signals
        if s.given and s.taken
    ]
    sound += [Sound(check.says, "none on any page") for check in words.checks if not check.rows]
    wanted = tuple(f for f in findings if inquiry.wants(f.id))
    return Answer("completeness", _examined(words), wanted, tuple(sound))


def listings(words: Vocabulary) -> list[Listing]:
    """The enumerations that this question compares; the others are about names."""
    return [listing for listing in words.listings if listing.id.startswith(KIND)]


def _examined(words: Vocabulary) -> int:
    kinds: tuple[Sequence[object], ...] = (
        words.announced,
        listings(words),
        words.empty,
        words.references,
        words.standings,
        words.signals,
        words.checks,
    )
    return sum(map(len, kinds))


def _finding(name: str, says: str, rows: Iterable[Row]) -> Finding:
    entries = tuple(rows)
    shows = "; ".join(f"{where}: {what}, {but}" for where, what, but in entries)
    return Finding(
        name,
        "completeness",
        (),
        f"{says}: {shows}",
        Computed(says if says.endswith("?") else f"{says}.", entries, PLACES),
    )


def _where(page: str, heading: str) -> str:
    return f"{page}, {heading}".rstrip(", ")


def _announced(announced: Sequence[Announcement]) -> Iterator[Finding]:
    """A list that is announced and is not there, or begins otherwise where the same words announce it."""
    alike: dict[str, list[Announcement]] = defaultdict(list)
    for each in announced:
        alike[each.fingerprint].append(each)
    rows: dict[str, list[Row]] = defaultdict(list)
    for some in alike.values():
        begins = list(dict.fromkeys(a.follows for a in some))
        if "" in begins or len(begins) > 1:
            rows[some[0].page] += (
                (_where(a.page, a.heading), "a list is announced", _beginning(begins, a)) for a in some
            )
    for page, found in rows.items():
        name = PurePosixPath(page).stem.rpartition("ndischimney-")[2].replace("_", "-")
        yield _finding(f"{KIND}list-{name}", "Announced lists", found)


def _beginning(begins: Sequence[str], announced: Announcement) -> str:
    if not announced.follows:
        return "nothing follows"
    return f"it begins in way {begins.index(announced.follows) + 1} of {len(begins)}"


def unequal(listing: Listing) -> Finding | None:
    """The finding on pages that enumerate the same and do not have the same members."""
    every = dict.fromkeys(name for some in listing.members.values() for name in some)
    missing = {page: [n for n in every if n not in some] for page, some in listing.members.items()}
    rows = tuple(
        (page, f"{len(some)} names", "without " + ", ".join(missing[page]) if missing[page] else "complete")
        for page, some in listing.members.items()
    )
    if not any(missing.values()):
        return None
    shows = "; ".join(f"{page} lacks {', '.join(some)}" for page, some in missing.items() if some)
    question: Question = "completeness" if listing.id.startswith(KIND) else "vocabulary"
    return Finding(
        listing.id, question, (), f"{listing.says}: {shows}", Computed(f"{listing.says}.", rows, PLACES)
    )


def _empty(empty: Sequence[Place]) -> Iterator[Finding]:
    """Members of structures of which nothing is said but their names."""
    if empty:
        rows = ((page, heading, "not a word about it") for page, heading in empty)
        yield _finding(f"{KIND}without-text", "Headings", rows)


def _references(references: Sequence[PageReference]) -> Iterator[Finding]:
    """Pages that are referred to by a title, and are not there, or not where the link leads."""
    if references:
        rows = (
            (r.page, f"refers to {r.title!r}", f"leads to {r.led}" if r.led else "no page has this title")
            for r in references
        )
        yield _finding(f"{KIND}references", "References to pages", rows)


def _standing(standing: Standing) -> Iterator[Finding]:
    """What is in two lists that exclude each other, and what is barred and used all the same."""
    rows = [
        (number, f"in the list of {one}", f"and of {other}")
        for (one, some), (other, more) in itertools.combinations(standing.members.items(), 2)
        for number in some
        if number in more
    ]
    rows += [
        (number, f"barred by {standing.barred}", f"used by {', '.join(pages)}")
        for number, pages in standing.used.items()
    ]
    if rows:
        yield _finding(standing.id, standing.says, rows)


def _signal(signal: Signal) -> Iterator[Finding]:
    """A signal that nobody gives, or that leads to nothing that is said."""
    uses: tuple[tuple[tuple[Said, ...], str], ...] = (
        (signal.given, "nobody is said to give it"),
        (signal.taken, "what follows from it is said nowhere"),
    )
    lacking = [says for places, says in uses if not places]
    if lacking:
        there = [(_where(p.page, p.heading), p.says, lacking[0]) for p in (*signal.given, *signal.taken)]
        yield _finding(signal.id, f"{signal.name}: {signal.asks}", there or [(signal.name, "", lacking[0])])
