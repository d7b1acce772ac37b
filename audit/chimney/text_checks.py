"""What a specification's pages give away about themselves when they are laid side by side.

Each check reads the pages and returns rows: where, what stands there, and what is wrong with it. No sentence
is kept. The rows are stored in the file of names (:mod:`.name_index`), and the question of completeness
reports each check that has any.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from .sentences import TextSentence, blocks, sentences_of, split, words

Row = tuple[str, str, str]
Pages = Mapping[str, str]

ALIKE = 0.6
"""Two sentences that share so much of what they say (rare words count for more) make the same demand."""
LONG = 8
"""Sentences with fewer words are alike too easily."""

_FIELD = re.compile(r"^### -field (\w+)", re.MULTILINE)
_REUSED = re.compile(r"Reusing an? (\w+) Structure")
_ONTO = re.compile(r"\bonto an? \**(\w+)")
_CONTENTS = "This section includes"
_ENTRY = re.compile(r"entry point (?:of the driver's|for the)\s+(\w+)\s+function")
_GARBLED = re.compile(
    r"[A-Z]_ \d|\bfor is \w+ is|\bhas buffered the|\bhost stack target\b|\bpacket [A-Z_]{8,} and"
)
_PARAM = re.compile(r"^### -param (\w+) \[([\w, ]+)\]", re.MULTILINE)
_CALLABLE = re.compile(r"\b(?:Ndis|Miniport|Protocol)[A-Z]\w*")
_OPERATIONS = "initiate|query|update|invalidate|terminate|send|receive|disconnect|forward"
_NAMED = re.compile(
    rf"\b(?:({_OPERATIONS})(?:\s+offload|\s+return)?|the\s+offload)\s+operations?\b", re.IGNORECASE
)  # "the offload operation" is that of initiating it
_CALLED = re.compile(
    rf"\b(?:Ndis|Miniport|Protocol)\w*?({_OPERATIONS.title()})\w*"
)  # the operation is in a function's name
_PASSES = re.compile(r"\bpass(?:es|ing)(?:\s+in)?(?::|\s+the\s+following\b)")
_PASSED_ON = re.compile(r"\W*(?:A|An|The|For|same)\b")
_UNFINISHED = re.compile(r"\b(?:to be determined|to be supplied|TBD)\b")
_SEE_NAME = re.compile(r"\bvalues?,?\s+see\s+(?:the\s+)?([A-Z]\w*_\w+)")
_SEE = re.compile(r"\b[Ss]ee\b")
_NULL = re.compile(r"\b(?:non-)?\s?NULL\b")
_NUMBER = re.compile(r"\b(?:number of|number that|size in|binary number|bit|\d+-byte)\b")
_GIVEN = re.compile(r"\b(\w+) parameter set to\b")
_KINDS = ("EventType", "IndicationCode")
_STRENGTH = {"must": "must", "should": "should", "recommend": "should", "recommended": "should"}
_MODAL = {*_STRENGTH, "can", "may", "might", "will", "always", "never"}


def where(page: str, heading: str) -> str:
    """A place as the tables of findings have it."""
    return f"{page}, {heading}".rstrip(", ")


def functions(pages: Pages) -> dict[str, tuple[str, dict[str, str]]]:
    """The functions that have a page: it, and their parameters with the direction of each."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for page, text in pages.items():
        described = "".join(b for heading, b in blocks(text) if heading == "description")
        if (name := _CALLABLE.search(described)) and page.startswith("ddi/n"):
            found[name[0]] = (page, dict(_PARAM.findall(text)))
    return found


def directions(pages: Pages) -> Iterator[Row]:
    """Parameters of one name that go in here, and in and out there, among functions of one family."""
    families: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for name, (page, parameters) in functions(pages).items():
        family = re.sub(_OPERATIONS.title(), "Xxx", name).replace("State", "")
        for parameter, direction in parameters.items():
            families.setdefault((family, parameter), {})[name] = (page, direction)
    for (_, parameter), members in families.items():
        if len({direction for _, direction in members.values()}) > 1:
            for name, (page, direction) in members.items():
                yield where(page, parameter), f"{parameter} of {name}", f"[{direction}]"


def passed(pages: Pages) -> Iterator[Row]:
    """Lists of what is passed to a function that lack a parameter of it, or name one of another's."""
    known = functions(pages)
    every = {p for _, parameters in known.values() for p in parameters}
    for page, text in pages.items():
        found = [(h, b.replace("*", "")) for h, b in blocks(text) if b]
        for n, (heading, block) in enumerate(found):
            last = list(sentences_of(block))[-1]
            if not (_PASSES.search(last) and last.endswith(":")):
                continue
            items = itertools.takewhile(lambda hb: _PASSED_ON.match(hb[1]), found[n + 1 :])
            said = _plain(" ".join(b for _, b in items))
            meant = _meant(last, known)
            own = [name for name in meant if known[name][0] == page]
            for name in own or meant:
                wanted = known[name][1]
                lacks = [p for p in wanted if _plain(p) not in said]
                more = [
                    p for p in every - set(wanted) if _plain(p) in said and p[0].isupper() and "Handle" in p
                ]
                rows = [f"without {p}" for p in lacks] + [f"with {p}, which it has not" for p in sorted(more)]
                yield from ((where(page, heading), f"what is passed to {name}", row) for row in rows)


