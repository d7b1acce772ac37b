"""A campaign in an SQLite file: its plan, what came of each run as it comes, how far it is, its report.

A run depends on the seed and on what the runs before it reached, so a campaign that is told what came of them
goes on as if it had never ended, whoever was killed meanwhile. What is kept is plain data; nothing of it is
ever run. One process writes; others may read at the same time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ...counterexamples.trace import Violation
from ..chimney.notes import StreamMark
from ..chimney.scenario import Scenario
from ..judging.monitor import Breach
from ..machine.folder import held
from ..machine.refusal import BadTarget
from ..running.outcome import Death, Outcome

Read = TypeVar("Read")
FORMAT = 2
"""The version of what is in the file."""
MAGIC = 0x43685377
"""What SQLite calls the application id: "ChSw"."""
TABLES = f"""
BEGIN;
CREATE TABLE recorded (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE runs (scenario TEXT PRIMARY KEY, outcome BLOB NOT NULL);
PRAGMA application_id={MAGIC};
PRAGMA user_version={FORMAT};
COMMIT;
"""
PLAN, STATE, REPORT = "plan", "state", "report"
"""What is recorded in the first table: each as JSON."""
GROWS = ("runs", "all", "workers", "cluster")
"""Of a plan, what may be another when the campaign goes on."""


class Journal:
    """The file. Raises BadTarget, whatever is wrong with it."""

    def __init__(self, file: Path, writes: bool) -> None:
        """Open a file that is there; *writes*: hold it as well, so that nobody else goes on with it."""
        self.file = file
        self.holds = -1
        self.alone = threading.RLock()  # several threads of an exploration ask
        if not file.is_file():
            raise BadTarget(f"there is no journal {file}; `chimneysweep campaign run` begins one")
        with self._reading():
            place = f"{file.resolve().as_uri()}?mode={'rw' if writes else 'ro'}"
            self.table = sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False)
            self._look(writes)

    @classmethod
    def begin(cls, file: Path, plan: Mapping[str, Any]) -> Journal:
        """Open it to write, or make it, for a campaign with this *plan*: of what its runs depend."""
        if not file.exists() or not file.stat().st_size:  # so a file of mktemp will do
            _make(file, plan)
        journal = cls(file, writes=True)
        try:
            journal._goes_on(plan)
        except BaseException:
            journal.close()
            raise
        return journal

    def _look(self, writes: bool) -> None:
        """Whether it is one of ours, whole, and nobody else's."""
        (magic,), (version,) = (
            self.table.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
        )
        if magic != MAGIC:
            raise BadTarget(f"{self.file} cannot be a journal: it is a database of something else")
        if version != FORMAT:
            newer = "a newer" if version > FORMAT else "an older"
            raise BadTarget(
                f"{self.file} was written by {newer} chimneysweep (format {version}; here it is {FORMAT})"
            )
        if (found := self.table.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
            raise sqlite3.DatabaseError(found[0])
        if writes:
            self.holds = held(_lock(self.file))
            if self.holds < 0 and os.name == "posix":
                raise BadTarget(f"{self.file} is being written: its campaign runs in another process")
            self.table.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL")

    def _goes_on(self, plan: Mapping[str, Any]) -> None:
        known = self.recorded(PLAN)
        other = [name for name in plan if name not in (*GROWS, "seed") and known.get(name) != plan[name]]
        if other:
            raise BadTarget(
                f"{self.file} keeps another search ({', '.join(sorted(other))} is not the same); "
                "name a new file"
            )
        if plan["seed"] not in (None, known["seed"]):
            raise BadTarget(f"{self.file} is the journal of a search with the seed {known['seed']}")
        self.record(PLAN, {**plan, "seed": known["seed"]})

    def read(self, make: Callable[[], Read]) -> Read:
        """What *make* makes of what was recorded. Raises BadTarget if that is not what we write."""
        with self._reading():
            return make()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with self.alone:
                yield
        except (sqlite3.Error, ValueError, KeyError, TypeError, zlib.error) as error:
            raise BadTarget(f"{self.file} cannot be a journal, or is damaged: {error}") from None

    @property
    def runs_now(self) -> bool:
        """Whether a process writes it at this moment."""
        if not _lock(self.file).exists():
            return False
        number = held(_lock(self.file))
        if number >= 0:
            os.close(number)
        return number < 0

    # -- what is recorded --------------------------------------------------------------------------

    def recorded(self, name: str) -> Any:
        """What was recorded under a name, as JSON data; an empty dict if nothing was."""
        with self._reading():
            row = self.table.execute("SELECT value FROM recorded WHERE name = ?", (name,)).fetchone()
            return json.loads(row[0]) if row else {}

    def record(self, name: str, data: Any) -> None:
        """Keep JSON data under a name."""
        with self._reading():
            self.table.execute("INSERT OR REPLACE INTO recorded VALUES (?, ?)", (name, json.dumps(data)))

    # -- runs --------------------------------------------------------------------------------------

    def outcome(self, scenario: Scenario, timeout: float | None) -> Outcome | None:
        """What came of a run; None if it is still to be made."""
        with self._reading():
            text = self.kept(_text(scenario, timeout))
            return outcome_from(json.loads(text)) if text else None

    def note(self, scenario: Scenario, timeout: float | None, outcome: Outcome) -> None:
        """A run was made. It is in the file when this returns."""
        self.keep(_text(scenario, timeout), json.dumps(outcome_data(outcome)))

    def kept(self, asked: str) -> str:
        """What came of something else that was asked, as it was kept; "" if nothing was."""
        with self._reading():
            row = self.table.execute("SELECT outcome FROM runs WHERE scenario = ?", (asked,)).fetchone()
            return zlib.decompress(row[0]).decode() if row else ""

    def keep(self, asked: str, told: str) -> None:
        """What was asked has been told. It is in the file when this returns."""
        row = (asked, zlib.compress(told.encode(), 1))
        with self._reading():
            self.table.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self.table.close()
        if self.holds >= 0:
            _lock(self.file).unlink(missing_ok=True)
            os.close(self.holds)
            self.holds = -1


def _lock(file: Path) -> Path:
    """What is locked: not the database itself, in which SQLite has locks of its own."""
    return file.with_name(f".{file.name}.held")


def _make(file: Path, plan: Mapping[str, Any]) -> None:
    """A new journal appears whole, with its plan, or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as table:
            table.executescript(TABLES)
            table.execute("INSERT INTO recorded VALUES (?, ?)", (PLAN, json.dumps(plan)))
        os.replace(draft, file)
    except (sqlite3.Error, OSError) as error:
        raise BadTarget(f"{file} cannot be a journal: {error}") from None
    finally:
        draft.unlink(missing_ok=True)


def _text(scenario: Scenario, timeout: float | None) -> str:
    return json.dumps([scenario.to_json(), timeout] if timeout else scenario.to_json(), sort_keys=True)


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """What came of a run, as JSON data; of what broke only after how many steps."""
    return {
        "breaches": {name: breach.steps for name, breach in outcome.breaches.items()},
        "reached": sorted(outcome.reached),
        "happened": list(outcome.happened),
        "calls": outcome.calls,
        "death": outcome.death and dataclasses.astuple(outcome.death),
        "ran": list(outcome.ran),
        "states": sorted(outcome.states),
        "marks": outcome.marks,
        "points": outcome.points,
    }


def outcome_from(data: Mapping[str, Any]) -> Outcome:
    """What :func:`outcome_data` made."""
    breaches = {
        name: Breach(steps, Violation(name, "", "", "", "", ())) for name, steps in data["breaches"].items()
    }
    death = data["death"] and Death(data["death"][0], data["death"][1], tuple(data["death"][2]))
    marks = tuple(
        tuple(StreamMark(tuple(sends), tuple(receives)) for sends, receives in one) for one in data["marks"]
    )
    reached, happened = frozenset(data["reached"]), tuple(data["happened"])
    ran, states = tuple(data["ran"]), frozenset(data["states"])
    found = Outcome(breaches, reached, happened, data["calls"], death=death or None, ran=ran, states=states)
    points = tuple(data["points"]) if data.get("points") else None
    return dataclasses.replace(found, marks=marks, points=points)
