"""A catalogue of one record about an invented page, and what its tests change in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from chimneysweep.audit.chimney.clause_records import Clause, Group, Passage, load
from chimneysweep.audit.chimney.sentences import split

PAGE = "pages/toy.md"
TEXT = """# Toy

The target must answer (see RFC 1). It answers at once, e.g. within a second.

-   The host should
    wait.

| What | When |
| Always a value | never.The host waits |
"""
RECORD = """
[[clause]]
id = "toy.answer"
says = "Questions get answers."
binds = "target"
strength = "must"
formalised = "complete.answered"
places = [{ page = "pages/toy.md", heading = "Toy", fingerprint = "FINGERPRINT" }]
"""


def toy(tmp_path: Path, record: str = RECORD, fingerprint: str = "0" * 12) -> tuple[Group, ...]:
    """A catalogue of one group with one record."""
    head = f'title = "Toy"\npages = ["{PAGE}"]\n'
    text = head + record.replace("FINGERPRINT", fingerprint)
    (tmp_path / "toy.toml").write_text(text, encoding="utf-8")
    return load(tmp_path)


def toy_clause(**changes: object) -> Group:
    """A group with the toy record, changed."""
    place = Passage(PAGE, "Toy", split(PAGE, TEXT)[1].fingerprint)
    clause = Clause("toy.a", "Says it.", "target", "must", "formalised", "complete.answered", (place,))
    return Group("toy", "Toy", (PAGE,), (dataclasses.replace(clause, **changes),))  # type: ignore[arg-type]


def without(groups: Iterable[Group], name: str) -> tuple[Group, ...]:
    """The groups without one record."""
    return tuple(dataclasses.replace(g, clauses=tuple(c for c in g.clauses if c.id != name)) for g in groups)
