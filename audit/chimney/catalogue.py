"""The clause catalogue: what the specification demands, sentence by sentence, and what became of it.

Each record of ``clauses/*.toml`` is one duty in our own words. It names the places
where the text states it, by page, heading and *fingerprint* (a digest of the
sentence), so a record is tied to its sentence without any text of the specification
in this repository. A file also lists the pages that were read for it: on those every
normative sentence needs a record. The other pages are counted as not yet read.

``python -m chimneysweep.audit.chimney.catalogue SPEC`` reconciles the records with the
specification in the folder SPEC, and brings the counts and ``docs/clauses.md`` up to date.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...properties.chimney.chimney import CHIMNEY
from ...properties.property import Property
from .clause_records import FATES, FOLDER, STAKES, UNREAD, Clause, Group, Passage, clauses, load
from .fates import StageCheck, load_checks, load_reasons, names, unknown_fates, unused
from .sentences import RUN, TextSentence, read_spec, runs, words

MOMENTS = Path(__file__).with_name("moments.toml")
DOCUMENT = Path(__file__).parents[2] / "docs" / "clauses.md"

_MOMENTS = {
    "offload": re.compile(
        r"\boffloading (?:a|the) \w+ connection|\binitiate offload\b"
        r"|\bhost stack (?:offloads|passes|supplies)\b"
    ),
    "termination": re.compile(r"terminat(?!ion request)|\bupload|TerminateOffload", re.IGNORECASE),
}
"""By the words that name them: the state goes to the target, or comes back."""


@dataclasses.dataclass(frozen=True)
class Differences:
    """Where the records, the specification and the properties do not fit together, one line each."""

    unaccounted: tuple[str, ...]
    gone: tuple[str, ...]
    mislabelled: tuple[str, ...]
    unknown: tuple[str, ...]
    unreached: tuple[str, ...]

    def lines(self) -> list[str]:
        """All of them, each with its kind."""
        fields = dataclasses.asdict(self)
        return [f"{kind}: {line}" for kind, found in fields.items() for line in found]


def unread(groups: Iterable[Group], sentences: Iterable[TextSentence]) -> dict[str, int]:
    """The pages that no group lists, with how many normative sentences each has."""
    scope = {page for group in groups for page in group.pages}
    counts = Counter(s.page for s in sentences if s.normative and s.page not in scope)
    return dict(sorted(counts.items()))


def reconcile(
    groups: Iterable[Group],
    sentences: Iterable[TextSentence],
    properties: Iterable[Property] = CHIMNEY.properties,
) -> Differences:
    """What does not fit between the records, the sentences of a specification, and the properties."""
    groups, properties = tuple(groups), tuple(properties)
    by_key = {(s.page, s.fingerprint): s for s in sentences}
    scope = {page for group in groups for page in group.pages}
    places = [(clause, place) for clause in clauses(groups).values() for place in clause.places]
    claimed = {(place.page, place.fingerprint) for _, place in places}
    found = [(c, p, by_key[p.page, p.fingerprint]) for c, p in places if (p.page, p.fingerprint) in by_key]
    return Differences(
        unaccounted=tuple(
            f"{s.page}, {s.heading} [{s.fingerprint}]: no record for: {s.text[:100]}"
            for key, s in by_key.items()
            if s.normative and s.page in scope and key not in claimed
        ),
        gone=tuple(
            f"{c.id}: {p.page}, {p.heading} has no sentence with fingerprint {p.fingerprint}"
            for c, p in places
            if (p.page, p.fingerprint) not in by_key
        )
        + tuple(f"{page}: listed as read, and not there" for page in sorted(scope - {k[0] for k in by_key})),
        mislabelled=tuple(
            f"{c.id}: strength is {c.strength}, and the sentence on {p.page}, {p.heading} does not say so"
            for c, p, s in found
            if c.strength != "states" and not set(c.strength.split()) <= set(words(s.text))
        ),
        unknown=tuple(unknown_fates(groups, properties)),
        unreached=tuple(unreached(groups, properties)),
    )


def unreached(groups: Iterable[Group], properties: Iterable[Property] = CHIMNEY.properties) -> list[str]:
    """Properties of kind clause that no record is formalised as; a reading is reached through its id."""
    reached = {c.what for c in clauses(groups).values() if c.fate == "formalised"}
    return [p.name for p in properties if p.kind == "clause" and not {p.id, p.name} & reached]


def moments(file: Path = MOMENTS) -> dict[str, str]:
    """Of which moment each page speaks, and each sentence (by its fingerprint) that names another one.

    What speaks of any is left out.
    """
    kinds = tomllib.loads(file.read_text(encoding="utf-8"))
    sentences = {digest: moment for moment, some in kinds.pop("sentences", {}).items() for digest in some}
    return {page: moment for moment, pages in kinds.items() for page in pages} | sentences


def moment_of(place: Passage, speaks: Mapping[str, str]) -> str:
    """Of which moment a sentence speaks: "offload" (down), "termination" (back up), both, or "" for any."""
    return speaks.get(place.fingerprint, speaks.get(place.page, ""))


def named_moment(text: str) -> str:
    """The moment that a sentence itself names; "" if it names none."""
    named = [moment for moment, words_of_it in _MOMENTS.items() if words_of_it.search(text)]
    return " and ".join(named)


def misplaced(
    groups: Iterable[Group], sentences: Iterable[TextSentence], speaks: Mapping[str, str]
) -> Iterator[str]:
    """Places whose sentence names another moment than the one that is kept of it."""
    by_key = {(s.page, s.fingerprint): s for s in sentences}
    for clause in clauses(groups).values():
        for place in clause.places if clause.fate != "not-modelled" else ():
            found = by_key.get((place.page, place.fingerprint))
            named = named_moment(found.text) if found else ""
            kept = moment_of(place, speaks)
            if named and named != kept:
                where = f"{clause.id}: {place.page} [{place.fingerprint}]"
                yield f"{where} names {named}, and is kept as {kept or 'any'}"


def of_the_offload(groups: Iterable[Group], speaks: Mapping[str, str]) -> set[str]:
    """The properties that nothing but sentences on the offload states: for the way back they are inferred."""
    said: dict[str, set[str]] = {}
    for clause in clauses(groups).values():
        if clause.fate == "formalised":
            said.setdefault(clause.what, set()).update(moment_of(p, speaks) for p in clause.places)
    return {name for name, of in said.items() if of == {"offload"}}


def borrowed(groups: Iterable[Group], sentences: Iterable[TextSentence], run: int = RUN) -> list[str]:
    """Records that share *run* consecutive words with the specification."""
    theirs = {some for s in sentences for some in runs(s.text, run)}
    return [
        f"{clause.id}: shares with the text: {' '.join(some)}"
        for clause in clauses(groups).values()
        for some in runs(clause.says, run)
        if some in theirs
    ]


def render(groups: Iterable[Group], not_read: Mapping[str, int]) -> str:
    """``docs/clauses.md``: a table per group, and the pages that are not yet read."""
    groups, speaks = tuple(groups), moments()
    fates = Counter(clause.fate for clause in clauses(groups).values())
    lines = [
        "# The clauses of the specification",
        "",
        "Generated by `python -m chimneysweep.audit.chimney.catalogue SPEC`; do not edit.",
        "Wording is ours. Strength is the text's own word; `states` marks a duty put as a plain fact.",
        "",
        f"{sum(fates.values())} records: {', '.join(f'{fates[fate]} {fate}' for fate in FATES)}.",
        *_fates(fates, clauses(groups).values()),
    ]
    for group in groups:
        lines += ["", f"## {group.title}", "", "Read: " + ", ".join(f"`{page}`" for page in group.pages), ""]
        lines += ["| id | where | speaks of | binds | strength | says | fate |"]
        lines += [f"|{' --- |' * 7}", *(_row(clause, speaks) for clause in group.clauses)]
    lines += ["", "## Not yet read", "", "| page | normative sentences |", "| --- | --- |"]
    lines += [f"| `{page}` | {count} |" for page, count in not_read.items()]
    return "\n".join([*lines, f"| all {len(not_read)} pages | {sum(not_read.values())} |"]) + "\n"


def _fates(fates: Mapping[str, int], records: Iterable[Clause]) -> list[str]:
    """What the fates mean, why the rest is left out, and what of that matters."""
    left = [clause for clause in records if clause.fate == "not-modelled"]
    why, matters = Counter(clause.what for clause in left), [clause for clause in left if clause.bears]
    lines = [
        "*Formalised*: a property says it. *Covered*: who breaks it is told by those properties. *Checked*:",
        "or by that check of the stage (below). *Assumed*: it binds the host, and ours keeps it, by what is",
        "named. So",
        f"{fates['formalised'] + fates['covered'] + fates['checked']} are looked at in a target, and "
        f"{fates['assumed']} are kept by the host that it is played with. The others, and why:",
        "",
        "| records | reason | |",
        "| --- | --- | --- |",
        *(f"| {why[name]} | `{name}` | {says} |" for name, says in load_reasons().items()),
        "",
        f"Of these {len(matters)} bear on bytes, on a hang or on memory:",
        "",
        "| id | bears on | what it would take |",
        "| --- | --- | --- |",
        *(f"| `{c.id}` | {c.bears} | {c.needs} |" for of in STAKES for c in matters if c.bears == of),
        "",
        "| check | what it demands | told as | shown by |",
        "| --- | --- | --- | --- |",
        *(_check(name, check) for name, check in load_checks().items()),
    ]
    return ["", *lines]


def _check(name: str, check: StageCheck) -> str:
    told = f"`{check.told}`" if check.told else "the host keeps it"
    return f"| `{name}` | {check.says} | {told} | {check.shown.replace('::', ': ') or f'`{check.file}`'} |"


def _row(clause: Clause, speaks: Mapping[str, str]) -> str:
    where = "<br>".join(dict.fromkeys(f"`{p.page}`, {p.heading}".rstrip(", ") for p in clause.places))
    fate = f"{clause.fate.replace('-', ' ')}: {', '.join(f'`{name}`' for name in names(clause))}"
    of = ", ".join(dict.fromkeys(moment_of(p, speaks) or "any time" for p in clause.places))
    cells = (f"`{clause.id}`", where, of, clause.binds, clause.strength, clause.says, fate)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: list[str]) -> int:
    """Reconcile with the specification in the folder given; write the counts and the document."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "seed.txt").is_file():
        sys.stderr.write(
            "usage: python -m chimneysweep.audit.chimney.catalogue SPEC   (the folder that holds seed.txt)\n"
        )
        return 2
    groups, sentences = load(), read_spec(Path(arguments[0]))
    counts = unread(groups, sentences)
    pages = "".join(f'"{page}" = {count}\n' for page, count in counts.items())
    (FOLDER / UNREAD).write_text(f"[pages]\n{pages}", encoding="utf-8")
    DOCUMENT.write_text(render(groups, counts), encoding="utf-8")
    found = reconcile(groups, sentences).lines() + borrowed(groups, sentences)
    found += [
        *misplaced(groups, sentences, moments()),
        *(f"no record names {name}" for name in unused(groups)),
    ]
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
