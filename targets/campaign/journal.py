"""What came of each run of a search, kept in an SQLite file as it comes: who is killed goes on where it was.

A run depends on the seed and on what the runs before it reached, so a search that is told what came of them
goes on as if it had never ended. What is kept is plain data; nothing of it is ever run.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...counterexamples.trace import Violation
from ..chimney.notes import Mark
from ..chimney.scenario import Scenario
from ..judging.monitor import Breach
from ..machine.cache import digest
from ..machine.refusal import BadTarget
from ..running.outcome import Death, Outcome

TABLES = """
CREATE TABLE IF NOT EXISTS plan (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS runs (number INTEGER PRIMARY KEY, scenario TEXT NOT NULL, outcome TEXT NOT NULL);
"""
SEED = "seed"


class Journal:
    """The file, for a search with a *plan*: what has to be the same for its runs to be the same."""

    def __init__(self, file: Path, plan: Mapping[str, str]) -> None:
        """Open it, or begin it. Raises BadTarget for a file that is none, or one of another plan."""
        self.file = file
        try:
            self.table = sqlite3.connect(file, isolation_level=None)
            self.table.executescript(f"PRAGMA journal_mode=WAL; {TABLES}")
            known = dict(self.table.execute("SELECT name, value FROM plan"))
        except sqlite3.Error as error:
            raise BadTarget(f"{file} cannot be a journal: {error}") from None
        self.known = {**plan, **known}
        other = sorted(name for name, value in plan.items() if name != SEED and self.known[name] != value)
        if other:
            raise BadTarget(
                f"{file} keeps another search ({', '.join(other)} is not the same); name a new file"
            )
        self.table.executemany("INSERT OR IGNORE INTO plan VALUES (?, ?)", self.known.items())

    @property
    def seed(self) -> int:
        """The seed of the search."""
        return int(self.known[SEED])

    def runs(self, first: int, scenarios: Sequence[Scenario]) -> list[Outcome | None]:
        """What came of the runs with the numbers from *first* on; None for those still to be made."""
        rows = self.table.execute(
            "SELECT number, scenario, outcome FROM runs WHERE number >= ? AND number < ?",
            (first, first + len(scenarios)),
        )
        found = {number: (scenario, outcome) for number, scenario, outcome in rows}
        return list(self._each(found, first, scenarios))

    def _each(
        self, found: Mapping[int, tuple[str, str]], first: int, scenarios: Sequence[Scenario]
    ) -> Iterator[Outcome | None]:
        for number, scenario in enumerate(scenarios, first):
            if number not in found:
                yield None
                continue
            kept, outcome = found[number]
            if kept != _text(scenario):
                raise BadTarget(f"{self.file} is the journal of another search: run {number} is another one")
            yield _outcome(json.loads(outcome))

    def note(self, number: int, scenario: Scenario, outcome: Outcome) -> None:
        """A run was made. It is in the file when this returns."""
        row = (number, _text(scenario), json.dumps(_data(outcome)))
        self.table.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self.table.close()


def plan(spec: str, seed: int, more: Mapping[str, object]) -> dict[str, str]:
    """The plan of a search: the target and what it is made of, the seed, what *more* a run depends on."""
    path = Path(spec.rpartition(":")[0] or spec)
    files = sorted(path.rglob("*.[ch]")) if path.is_dir() else [path] if path.is_file() else []
    made_of = digest(*(file.read_bytes() for file in files))
    return {"target": spec, SEED: str(seed), "text": made_of, **{k: repr(v) for k, v in more.items()}}


def _text(scenario: Scenario) -> str:
    return json.dumps(scenario.to_json(), sort_keys=True)


def _data(outcome: Outcome) -> dict[str, Any]:
    return {
        "breaches": {name: breach.steps for name, breach in outcome.breaches.items()},
        "reached": sorted(outcome.reached),
        "happened": list(outcome.happened),
        "calls": outcome.calls,
        "death": outcome.death and dataclasses.astuple(outcome.death),
        "ran": list(outcome.ran),
        "states": sorted(outcome.states),
        "marks": outcome.marks,
    }


def _outcome(data: Mapping[str, Any]) -> Outcome:
    breaches = {
        name: Breach(steps, Violation(name, "", "", "", "", ())) for name, steps in data["breaches"].items()
    }
    death = data["death"] and Death(data["death"][0], data["death"][1], tuple(data["death"][2]))
    marks = tuple(
        tuple(Mark(tuple(sends), tuple(receives)) for sends, receives in one) for one in data["marks"]
    )
    reached, happened = frozenset(data["reached"]), tuple(data["happened"])
    ran, states = tuple(data["ran"]), frozenset(data["states"])
    return Outcome(
        breaches, reached, happened, data["calls"], death=death or None, ran=ran, states=states, marks=marks
    )