def _plain(text: str) -> str:
    return re.sub(r"\W|_", "", text).lower()


def _meant(sentence: str, known: Mapping[str, object]) -> list[str]:
    """The functions that a sentence speaks of last; Xxx stands for any part of a name."""
    named = _CALLABLE.findall(sentence)
    if not named:
        return []
    pattern = re.compile(re.sub("Xxx", r"[A-Z]\\w*", named[-1]))
    return [name for name in known if pattern.fullmatch(name) and not name.endswith("XxxComplete")]


def copied(pages: Pages) -> Iterator[Row]:
    """Sentences that name one operation, and call the function of another."""
    for sentence in _every(pages):
        text = sentence.text.replace("*", "")
        named = {(found[1] or "initiate").lower() for found in _NAMED.finditer(text)}
        called = {found[1].lower() for found in _CALLED.finditer(text)}
        if named and called and not named & called:
            place = where(sentence.page, sentence.heading)
            yield (
                place,
                f"the {', '.join(sorted(named))} operation",
                f"calls that of {', '.join(sorted(called))}",
            )


def unfinished(pages: Pages) -> Iterator[Row]:
    """What is put off, and descriptions that are only the name of what they describe."""
    for sentence in _every(pages):
        place = where(sentence.page, sentence.heading)
        if _UNFINISHED.search(sentence.text):
            yield place, "it is still to be written", "put off"
        if re.fullmatch(r"The [A-Z]\w+ (?:structure|function)\.", sentence.text.strip()):
            yield place, "a name and no description", "nothing is said of it"


def strengths(pages: Pages) -> Iterator[Row]:
    """The same demand on two pages, with must on one and should on the other."""
    demands = [s for s in _every(pages) if len(words(s.text)) >= LONG]
    bags = [set(words(s.text)) for s in demands]
    count = Counter(w for bag in bags for w in bag)
    weight = {w: math.log(len(bags) / n) for w, n in count.items()}
    strong, weak = (
        [n for n, bag in enumerate(bags) if {_STRENGTH[w] for w in bag & _STRENGTH.keys()} == {kind}]
        for kind in ("must", "should")
    )
    for one, other in itertools.product(strong, weak):
        left, right = bags[one] - _MODAL, bags[other] - _MODAL
        shared, either = (sum(weight[w] for w in some) for some in (left & right, left | right))
        if demands[one].page != demands[other].page and shared >= ALIKE * either:
            for n, says in ((one, "must"), (other, "should")):
                yield where(demands[n].page, demands[n].heading), "the same demand", says


def sent_away(pages: Pages) -> Iterator[Row]:
    """Values that a reader is sent elsewhere for, where no page is."""
    titles = {_plain(text.split("\n", 1)[0].lstrip("# _").split(" ")[0]) for text in pages.values()}
    for sentence in _every(pages):
        found = _SEE_NAME.search(sentence.text.replace("*", ""))
        if found and _plain(found[1]) not in titles:
            yield where(sentence.page, sentence.heading), f"values: see {found[1]}", "no page here has them"


def null_numbers(pages: Pages) -> Iterator[Row]:
    """Members that are numbers, and are or are not NULL."""
    for page, text in pages.items():
        if not page.startswith("ddi/ns"):
            continue
        by_heading: dict[str, list[str]] = {}
        for heading, block in blocks(text):
            by_heading.setdefault(heading, []).append(block)
        for heading, found in by_heading.items():
            says = " ".join(found)
            if _NULL.search(says) and _NUMBER.search(says) and "pointer" not in says.lower():
                yield where(page, heading), "a number", "NULL, or not NULL"


def arguments(pages: Pages) -> Iterator[Row]:
    """Calls that are told with what a kind of event carries, and without that kind."""
    known = functions(pages)
    for sentence in _every(pages):
        text = sentence.text.replace("*", "")
        given = set(_GIVEN.findall(text))
        for name in dict.fromkeys(n for n in _CALLABLE.findall(text) if n in known):
            for kind, carried in itertools.pairwise(known[name][1]):
                if kind in _KINDS and carried in given and kind not in given:
                    yield where(sentence.page, sentence.heading), f"{name} with {carried}", f"without {kind}"


