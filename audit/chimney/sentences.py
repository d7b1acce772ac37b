"""The sentences of a specification's text, page by page, and the digests by which they are known."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

NORMATIVE = re.compile(r"(?<![\w-])(must|should|always|never|only|cannot)(?![\w-])", re.IGNORECASE)
RUN = 8
"""So many consecutive words of the specification no record may share with it."""

_OPENERS = "After|As|If|In|Note|The|There|This|When"
_BOUNDARY = re.compile(rf"(?<=[.!?])[)\"\]]*\s+(?=[\"'(\[*]*[A-Z0-9])|(?<=[a-z])\.(?=(?:{_OPENERS})\b)")
_ABBREVIATION = re.compile(r"\b(e\.g|i\.e|etc|vs|cf|Fig|Sec|No|approx|incl)\.$", re.IGNORECASE)
_CLOSED = re.compile(r"[.!?:][)\"\]]*$")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+\.)\s+")
_LINK = re.compile(r"\[-> [^\]]*\]|^\[figure [^\]]*\]$")


@dataclasses.dataclass(frozen=True)
class TextSentence:
    """One sentence of the specification, and the heading under which it stands."""

    page: str
    heading: str
    text: str

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the SHA-256 of the normalised sentence."""
        return hashlib.sha256(" ".join(words(self.text)).encode()).hexdigest()[:12]

    @property
    def normative(self) -> bool:
        """Whether it says must, should, always, never, only or cannot."""
        return bool(NORMATIVE.search(self.text))


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation: what a fingerprint is made of."""
    return re.sub(r"[^\w\s]|_", "", text.lower()).split()


def read_spec(folder: Path) -> list[TextSentence]:
    """Every sentence of the specification in *folder*, page by page."""
    paths = [folder / "seed.txt", *sorted(folder.glob("pages/*.md")), *sorted(folder.glob("ddi/*.md"))]
    return [s for path in paths for s in split(path.relative_to(folder).as_posix(), path.read_text("utf-8"))]


def split(page: str, text: str) -> list[TextSentence]:
    """The sentences of one page; a table cell and a list item are never joined with another."""
    return [
        TextSentence(page, heading, sentence)
        for heading, block in blocks(text)
        for sentence in sentences_of(block)
        if words(sentence)
    ]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The paragraphs, list items and table cells, with their headings; wrapped lines are joined.

    A line starts a new block unless it is indented, is no list item, and the block before it is
    not closed by punctuation (the stripped markup left blank lines inside sentences).
    """
    heading, block = "", ""
    for line in text.splitlines():
        line = _LINK.sub("", line.replace("\\[", "[").replace("\\]", "]"))
        if not line.strip():
            continue
        open_ended = line[0].isspace() and not _ITEM.match(line) and not _CLOSED.search(block)
        if block and open_ended:
            block = f"{block} {line.strip()}"
            continue
        yield heading, block
        block = ""
        if line.startswith("#"):
            heading = _heading(line)
        elif line.startswith("|"):
            yield from ((heading, cell.strip()) for cell in line.strip().strip("|").split("|"))
        else:
            block = _ITEM.sub("", line, count=1).strip()
    yield heading, block


def _heading(line: str) -> str:
    title = re.sub(r"^#+\s*|\s*\[(in|out|in, out)\]$", "", line.strip())
    return re.sub(r"^-(?:param|field)?\s*", "", title).strip()


def sentences_of(block: str) -> Iterator[str]:
    """The sentences of one paragraph, list item or table cell."""
    start = 0
    for gap in _BOUNDARY.finditer(block):
        if not _ABBREVIATION.search(block[start : gap.start()]):
            yield block[start : gap.start()].strip()
            start = gap.end()
    yield block[start:].strip()


def runs(text: str, run: int = RUN) -> Iterator[tuple[str, ...]]:
    """Every *run* consecutive words of a text."""
    there = words(text)
    return (tuple(there[i : i + run]) for i in range(len(there) - run + 1))
