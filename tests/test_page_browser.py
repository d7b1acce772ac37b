"""The page of findings in a real browser, opened from disk: driven by keys, read aloud, printed, attacked."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest
from axe_playwright_python.sync_playwright import Axe
from exported import hostile
from pages_apart import CORPUS, html
from playwright.sync_api import Browser, Page
from sample_trace import sample

from chimneysweep.counterexamples.storage import load
from chimneysweep.counterexamples.trace import Trace

pytestmark = pytest.mark.skipif(chromium.PATH is None, reason=chromium.MISSING)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as found:
        yield found


class Opened:
    """A page opened from disk, with what it complained of and whatever it asked for besides itself."""

    def __init__(self, browser: Browser, file: Path, *traces: Trace, **context: Any) -> None:
        file.write_text(html(*traces), encoding="utf-8")
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
        self.context.set_default_timeout(120_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(file.as_uri())
        assert self.asked == [file.as_uri()]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self) -> tuple[str, list[str]]:
        """The current step, and the states that can be seen."""
        current = self.page.locator("[aria-current=step]")
        states = self.page.locator(".state:visible").all()
        return current.get_attribute("data-step") or "", [s.get_attribute("data-state") or "" for s in states]

    def closed(self) -> None:
        """Close it; it must have worked in silence."""
        assert self.complaints == []
        self.context.close()


def test_the_keys_step_through_a_finding(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", sample())
    last = str(len(sample().steps))
    assert opened.at() == (last, [last])
    for key, step in (
        ("Home", "0"),
        ("ArrowLeft", "0"),
        ("ArrowRight", "1"),
        ("ArrowDown", "2"),
        ("ArrowUp", "1"),
        ("End", last),
        ("ArrowRight", last),
    ):
        opened.press(key)
        assert opened.at() == (step, [step]), key
    assert opened.page.locator("output").inner_text() == f"step {last} of {last}"
    opened.closed()


def test_a_step_is_chosen_and_all_are_unfolded_by_keyboard_alone(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", sample())
    opened.page.get_by_role("button", name="Step 3", exact=True).focus()
    opened.press("Enter")
    assert opened.at() == ("3", ["3"])
    assert opened.page.locator("details[open]").count() == 0
    opened.page.get_by_role("button", name="Unfold all steps").focus()
    opened.press("Space")
    assert opened.page.locator("details[open]").count() == len(sample().steps)
    opened.closed()


def test_keys_step_through_the_finding_that_one_is_at(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", *(load(file) for file in CORPUS[:2]))
    opened.press("Home", "n", "Home", "ArrowRight")
    steps = opened.page.locator("[aria-current=step]").all()
    assert [row.get_attribute("data-step") for row in steps] == ["0", "1"]
    opened.press("p", "ArrowRight", "ArrowRight")
    assert [row.get_attribute("data-step") for row in steps] == ["2", "1"]
    opened.closed()


def two_connections() -> Trace:
    """The sample, whose third step is of the other connection."""
    steps = list(sample().steps)
    steps[2] = dataclasses.replace(steps[2], parameters={"conn": 1, "length": 1}, changes={})
    return dataclasses.replace(sample(), steps=steps)


def test_one_connection_can_be_looked_at_alone(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", two_connections())
    opened.page.get_by_label("Show").select_option("connection 1")
    rows = opened.page.locator("tr[data-step]:visible").all()
    shown = [row.get_attribute("data-step") for row in rows]
    assert "3" in shown
    assert "1" not in shown
    opened.page.locator("article").focus()
    opened.press("Home", "ArrowRight")
    assert opened.at() == ("3", ["3"])
    opened.page.get_by_label("Show").select_option("")
    assert opened.page.locator("tr[data-step]:visible").count() == len(sample().steps) + 1
    opened.closed()


def test_the_trace_is_saved_as_it_was(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", sample())
    with opened.page.expect_download() as saved:
        opened.page.get_by_role("button", name="Save the trace").click()
    saved.value.save_as(tmp_path / "t.json")
    assert load(tmp_path / "t.json") == sample()
    opened.closed()


def test_what_a_stranger_wrote_does_nothing(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", hostile())
    opened.press("Home", "ArrowRight")
    assert opened.page.evaluate("document.images.length === 0")
    assert "<script>alert(1)</script>" in opened.page.locator("h2").first.inner_text()
    opened.closed()


def test_a_script_that_is_not_ours_does_not_run(browser: Browser, tmp_path: Path) -> None:
    """The page's own policy refuses what would get past the escaping: planted here by hand."""
    opened = Opened(browser, tmp_path / "p.html", sample())
    planted = html(sample()).replace("</h1>", "</h1><script>window.hacked = 1</script>")
    (tmp_path / "planted.html").write_text(planted, encoding="utf-8")
    opened.page.goto((tmp_path / "planted.html").as_uri())
    assert opened.page.evaluate("window.hacked === undefined")
    assert any("Content Security Policy" in text for text in opened.complaints)
    opened.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_reader_can_read_it(browser: Browser, tmp_path: Path, scheme: str) -> None:
    traces = [load(file) for file in CORPUS if file.stem.startswith(("snd.una", "chain.order"))]
    opened = Opened(browser, tmp_path / "p.html", *traces, color_scheme=scheme, bypass_csp=True)
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    opened.page.evaluate("document.querySelector('h2').remove()")
    assert Axe().run(opened.page).violations_count > 0, "a finding without its heading is noticed"
    opened.closed()


def test_without_the_script_every_step_is_shown(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", sample(), java_script_enabled=False)
    assert opened.page.locator(".state:visible").count() == len(sample().steps) + 1
    assert opened.page.locator(".tools:visible").count() == 0
    opened.closed()


def test_on_paper_every_step_is_shown_and_unfolded(browser: Browser, tmp_path: Path) -> None:
    opened = Opened(browser, tmp_path / "p.html", sample())
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator(".state:visible").count() == len(sample().steps) + 1
    assert opened.page.locator("details:not([open])").count() == 0
    assert opened.page.locator(".tools:visible").count() == 0
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.page.locator(".state:visible").count() == 1
    opened.closed()


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_hangs_over_the_edge(browser: Browser, tmp_path: Path, width: int) -> None:
    opened = Opened(browser, tmp_path / "p.html", sample(), hostile())
    opened.page.set_viewport_size({"width": width, "height": 800})
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.closed()
