"""The pictures in the README show what is told today."""

from __future__ import annotations

import dataclasses

from pictures import IMAGES, PAGE, ROOT, SHOWN, STORY, story

from chimneysweep.counterexamples.storage import load


def test_the_picture_of_the_story_is_what_is_told_now() -> None:
    """`make pictures` makes it anew."""
    assert STORY.read_text(encoding="utf-8") == story(load(SHOWN))


def test_another_story_has_another_picture() -> None:
    assert story(dataclasses.replace(load(SHOWN), target="another")) != STORY.read_text(encoding="utf-8")


def test_the_readme_shows_every_picture_and_they_are_small() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {STORY, PAGE} == set(IMAGES.iterdir())
    for image in (STORY, PAGE):
        assert f"](docs/images/{image.name})" in readme
        assert image.stat().st_size < 300_000
