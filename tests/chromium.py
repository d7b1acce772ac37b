"""A headless Chromium that talks to nobody, where one is installed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PATH = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "no chromium, chromium-browser or google-chrome is installed"
OFFLINE = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=list(OFFLINE))
        yield browser
        browser.close()


@contextmanager
def opened(**context: Any) -> Iterator[Page]:
    with launched() as browser:
        yield browser.new_context(**context).new_page()