def other_moment(pages: Pages, moments: Mapping[str, str]) -> Iterator[Row]:
    """Pages on one moment that send the reader to a page on another for their own rule."""
    titles = {_plain(pages[page].split("\n", 1)[0]): page for page in moments if page in pages}
    for page in titles.values():
        for heading, block in blocks(pages[page]):
            for seen in map(_plain, _SEE.split(block)[1:]):
                there = next((other for title, other in titles.items() if seen.startswith(title)), page)
                if moments[there] != moments[page]:
                    yield (
                        where(page, heading),
                        f"sends the reader to {there}",
                        f"which is on the {moments[there]}",
                    )


def overlaid(pages: Pages) -> Iterator[Row]:
    """Members that one of two structures alone has, and the pages on turning one into the other leave out."""
    members = {
        _plain(text.split("\n", 1)[0].split(" ")[-2]): _FIELD.findall(text) for text in _structures(pages)
    }
    for page, text in pages.items():
        turned = _REUSED.search(text.split("\n", 1)[0])
        if turned is None:
            continue
        for other in dict.fromkeys(_ONTO.findall(text)):
            one, two = (set(members.get(_plain(name), ())) for name in (turned[1], other))
            for member in sorted(one ^ two if one and two else ()):
                if member not in text and not member.startswith("_"):
                    yield where(page, ""), f"{turned[1]} becomes {other}", f"nothing is said of {member}"


def _structures(pages: Pages) -> Iterator[str]:
    yield from (
        text for page, text in pages.items() if page.startswith("ddi/ns") and " " in text.split("\n", 1)[0]
    )


def orphans(pages: Pages) -> Iterator[Row]:
    """Pages that no other page links or names by its title, where there are tables of contents."""
    kept = any(_CONTENTS in text for text in pages.values())
    for page, text in pages.items() if kept else ():
        title = _plain(text.split("\n", 1)[0])
        others = [t for other, t in pages.items() if other != page]
        listed = any(f"-> {page.partition('/')[2]}]" in t or title in _plain(t) for t in others)
        if page.startswith("pages/") and not listed and _CONTENTS not in text:
            yield page, "no page leads to it", "it is reached by a search alone"


def repeated(pages: Pages) -> Iterator[Row]:
    """Demands that stand twice under one heading, word by word."""
    told = {page: text for page, text in pages.items() if page.startswith("pages/")}
    demands = (s for s in _every(told) if s.normative and len(words(s.text)) >= LONG * 2)
    for (page, heading, _), count in Counter((s.page, s.heading, s.fingerprint) for s in demands).items():
        if count > 1:
            yield where(page, heading), "a sentence with must or should", "stands twice"


def see_also(pages: Pages) -> Iterator[Row]:
    """Functions that the members of a structure name, and the list of related pages below it leaves out."""
    for page, text in pages.items():
        above, _, below = text.partition("## -see-also")
        if page.startswith("ddi/ns") and below:
            for name in dict.fromkeys(_ENTRY.findall(above)):
                if name not in below:
                    yield (
                        where(page, "see-also"),
                        f"the entry point of {name}",
                        "not in the list of related pages",
                    )


def garbled(pages: Pages) -> Iterator[Row]:
    """Names with a gap, words that were left over, and words that were lost."""
    for sentence in _every(pages):
        for found in _GARBLED.finditer(sentence.text.replace("*", "")):
            yield where(sentence.page, sentence.heading), f"... {found[0]} ...", "a word too many, or too few"


def _every(pages: Pages) -> Iterator[TextSentence]:
    yield from (s for page, text in pages.items() for s in split(page, text))


CHECKS: Mapping[str, Callable[[Pages], Iterable[Row]]] = {
    "completeness.parameter-directions": directions,
    "completeness.passed-parameters": passed,
    "completeness.copied": copied,
    "completeness.unfinished": unfinished,
    "completeness.strengths": strengths,
    "completeness.sent-away": sent_away,
    "completeness.null-numbers": null_numbers,
    "completeness.arguments": arguments,
    "completeness.overlaid-members": overlaid,
    "completeness.orphans": orphans,
    "completeness.repeated": repeated,
    "completeness.see-also": see_also,
    "completeness.garbled": garbled,
}
"""Each check that needs nothing but the pages, by the id of what it finds."""


def found(pages: Pages, moments: Mapping[str, str]) -> dict[str, tuple[str, list[Row]]]:
    """What each check looks for, and its rows, each once; *moments* tells of which moment a page speaks."""
    rows = {name: (check.__doc__, check(pages)) for name, check in CHECKS.items()}
    rows["completeness.other-moment"] = other_moment.__doc__, other_moment(pages, moments)
    return {
        name: (str(says).split("\n", 1)[0], list(dict.fromkeys(some))) for name, (says, some) in rows.items()
    }
