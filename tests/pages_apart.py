"""Pages of findings for the tests, taken apart as a parser does it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from chimneysweep.counterexamples.exports.ci_report import CiReport, found
from chimneysweep.counterexamples.page.document import render
from chimneysweep.counterexamples.trace import Trace

CORPUS = sorted((Path(__file__).parent.parent / "counterexamples" / "corpus").glob("*.json"))
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
    rulings = [found(trace) for trace in traces]
    return render(CiReport("conform", "target mine.py", rulings, 1, ["tested: 9 runs"]))


def page(*traces: Trace) -> Page:
    return Page(html(*traces))
