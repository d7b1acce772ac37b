"""Pages of findings for the tests: taken apart as a parser does it, and written by one who means harm."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser
from pathlib import Path

from sample_trace import sample

from chimneysweep.counterexamples.page.document import document, section
from chimneysweep.counterexamples.short import Fact
from chimneysweep.counterexamples.trace import Place, Trace

CORPUS = sorted((Path(__file__).parent.parent / "counterexamples" / "corpus").glob("*.json"))
HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror=hacked=1>\x1b[31m\u202e'\"&amp;"
VOID = {"meta", "img", "br", "hr", "link", "input", "wbr"}


class Page(HTMLParser):
    """A page taken apart: its elements, its text, the text of its scripts; unbalanced tags are collected."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(html)
        self.close()
        self.unbalanced += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data
        else:
            self.text += data

    def having(self, attribute: str) -> list[str]:
        """The values of an attribute, in order."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def html(*traces: Trace) -> str:
    return document("Findings", [Fact("verdict", "VIOLATED")], [section(trace) for trace in traces])


def page(*traces: Trace) -> Page:
    return Page(html(*traces))


def hostile() -> Trace:
    """The sample with everything that a stranger may write in a trace written by one who means harm."""
    trace = sample()
    step = dataclasses.replace(trace.steps[0], says=HOSTILE, at=Place(HOSTILE, HOSTILE, 1, HOSTILE))
    assert trace.violation is not None
    broken = dataclasses.replace(trace.violation.broken[0], where=HOSTILE, says=HOSTILE, values={HOSTILE: 1})
    violation = dataclasses.replace(trace.violation, says=HOSTILE, page=HOSTILE, broken=[broken])
    meta = {**trace.meta, "output": [HOSTILE], "flaky": HOSTILE}
    steps = [step, *trace.steps[1:]]
    return dataclasses.replace(trace, target=HOSTILE, steps=steps, violation=violation, meta=meta)
