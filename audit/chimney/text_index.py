"""What pages announce, refer to and leave empty, as it can be read off a specification's text.

Kept of it are pages, headings, digests of sentences, titles of pages and the numbers of RFCs, in the
file of names (:mod:`.name_index`); no sentence is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ..vocabulary import Announcement, PageReference, Place
from .sentences import TextSentence, blocks, sentences_of

_ASIDE = {"see-also", "returns", "Return value"}
_LINK = re.compile(r"\[-> ([^\]]*)\]")
_SEE = re.compile(r"\bsee\s+((?:[A-Z]\w*)(?:\s+(?:of|an?|the|in|and|to|[A-Z0-9]\S*?)){2,9})[.)]")
_RFC = re.compile(r"\bRFCs?:?\s+((?:\d+)(?:(?:,|, and| and)\s+\d+)*)")
_NAME = re.compile(r"\w*[a-z]\w*[A-Z]\w*|\w*[A-Z]\w*_\w*|RFCs?")
_LISTED = 3
"""From this level on, headings that follow an announcement are what it announces."""


def announcements(pages: Mapping[str, str]) -> Iterator[Announcement]:
    """Every sentence that ends with a colon, and demands something or has nothing after it.

    What follows is known by a digest of its words, names apart.
    """
    for page, text in pages.items():
        found = [(heading, block) for heading, block in blocks(text) if block]
        levels = dict(_headings(text))
        for n, (heading, block) in enumerate(found):
            last = TextSentence(page, heading, list(sentences_of(block))[-1])
            if last.text.rstrip("*").endswith(":") and heading not in _ASIDE:
                under, after = found[n + 1] if n + 1 < len(found) else ("", "")
                there = under == heading or levels.get(under, 0) >= _LISTED
                first = _NAME.sub("", next(iter(sentences_of(after)), ""))
                follows = TextSentence(page, under, first).fingerprint if there else ""
                if last.normative or not follows:
                    yield Announcement(page, heading, last.fingerprint, follows)


def _headings(text: str) -> Iterator[tuple[str, int]]:
    for line in text.splitlines():
        if line.startswith("#"):
            title = re.sub(r"^#+\s*(?:-param|-field|-)?\s*|\s*\[\w[^\]]*\]\s*$", "", line).strip()
            yield title, len(line) - len(line.lstrip("#"))


def empty(pages: Mapping[str, str]) -> Iterator[Place]:
    """The headings with nothing under them, not even a heading of a lower level."""
    for page, text in pages.items():
        lines = [line for line in text.splitlines() if line.strip()]
        for here, after in zip(lines, [*lines[1:], "#"], strict=True):
            level, below = (len(line) - len(line.lstrip("#")) for line in (here, after))
            if level and below and below <= level:
                yield page, next(_headings(here))[0]


def references(pages: Mapping[str, str], elsewhere: Collection[str] = ()) -> Iterator[PageReference]:
    """What refers to another page by its title: links that lead elsewhere, and titles that no page has.

    *elsewhere*: the titles of pages that belong to other documents.
    """
    titles = {_plain(next(iter(_headings(text)), ("", 0))[0]): page for page, text in pages.items()}
    titles.pop("", None)
    for page, text in pages.items():
        flat = re.sub(r"[*`\\]|\s+(?=\s)", "", text.replace("\n", " "))
        for link in _LINK.finditer(flat):
            before = _plain(_LINK.sub("", flat[: link.start()])[-200:])
            named = max((t for t in titles if before.endswith(f" {t}")), key=len, default="")
            there = f"pages/{link[1]}"
            if named and there in pages and titles[named] != there and titles[named].startswith("pages/"):
                yield PageReference(page, named, titles[named], there)
        for seen in _SEE.finditer(_LINK.sub("", flat)):
            title = " ".join(seen[1].split())
            if _plain(title) not in titles and title not in elsewhere and not _NAME.search(title):
                yield PageReference(page, title, "", "")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def rfcs(text: str, lines: str = "") -> tuple[str, ...]:
    """The numbers of the RFCs that the lines of a text that match *lines* name, in order, each once."""
    kept = (line for line in text.splitlines() if re.search(lines, line))
    found = (number for line in kept for some in _RFC.findall(line) for number in re.findall(r"\d+", some))
    return tuple(dict.fromkeys(found))
