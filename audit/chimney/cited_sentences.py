"""The titles of pages that properties cite, and the opening words of sentences, from the specification.

``python -m chimneysweep.audit.chimney.cited_sentences SPEC`` writes them beside the properties, for
:mod:`...properties.citing`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from ...properties import citing
from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Property
from .clause_records import Clause, clauses, load
from .sentences import TextSentence, read_spec

OPENING = 6
"""Words of a sentence that are enough to find it."""
FILE = Path(citing.__file__).with_name(citing.CITED)


def drawn(spec: Path) -> str:
    """The file, drawn from the specification in the folder *spec*."""
    sentences = {(s.page, s.fingerprint): s for s in read_spec(spec)}
    records = list(clauses(load()).values())
    opens = {
        prop.name: " ".join(found.text.replace("*", "").split()[:OPENING]).rstrip(",;:.")
        for prop in CHIMNEY.properties
        if (found := _sentence(prop, records, sentences)) is not None
    }
    pages = sorted({page for page, _ in sentences})
    lines = ["[titles]", *(f"{json.dumps(page)} = {json.dumps(title(spec / page))}" for page in pages)]
    lines += ["", "[opens]", *(f"{json.dumps(name)} = {json.dumps(words)}" for name, words in opens.items())]
    return "\n".join(lines) + "\n"


def title(page: Path) -> str:
    """The title of a page, from its first line: a structure is known without its leading underscore."""
    first = page.read_text(encoding="utf-8").lstrip("\ufeff").split("\n", 1)[0]
    return re.sub(r"^(#\s*)?_?", "", first).strip()


def _sentence(
    prop: Property, records: Sequence[Clause], sentences: dict[tuple[str, str], TextSentence]
) -> TextSentence | None:
    """The sentence that a property is, by the catalogue, on the page that it cites."""
    places = [
        p for r in records if r.fate == "formalised" and r.what in (prop.name, prop.id) for p in r.places
    ]
    there = [p for p in places if p.page == prop.source.page]
    there.sort(key=lambda p: p.heading != prop.source.heading)
    return next((s for p in there if (s := sentences.get((p.page, p.fingerprint))) is not None), None)


def main(arguments: list[str]) -> int:
    """Write the file, drawn from the specification in the folder given."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "seed.txt").is_file():
        sys.stderr.write("usage: python -m chimneysweep.audit.chimney.cited_sentences SPEC\n")
        return 2
    FILE.write_text(drawn(Path(arguments[0])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
