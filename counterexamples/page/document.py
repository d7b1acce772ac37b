"""Findings as one HTML page that needs nothing else: no network, no server, no library.

What is on it is made here; ``document.html`` and its neighbors say how it reads. Without the script
the steps are shown one below the other. Each trace lies in the page as data, to be saved and replayed.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ...properties.subject import Subject
from ...version import __version__
from ..drawing import Drawings
from ..exports.ci_report import CiReport, RuleResult
from ..harmless import harmless
from ..short import Fact, rule, told_place, what, where
from ..storage import to_json
from ..story import bewares, drawn, headline, kind_of, lies, odd_values, witnesses
from ..trace import Step
from .pictured import arrow, pictured

MOST_DRAWN = 300
"""Of a longer trace so many last states are drawn; the steps before are told in words."""
MOST_WIDTH = 120
"""Columns for what is told in characters."""


def render(report: CiReport, subject: Subject | None = None) -> str:
    """The whole page. Without *subject* each trace's own is loaded; where it cannot be, the page says so."""
    environment = _environment()
    script, style = (Markup(_file(name)) for name in ("stepping.js", "style.css"))
    shown = [ruling for ruling in report.rulings if ruling.came == "broken" or ruling.trace]
    return environment.get_template("document.html").render(
        title=report.title.removeprefix(f"chimneysweep {report.command}, "),
        rests_on=report.rests_on,
        findings=[_view(k, ruling, subject) for k, ruling in enumerate(shown, 1)],
        others=[ruling for ruling in report.rulings if ruling not in shown],
        version=__version__,
        script=script,
        style=style,
        script_hash=_hash(script),
        style_hash=_hash(style),
    )


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls a script or style of this text by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    """Templates that escape what they are given, and show characters that drive a terminal or hide text."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    found.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return found


def _shown(value: Any) -> Any:
    return value if isinstance(value, Markup) or not isinstance(value, str) else harmless(value)


def _view(number: int, ruling: RuleResult, subject: Subject | None) -> dict[str, Any]:
    """A finding as its template takes it."""
    view: dict[str, Any] = {
        "id": f"finding-{number}",
        "notes": [Fact(*note) for note in ruling.notes],
        "nearest": [line.text for line in ruling.nearest.lines(MOST_WIDTH)] if ruling.nearest else [],
        "trace": None,
    }
    if ruling.trace is None:
        facts = [Fact("found", ruling.message, "broken"), Fact("said in", ruling.rule.said_in)]
        return view | {"title": f"{ruling.rule.name}: {ruling.rule.says}", "facts": facts}
    trace = ruling.trace
    drawings, missing = drawn(trace, MOST_WIDTH, subject)
    place, at = told_place(trace)
    title = kind_of(trace) + headline(trace)
    if ruling.came == "broken" and not ruling.breaks_it:
        title = f"{ruling.rule.name}: {ruling.rule.says}"
        view["notes"] = [Fact("found", ruling.message, "broken"), *view["notes"]]
    facts = [
        *what(drawings),
        *([Fact("at", at)] if place else []),
        *rule(drawings),
        *(Fact("beware", text, "broken") for text in bewares(trace, missing)),
        *([Fact("world", drawings.bounds.show())] if drawings.bounds else []),
    ]
    steps = [_step(k, step, drawings, k in ruling.needless) for k, step in enumerate(trace.steps, 1)]
    threads = list(dict.fromkeys(name for step in steps for name in step["about"]))
    return view | {
        "title": title,
        "facts": facts,
        "trace": to_json(trace),
        "place": place,
        "lanes": drawings.lanes,
        "steps": steps,
        "states": list(_states(drawings)),
        "threads": threads if len(threads) > 1 else [],
        "begins": _begins(drawings),
        "units": drawings.units,
        "witnesses": [line.text for line in witnesses(trace) if line.text],
    }


def _begins(drawings: Drawings) -> list[str]:
    lines = chain(drawings.at_the_start(), odd_values(drawings.trace)) if drawings.states else ()
    return [line.text.strip() for line in lines]


def _step(number: int, step: Step, drawings: Drawings, needless: bool) -> dict[str, Any]:
    course = drawings.course(step)
    return {
        "number": number,
        "needless": needless,
        "step": step,
        "says": step.says or step.action,
        "given": ", ".join(f"{name}={value}".lower() for name, value in step.parameters.items()),
        "changes": [*([f"the data lies {lies(step)}"] if lies(step) else []), *drawings.changes(number)],
        "where": where(step.at) if step.at else "",
        "about": drawings.about(step),
        "course": course,
        "arrow": arrow(course, drawings.lanes),
    }


def _states(drawings: Drawings) -> Iterator[dict[str, Any]]:
    """What there is to see at the start and after each step."""
    last = len(drawings.trace.steps)
    wrong = "; ".join(fact.text for fact in what(drawings) if fact.style == "broken")
    for number in range(last + 1):
        kept = last - number < MOST_DRAWN
        seen = list(drawings.panels(number)) if kept else []
        wrongs = [wrong if number == last and drawings.shows_it(panel) else "" for panel in seen]
        panels = [pictured(panel) | {"wrong": why} for panel, why in zip(seen, wrongs, strict=True)]
        yield {"number": number, "panels": panels, "drawn": kept}
