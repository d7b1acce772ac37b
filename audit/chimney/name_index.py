"""The names of the specification: where each is defined, and where it is used.

What is kept of the text are names, pages, headings and digests of sentences, in ``vocabulary.toml``;
``python -m chimneysweep.audit.chimney.name_index SPEC`` writes that file from the specification
in the folder SPEC. What cannot be extracted is written by hand in
``vocabulary.terms.toml``: names that are documented elsewhere, misspelt names and the ones
that are meant, and terms for which several pages give a meaning.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..vocabulary import (
    Announcement,
    Listing,
    LookedFor,
    Meaning,
    Name,
    PageReference,
    Place,
    Said,
    Signal,
    Spelling,
    Standing,
    Vocabulary,
)
from . import text_checks, text_index
from .catalogue import moments

NAMES = Path(__file__).with_name("vocabulary.toml")
TERMS = Path(__file__).with_name("vocabulary.terms.toml")
EVERY_PAGE = "every page"
"""A list that claims to be whole is compared with the names on all pages."""
FEW = 2
"""So many places of definition and of use are kept for each name."""

_WORD = re.compile(r"\b(?:(?:SND|RCV|T[Ss])\.)?[A-Z][A-Za-z0-9]*(?:_[A-Z0-9]+)*\b")
_MARKUP = re.compile(r"\[-> [^\]]*\]|\[figure [^\]]*\]|[*`]")
_TERM = re.compile(r"(?:-\s+)?(\w+)[\s:]*")
_CALLABLE = ("Ndis", "Miniport", "Protocol")


class VocabularyError(ValueError):
    """A file of names or terms that is not as it has to be: which, and what is wrong."""


def names(pages: Mapping[str, str]) -> tuple[Name, ...]:
    """Every name in *pages* (text by page), sorted."""
    defined: dict[str, dict[Place, None]] = defaultdict(dict)
    used: dict[str, dict[Place, None]] = defaultdict(dict)
    for page, text in pages.items():
        described = _described(page, text)
        if described:
            defined[described][page, "description"] = None
        for heading, line, after in _lines(text):
            for word in _words(line):
                used[word][page, heading] = None
            for word in _defines(heading, line, after):
                defined[word][page, heading] = None
    found = []
    for name in sorted(used):
        places = tuple(used[name])
        count = len({page for page, _ in places})
        found.append(Name(name, tuple(defined[name])[:FEW], places[:FEW], count))
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    """Each line without markup, with the heading above it and the line that follows."""
    lines = [line for line in text.splitlines() if line.strip()]
    heading = ""
    for here, after in zip(lines, [*lines[1:], ""], strict=True):
        if here.startswith("#"):
            heading = re.sub(r"^#+\s*(?:-param|-field|-)?\s*|\s*\[\w[^\]]*\]\s*$", "", here).strip()
        yield heading, _MARKUP.sub("", here), _MARKUP.sub("", after)


def _words(line: str) -> list[str]:
    """The names in a line: words with two capitals that are no acronym, or capitals with underscores."""
    found = [
        w
        for w in _WORD.findall(line)
        if "_" in w or "." in w or (sum(map(str.isupper, w)) > 1 and not w.isupper())
    ]
    return [w for w in found if not re.fullmatch(r"[A-Z0-9]+s|IPv[46]", w)]


def _described(page: str, text: str) -> str:
    """The function that a reference page is about: the first one that its description names."""
    if not page.startswith("ddi/n"):
        return ""
    words = (w for heading, line, _ in _lines(text) if heading == "description" for w in _words(line))
    return next((word for word in words if word.startswith(_CALLABLE)), "")


def _defines(heading: str, line: str, after: str) -> Iterator[str]:
    """The names that a line defines: a heading, a term before its explanation, a table's first cell."""
    if line.startswith("#"):
        yield from _words(re.sub(r"\b_(?=[A-Z])", "", line))
    elif line.startswith("|"):
        yield from _only(line.strip("|").split("|")[0])
    elif heading == "see-also" or not after:
        return
    elif not line.startswith(" ") and not _TERM.fullmatch(after.strip()):
        yield from _only(line)


def _only(text: str) -> list[str]:
    """The name that a text consists of, if it does."""
    term = _TERM.fullmatch(text.strip())
    return [word for word in _words(term[1]) if word == term[1]] if term else []


def read_pages(folder: Path) -> dict[str, str]:
    """The text of every page of the specification in *folder*."""
    paths = [folder / "seed.txt", *sorted(folder.glob("pages/*.md")), *sorted(folder.glob("ddi/*.md"))]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def members(pages: Mapping[str, str], page: str, heading: str, pattern: str) -> tuple[str, ...]:
    """The names on *page* (or on EVERY_PAGE) that match *pattern*, below headings that do, in order."""
    found: dict[str, None] = {}
    text = "\n".join(pages.values()) if page == EVERY_PAGE else pages[page]
    for above, line, _ in _lines(text):
        if re.fullmatch(heading, above):
            found |= dict.fromkeys(word for word in _words(line) if re.fullmatch(pattern, word))
    return tuple(found)


