"""The pictures in the README show what is told today."""

from __future__ import annotations

import dataclasses

from pictures import IMAGES, PAGE, ROOT, RULES, SHOWN, STORY, TEN, story, ten_findings

from chimneysweep.counterexamples.storage import load


def test_the_picture_of_the_story_is_what_is_told_now() -> None:
    """`make pictures` makes it anew."""
    assert STORY.read_text(encoding="utf-8") == story(load(SHOWN))


def test_ten_findings_stand_in_the_docs_as_they_are_told_now() -> None:
    """`python tests/pictures.py` writes the page anew."""
    assert TEN.read_text(encoding="utf-8") == ten_findings()
    assert len(RULES) == 10
    assert ten_findings().count("COUNTEREXAMPLE: ") == 10


def test_another_story_has_another_picture() -> None:
    assert story(dataclasses.replace(load(SHOWN), target="another")) != STORY.read_text(encoding="utf-8")


def test_the_readme_shows_every_picture_and_they_are_small() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {STORY, PAGE} == set(IMAGES.iterdir())
    for image in (STORY, PAGE):
        assert f"](docs/images/{image.name})" in readme
        assert image.stat().st_size < 300_000
