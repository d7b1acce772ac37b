"""The pictures in the README: how a finding is told in a terminal, and how its page looks in a browser.

python tests/pictures.py      makes both anew, with the Chromium that the tests use
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
    page = PAGE.with_suffix(".html")
    page.write_text(document.render(of_trace(shown)), encoding="utf-8")
    photograph(page, PAGE)
    page.unlink()