def load(stored: Path = NAMES, terms: Path = TERMS) -> Vocabulary:
    """The vocabulary as it is kept. Raises VocabularyError if a file is not as it has to be."""
    data, written = _toml(stored), _toml(terms)
    pages: list[str] = data["pages"]
    elsewhere = {name: by for by, some in written["elsewhere"].items() for name in some}
    return Vocabulary(
        tuple(_name(pages, name, entry) for name, entry in data["names"].items()),
        elsewhere,
        tuple(_made(terms, Spelling, entry) for entry in written["spelling"]),
        tuple(_meaning(terms, entry) for entry in written["meaning"]),
        tuple(
            Listing(entry["id"], entry["says"], {p: tuple(m) for p, m in data["lists"][entry["id"]].items()})
            for entry in written.get("list", ())
        ),
        announced=tuple(Announcement(*entry) for entry in data.get("announced", ())),
        empty=tuple((page, heading) for page, heading in data.get("empty", ())),
        references=tuple(PageReference(*entry) for entry in data.get("references", ())),
        signals=tuple(_signal(terms, entry) for entry in written.get("signal", ())),
        standings=tuple(_standing(entry, data["standings"]) for entry in written.get("standing", ())),
        checks=tuple(
            LookedFor(name, entry["says"], tuple((a, b, c) for a, b, c in entry["rows"]))
            for name, entry in data.get("checks", {}).items()
        ),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"{path.name}: not TOML: {error}") from error


def _name(pages: Sequence[str], name: str, entry: Sequence[Any]) -> Name:
    count, defined, used = entry
    return Name(name, _places(pages, defined), _places(pages, used), count)


def _places(pages: Sequence[str], entry: Sequence[tuple[int, str]]) -> tuple[Place, ...]:
    return tuple((pages[number], heading) for number, heading in entry)


def _made(path: Path, kind: Any, entry: Mapping[str, Any]) -> Any:
    wanted = {field.name for field in dataclasses.fields(kind)}
    if set(entry) != wanted:
        where = f"{path.name}, {entry.get('id', entry.get('page', 'an entry'))}"
        raise VocabularyError(f"{where}: it has {', '.join(sorted(wanted))}, not {', '.join(sorted(entry))}")
    return kind(**entry)


def _meaning(path: Path, entry: Mapping[str, Any]) -> Meaning:
    places = tuple(_made(path, Said, place) for place in entry.get("places", ()))
    meaning: Meaning = _made(path, Meaning, dict(entry) | {"places": places})
    return meaning


def _signal(path: Path, entry: Mapping[str, Any]) -> Signal:
    uses = {use: tuple(_made(path, Said, p) for p in entry.get(use, ())) for use in ("given", "taken")}
    signal: Signal = _made(path, Signal, dict(entry) | uses)
    return signal


def _standing(entry: Mapping[str, Any], stored: Mapping[str, Any]) -> Standing:
    kept = stored[entry["id"]]
    members, used = ({k: tuple(v) for k, v in kept[part].items()} for part in ("members", "used"))
    return Standing(entry["id"], entry["says"], members, entry["barred"], used)


def dump(pages: Mapping[str, str], terms: Path = TERMS) -> str:
    """``vocabulary.toml``: the names in *pages*, and what each list of the terms holds."""
    found = names(pages)
    numbers = {page: n for n, page in enumerate(pages)}
    lines = ["# Generated by python -m chimneysweep.audit.chimney.name_index SPEC; do not edit.", "pages = ["]
    lines += [f"  {json.dumps(page)}," for page in pages]
    lines += [
        "]",
        *_found(pages, _toml(terms).get("titles", ())),
        "",
        "# name: pages that it stands on, where it is defined, first places of use",
        "[names]",
    ]
    for name in found:
        places = [[[numbers[page], heading] for page, heading in some] for some in (name.defined, name.used)]
        key = json.dumps(name.name) if "." in name.name else name.name
        lines.append(f"{key} = {json.dumps([name.pages, *places])}")
    for entry in _toml(terms).get("list", ()):
        lines += ["", f"[lists.{json.dumps(entry['id'])}]"]
        for page, heading in entry["pages"].items():
            lines.append(
                f"{json.dumps(page)} = {json.dumps(members(pages, page, heading, entry['pattern']))}"
            )
    return "\n".join([*lines, *_of_the_text(pages, _toml(terms))]) + "\n"


def _of_the_text(pages: Mapping[str, str], written: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the file on what the pages announce, leave empty and refer to, and on RFCs."""
    for entry in written.get("standing", ()):
        members = {page: text_index.rfcs(pages[page], lines) for page, lines in entry["pages"].items()}
        others = {page: text_index.rfcs(text) for page, text in pages.items() if page not in members}
        barred = members[entry["barred"]]
        used = {n: [p for p, named in others.items() if n in named] for n in barred}
        yield from ("", f"[standings.{json.dumps(entry['id'])}.members]")
        yield from (f"{json.dumps(page)} = {json.dumps(some)}" for page, some in members.items())
        yield from ("", f"[standings.{json.dumps(entry['id'])}.used]")
        yield from (f"{n} = {json.dumps(some)}" for n, some in used.items() if some)
    for name, (says, rows) in text_checks.found(pages, moments()).items():
        yield from ("", f"[checks.{json.dumps(name)}]", f"says = {json.dumps(says)}", "rows = [")
        yield from (*(f"  {json.dumps(row)}," for row in rows), "]")


def _found(pages: Mapping[str, str], elsewhere: Sequence[str]) -> Iterator[str]:
    """The same, of what is found without being told where."""
    kinds: dict[str, list[Any]] = {
        "announced": [list(vars(a).values()) for a in text_index.announcements(pages)],
        "empty": list(text_index.empty(pages)),
        "references": [list(vars(r).values()) for r in text_index.references(pages, elsewhere)],
    }
    for kind, entries in kinds.items():
        yield from (f"{kind} = [", *(f"  {json.dumps(entry)}," for entry in entries), "]")


def main(arguments: list[str]) -> int:
    """Write the names of the specification in the folder given."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "seed.txt").is_file():
        sys.stderr.write(
            "usage: python -m chimneysweep.audit.chimney.name_index SPEC   (the folder that holds seed.txt)\n"
        )
        return 2
    NAMES.write_text(dump(read_pages(Path(arguments[0]))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
