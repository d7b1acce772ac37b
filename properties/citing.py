"""Where a sentence stands, as its reader finds it: the page's title, and the words that it opens with.

Properties name a page by the file that it is in here, which a user does not have. ``cited.toml`` is drawn
from the specification by ``python -m chimneysweep.audit.chimney.cited_sentences SPEC``.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any

CITED = "cited.toml"


def where_said(name: str, page: str, heading: str) -> str:
    """Where the property *name* is said: ``Keepalive Timer: "If the offload target was ..."``.

    A page that is none of the specification's (an RFC, a user's own) is named as it is.
    """
    title, place = title_of(page), place_of(page, heading)
    opens = _cited()["opens"].get(name) if title != page else None
    return f'{place}: "{opens} ..."' if opens else place


def title_of(page: str) -> str:
    """The title of a page of the specification; another page is named as it is."""
    title: str = _cited()["titles"].get(page, page)
    return title


def place_of(page: str, heading: str) -> str:
    """A page's title and a heading on it, once if they are the same."""
    title = title_of(page)
    return f"{title}, {heading}" if heading and heading != title else title


@functools.cache
def _cited() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(CITED).read_text(encoding="utf-8"))
