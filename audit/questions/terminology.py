"""Does every name mean one thing, and is it defined?

Four checks. A name is defined in the specification, or documented elsewhere. No two names
differ by a slip of the pen. Places that explain one term say the same of it. Pages that enumerate the same
names have the same ones.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from ..audited import Audited
from ..finding import PLACES, Answer, Computed, Finding, Sound
from ..jobs import Asks, Inquiry
from ..vocabulary import Meaning, Name, Spelling, Vocabulary
from . import completeness

NEAREST = 3
"""A known name that is further off than so many changes is not taken to be the one that is meant."""
SHORT = 5
"""Names with fewer letters differ by one letter too easily."""


def missing(audited: Audited) -> str:
    """Why it cannot be asked; empty if it can."""
    return "there are no names" if audited.vocabulary == Vocabulary() else ""


def ask(inquiry: Inquiry) -> Asks[Answer]:
    """Check the names, lists and meanings; it takes about a second."""
    yield from ()
    vocabulary = inquiry.audited.vocabulary
    spellings, right = _spelt(vocabulary)
    lists = [
        (listing, completeness.unequal(listing))
        for listing in vocabulary.listings
        if not listing.id.startswith(completeness.KIND)
    ]
    terms = [(meaning, _differ(meaning)) for meaning in vocabulary.meanings]
    findings = [*spellings, *(f for _, f in lists if f), *(f for _, f in terms if f)]
    sound = [right] if vocabulary.names else []
    sound += [Sound(listing.says, f"{len(listing.members)} pages agree") for listing, f in lists if not f]
    sound += [
        Sound(f"{meaning.term}: {meaning.asks}", f"{len(meaning.places)} places agree")
        for meaning, finding in terms
        if not finding
    ]
    examined = len(vocabulary.names) + len(lists) + len(terms)
    return Answer("vocabulary", examined, tuple(f for f in findings if inquiry.wants(f.id)), tuple(sound))


def _spelt(vocabulary: Vocabulary) -> tuple[list[Finding], Sound]:
    """The findings on names that are defined nowhere or misspelt, and what is right about the others."""
    names = {name.name: name for name in vocabulary.names}
    twins = dict(_twins(vocabulary.names))
    odd = [
        name
        for name in names.values()
        if name.name not in vocabulary.elsewhere and (not name.defined or name.name in twins)
    ]
    written = {name: spelling for spelling in vocabulary.spellings for name in spelling.meant}
    groups: dict[str, list[Name]] = {}
    for name in odd:
        known = written.get(name.name)
        groups.setdefault(known.id if known else f"vocabulary.name-{_slug(name.name)}", []).append(name)
    says = {spelling.id: spelling for spelling in vocabulary.spellings}
    meant = {name: right for spelling in vocabulary.spellings for name, right in spelling.meant.items()}
    found = [
        _misspelt(group, some, says.get(group), {n.name: _meant(n, meant, twins, names) for n in some})
        for group, some in groups.items()
    ]
    right = len(names) - len(odd)
    left = len(vocabulary.elsewhere.keys() & names.keys())
    return found, Sound(
        f"{right} of {len(names)} names have one spelling and a definition",
        f"{right - left} are defined in the specification, {left} are left to others",
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def _meant(name: Name, meant: Mapping[str, str], twins: Mapping[str, str], names: Mapping[str, Name]) -> str:
    """The name that is meant: the one written down for it, its twin, or the nearest that is defined."""
    if name.name in meant:
        return meant[name.name]
    if name.name in twins:
        return twins[name.name]
    near = ((_distance(_plain(name.name), _plain(n.name)), n.name) for n in names.values() if n.defined)
    distance, nearest = min(near, default=(NEAREST + 1, ""))
    return nearest if distance <= NEAREST else "defined nowhere"


def _misspelt(
    group: str, names: Sequence[Name], spelling: Spelling | None, meant: Mapping[str, str]
) -> Finding:
    rows = tuple(
        (f"{page}, {heading}".rstrip(", "), name.name, meant[name.name])
        for name in names
        for page, heading in name.used
    )
    what = ", ".join(f"{name.name} ({meant[name.name]})" for name in names)
    says = spelling.says if spelling else "A name that is defined nowhere, or spelt in two ways."
    shows = f"Used and not defined, or defined otherwise elsewhere (what is meant): {what}"
    return Finding(
        group, "vocabulary", (), shows, Computed(says, rows, ("where", "as written", "what is meant"))
    )


def _twins(names: Sequence[Name]) -> Iterator[tuple[str, str]]:
    """Names of one style that differ by a letter, by case or by a prefix: the rarer one, and the other."""
    for one, other in itertools.combinations(names, 2):
        near = abs(len(one.name) - len(other.name)) < SHORT
        alike = near and ("_" in one.name) == ("_" in other.name) and _slip(one.name, other.name)
        if alike or _without_prefix(one.name, other.name) or _without_prefix(other.name, one.name):
            rare, usual = sorted((one, other), key=lambda n: (n.pages, any("ddi" in p for p, _ in n.defined)))
            yield rare.name, usual.name


def _slip(one: str, other: str) -> bool:
    """Whether two names differ by one letter or in case; numbered names do not, nor PNAME from NAME."""
    left, right = _plain(one), _plain(other)
    if abs(len(left) - len(right)) > 1 or len(left) < SHORT:
        return False
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    if len(left) > 1 or len(right) > 1:
        return False
    pointer = {one, other} & {f"P{one}", f"P{other}"}
    return not pointer and not (left.isdigit() and right.isdigit())


def _without_prefix(short: str, long: str) -> bool:
    """Whether a name of two parts or more is the other one without its first part."""
    return "_" in short and long.partition("_")[2] == short


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _distance(left: str, right: str) -> int:
    """Levenshtein's: how many letters to insert, remove or replace."""
    row = list(range(len(right) + 1))
    for i, x in enumerate(left, 1):
        before, row = row, [i]
        for j, y in enumerate(right, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
    return row[-1]


def _differ(meaning: Meaning) -> Finding | None:
    """The finding on a term of which its places do not say the same."""
    said = list(dict.fromkeys(place.says for place in meaning.places))
    if len(said) < 2:
        return None
    rows = tuple(
        (f"{place.page}, {place.heading}", place.says, "" if place.says == said[0] else "said otherwise")
        for place in meaning.places
    )
    shows = f"{meaning.term}: {meaning.asks} " + "; ".join(f"{says!r}" for says in said)
    return Finding(
        meaning.id, "vocabulary", (), shows, Computed(f"{meaning.term}: {meaning.asks}", rows, PLACES)
    )
