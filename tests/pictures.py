"""The pictures in the README: a finding told in a terminal, and its page in a browser; and ten findings.

python tests/pictures.py      makes all anew, with the Chromium that the tests use
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from house import ROOT
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from chimneysweep.counterexamples.exports.ci_report import of_trace
from chimneysweep.counterexamples.page import document
from chimneysweep.counterexamples.render import render
from chimneysweep.counterexamples.short import short
from chimneysweep.counterexamples.storage import load
from chimneysweep.counterexamples.trace import Trace

IMAGES = ROOT / "docs" / "images"
STORY, PAGE = IMAGES / "story.svg", IMAGES / "page.png"
SHOWN = ROOT / "counterexamples" / "corpus" / "snd.una.a728caeb.json"
"""The finding in the pictures: a driver in C, its SndUna taken from the wrong variable."""


def story(trace: Trace) -> str:
    """The story as a terminal shows it, an SVG that fetches no font."""
    console = Console(
        file=io.StringIO(),
        width=88,
        record=True,
        force_terminal=True,
        color_system="truecolor",
    )
    render(trace, console)
    form = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.S)
    return console.export_svg(title="chimneysweep show", theme=MONOKAI, code_format=form, unique_id="story")


TEN = ROOT / "docs" / "findings.md"
RULES = (
    "chain.coverage",
    "chain.not-completed",
    "snd.una",
    "status.placeholder",
    "complete.same-tree",
    "receive.kept",
    "send-complete.bytes",
    "guarantee.send-in-order",
    "wire.within-window",
    "target.memory",
)
TOP = 12
"""Lines of a story that are enough for a reader who has ten seconds."""


def ten_findings() -> str:
    """A page with the first lines of ten findings that come along, each as `show` tells it."""
    parts = [
        "# Ten findings",
        "`python tests/pictures.py` writes this page: of each finding the first twelve lines, as\n"
        "`chimneysweep show` tells them at 80 columns: the rule, what was wanted and found, the line of the\n"
        "driver, and the bytes or the tree.",
    ]
    for rule in RULES:
        file = min((ROOT / "counterexamples" / "corpus").glob(f"{rule}.*.json"))
        told = "\n".join(line.text.rstrip() for line in short(load(file), 80)[:TOP])
        parts.append(f"## {rule}\n\n```\n{told.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def photograph(file: Path, image: Path) -> None:
    """A picture of a page as Chromium shows it."""
    from chromium import opened

    with opened(viewport={"width": 1560, "height": 1130}) as page:
        page.goto(file.as_uri())
        page.screenshot(path=image)


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    shown = load(SHOWN)
    STORY.write_text(story(shown), encoding="utf-8")
    TEN.write_text(ten_findings(), encoding="utf-8")
    page = PAGE.with_suffix(".html")
    page.write_text(document.render(of_trace(shown)), encoding="utf-8")
    photograph(page, PAGE)
    page.unlink()
