"""One finding told to an author: the sentences, the situation in five lines, what it costs, a wording.

What only who wants to check it needs (the run in full, the rules that it rests on, what the reviewer
read) is folded behind a line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ..counterexamples.brief import brief
from ..counterexamples.trace import Step, Trace
from ..properties.citing import place_of
from ..properties.citing import title_of as title_of_page
from .asking import Reviewed
from .finding import Computed, Consequence, Finding
from .prose import Prose, Sentence

COSTS = {
    Consequence.BYTES: "Bytes are lost, duplicated or reordered",
    Consequence.STUCK: "Something never comes back, or no target can comply",
    Consequence.DIFFER: "Two careful readers build what does not fit together",
    Consequence.WORDING: "A slip in the text",
}
WIDTH = 100
LINES = 5
"""So many lines a situation has at the most, before it is unfolded."""
_TWICE = re.compile(r"^(.+), \1(?=:)")
_PAGE = re.compile(r"(?:pages|ddi)/[\w.-]+\.md|seed\.txt")
FOLD, UNFOLD = "<details><summary>", "</details>"


def heading(prose: Prose | None) -> str:
    """What a finding may cost, in words."""
    return COSTS[prose.consequence] if prose else "Not yet reviewed"


def title_of(reviewed: Reviewed) -> str:
    """The finding in one line."""
    return reviewed.prose.title if reviewed.prose else reviewed.finding.shows


def anchor(reviewed: Reviewed) -> str:
    """What a finding is linked by, of its id."""
    return "".join(c for c in reviewed.finding.id.lower() if c.isalnum() or c in "-_")


def finding(reviewed: Reviewed, rules: Mapping[str, str], width: int = WIDTH) -> Iterator[str]:
    """The finding in Markdown; *rules* are the sentences of our rules, by name."""
    prose = reviewed.prose
    yield from ("", f'<a id="{anchor(reviewed)}"></a>', "", f"## {title_of(reviewed)}", "")
    yield from (f"`{reviewed.finding.id}`", "")
    sides = [side.prose for side in reviewed.sides if side.prose]
    yield from (f"- {cited(s)}" for s in _sentences([*([prose] if prose else []), *sides]))
    yield from (
        "",
        "**The situation.**",
        "",
        *(f"    {line}" for line in gist(reviewed, rules, width - 4)),
        "",
    )
    if prose:
        yield from (f"**At stake.** {heading(prose)}. {prose.why}", "")
        tried = f" *Tried: {prose.tried}*" if prose.tried else ""
        yield from (f"**Proposed wording.** {prose.wording}{tried}", "")
        if prose.see:
            yield from ("See also " + ", ".join(f"`{name}`" for name in prose.see) + ".", "")
    yield from _evidence(reviewed, rules, width)
    for side in reviewed.sides:
        yield from _evidence(side, rules, width, f"From another side ({side.finding.id}): {title_of(side)}")


def _sentences(written: Sequence[Prose]) -> list[Sentence]:
    """The sentences of a finding and its sides, each once."""
    return list({(s.source, s.says): s for prose in written for s in prose.sentences}.values())


def cited(sentence: Sentence) -> str:
    """A sentence of the specification: its page, heading and opening words, and what it says in ours."""
    opens = f', "{sentence.opens} ..."' if sentence.opens else ""
    place = place_of(sentence.source.page, sentence.source.heading)
    return f"*{place}*{opens}: {sentence.says}"


def gist(reviewed: Reviewed, rules: Mapping[str, str], width: int = WIDTH) -> list[str]:
    """The situation in a few lines: what happens, and what comes of it; *rules*: what each says, by name."""
    situation = reviewed.finding.situation
    if isinstance(situation, Computed):
        rows = situation.rows[: LINES - 1]
        account = [
            situation.says,
            *(f"{what}: " + "; ".join(filter(None, besides)) for what, *besides in rows),
        ]
    else:
        account = _steps(situation)
        if situation.violation is None:
            clash = [rules[name] for name in reviewed.finding.clauses if name in rules]
            each = " ".join(f"({n}) {says}" for n, says in enumerate(clash, 1))
            account.append(f"Here no answer keeps all of these: {each}" if clash else reviewed.finding.shows)
    named = (_TWICE.sub(r"\1", _PAGE.sub(lambda page: title_of_page(page[0]), line)) for line in account)
    return [textwrap.shorten(line, 6 * width, placeholder=" ...") for line in named]


def _steps(trace: Trace) -> list[str]:
    account = [_step(step) for step in trace.steps]
    spare = len(account) - (LINES - 1)
    if spare > 0:
        account = ["; ".join(account[: spare + 1]), *account[spare + 1 :]]
    broken = trace.violation.broken[:1] if trace.violation else ()
    for each in broken:
        values = ", ".join(f"{name} is {value}" for name, value in each.values.items())
        account.append(f"So it does not hold that {each.says}" + (f": {values}" if values else "") + ".")
    return account


def _step(step: Step) -> str:
    """A step in a line; who takes it, unless its words begin with that."""
    says = step.says or step.action
    return says if says.startswith(f"the {step.actor} ") else f"{step.actor}: {says}"


def _evidence(
    reviewed: Reviewed, rules: Mapping[str, str], width: int, says: str = "The evidence in full"
) -> Iterator[str]:
    finding, prose = reviewed.finding, reviewed.prose
    yield from (f"{FOLD}{says}</summary>", "")
    if not repeats(finding):
        yield from (finding.shows, "")
    yield from _situation(finding.situation, width)
    known = [name for name in finding.clauses if name in rules]
    if known:
        yield from ("", "The rules of ours that it is about:", "")
        yield from (f"- {rules[name]} (`{name}`)" for name in known)
    if prose:
        yield from ("", f"Reviewed against the text: {prose.review}")
        if says != "The evidence in full":
            yield from ("", f"{prose.why} Proposed: {prose.wording}")
    yield from ("", UNFOLD, "")


def repeats(finding: Finding) -> bool:
    """Whether what a finding shows is no more than its table, told in a line."""
    table = finding.situation
    return isinstance(table, Computed) and finding.shows.startswith(table.says.rstrip("."))


def _situation(situation: Trace | Computed, width: int) -> Iterator[str]:
    if isinstance(situation, Trace):
        count = f"{len(situation.steps)} step{'' if len(situation.steps) == 1 else 's'}"
        yield from (f"The run, in {count}:", "", "```", *brief(situation, width), "```")
        return
    yield from (situation.says, "", f"| {' | '.join(situation.columns)} |", "| --- | --- | --- |")
    for row in situation.rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def paragraphs(reviewed: Reviewed, rules: Mapping[str, str], width: int) -> Iterator[str]:
    """One finding in full, as plain lines for the terminal."""
    fenced = False
    for line in finding(reviewed, rules, width):
        if line == "```":
            fenced = not fenced
            yield ""
        elif fenced or line.startswith("|"):  # a story has its width already
            yield line
        elif line != UNFOLD and not line.startswith("<a "):
            plain = re.sub(r"\*+|`|^## |^<details><summary>|</summary>$", "", line)
            inner = plain.strip()
            indent = plain[: len(plain) - len(plain.lstrip())]
            yield from textwrap.wrap(
                inner, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
            ) or [""]
