"""What a journal keeps, for tests that kill who writes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def rows(file: Path) -> int:
    with sqlite3.connect(file) as table:
        (number,) = table.execute("SELECT count(*) FROM runs").fetchone()
    table.close()
    return int(number)
