"""What became of mutants, of whatever kind: how many are found, and why each of the others is not."""

from __future__ import annotations

import dataclasses
import functools
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

HERE = Path(__file__).parent
BROKEN, SAME, ALIKE = "broken", "same", "equivalent"
"""What becomes of one that makes nothing; of one that is the original, or another one; and of one that
differs in no state that can be reached."""
KEPT = "kept"
"""What becomes of a survivor that is proved to break nothing; of one of which nothing was found, it is ""."""
NO_STEP = "no step"
NO_FAULTS = ("equivalent", "lawful", NO_STEP)
"""Kinds of reasons of a survivor that breaks nothing; one of another kind does."""
MENDED = "mended"
KINDS = {
    "equivalent": "They do the same as the reference, as far as anybody outside can tell.",
    "lawful": "They do something else, and keep every rule.",
    NO_STEP: "They answer with a status that no such answer has: the model has no such step.",
    "gap": "They are faults, and are not found.",
    MENDED: "They are faults that were not found, and are since.",
    "": "Nobody has looked at them yet; they count as faults.",
}


class ToldMutant(Protocol):
    """A mutant as pages and files of reasons have it."""

    @property
    def key(self) -> str:
        """Tells it from all others."""
        ...

    @property
    def group(self) -> str:
        """The row of the table that it counts in."""
        ...

    @property
    def says(self) -> str:
        """What is changed."""
        ...

    @property
    def reason(self) -> dict[str, str]:
        """Why it is not found, ``kind`` and ``says``; empty if nobody has looked at it."""
        ...


M = TypeVar("M", bound=ToldMutant)


@functools.cache
def reasons(name: str, *keys: str) -> dict[tuple[str, ...], dict[str, str]]:
    """The reasons of a file, each by what it has of those keys."""
    told = tomllib.loads((HERE / name).read_text(encoding="utf-8")).get("survivor", [])
    return {tuple(r[key] for key in keys): r for r in told}


@dataclasses.dataclass(frozen=True)
class Score(Generic[M]):
    """What became of each mutant: one of the words above, "", or what it breaks."""

    became: dict[M, str]

    def of(self, *kinds: str) -> list[M]:
        """Those that became one of these."""
        return [mutant for mutant, became in self.became.items() if became in kinds]

    @property
    def survived(self) -> list[M]:
        """Those that nothing was found of."""
        return self.of(KEPT, "")

    @property
    def found(self) -> dict[M, str]:
        """The others that are a case of their own, with what they break."""
        others = (BROKEN, SAME, ALIKE, KEPT, "")
        return {mutant: became for mutant, became in self.became.items() if became not in others}

    @property
    def faults(self) -> list[M]:
        """Survivors that are nothing lawful, for all that is known."""
        return [mutant for mutant in self.survived if mutant.reason.get("kind") not in NO_FAULTS]

    @property
    def rate(self) -> float:
        """The share of those that are a fault which were found."""
        return self._rate(0)

    def _rate(self, mended: int) -> float:
        return (len(self.found) + mended) / max(1, len(self.found) + len(self.faults))

    def page(self, top: str, kinds: tuple[str, ...]) -> str:
        """The score below *top*, that of each group in a row, and each survivor with its reason."""
        groups: dict[str, dict[M, str]] = {}
        for mutant, became in self.became.items():
            groups.setdefault(mutant.group, {})[mutant] = became
        rows = [Score(groups[name])._row(name, kinds) for name in sorted(groups)]
        own = len(self.found) + len(self.survived)
        mended = sum(1 for mutant in self.survived if mutant.reason.get("kind") == MENDED)
        since = f" With the {mended} that are found since: {self._rate(mended):.1%}." if mended else ""
        parts = [
            top + "\n".join([*rows, self._row("all", kinds)]),
            f"Of {own} that are a case of their own {len(self.found)} are found, "
            f"{len(self.found) / max(1, own):.1%}; of those that are a fault, {self.rate:.1%}.{since}",
        ]
        for kind, says in KINDS.items():
            some = [mutant for mutant in self.survived if mutant.reason.get("kind", "") == kind]
            told = "\n".join(sorted(map(self._told, some)))
            if some:
                parts.append(f"## {kind.capitalize() or 'Not looked at'}: {len(some)}\n\n{says}\n\n{told}")
        return "\n\n".join(parts) + "\n"

    def _row(self, name: str, kinds: tuple[str, ...]) -> str:
        counts = [len(self.became), *(len(self.of(kind)) for kind in kinds), len(self.found)]
        return f"| {name} | {' | '.join(map(str, (*counts, len(self.survived), len(self.faults))))} |"

    def _told(self, mutant: M) -> str:
        kept = " Every claim is proved of it." if self.became[mutant] == KEPT else ""
        why = f"\n  {says}" if (says := mutant.reason.get("says")) else ""
        return f"- {mutant.says}.{kept}{why}"

    def data(self, kinds: tuple[str, ...]) -> dict[str, Any]:
        """The score for a program."""
        counts = {"made": len(self.became), **{kind: len(self.of(kind)) for kind in kinds}}
        survived = [str(mutant) for mutant in self.survived]
        return {**counts, "found": {str(m): b for m, b in self.found.items()}, "survived": survived}


class MutantJournal:
    """What became of mutants so far, kept in a file if there is one: what it has is not tried again."""

    def __init__(self, path: Path | None) -> None:
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        self._path = path
        self.known: dict[str, str] = dict(json.loads(line) for line in lines)

    def became(self, mutant: ToldMutant, tried: Callable[[], str], tell: Callable[[str], None]) -> str:
        """What became of one, which is *tried* if that is not known; of a survivor *tell* hears."""
        if mutant.key not in self.known:
            self.known[mutant.key] = tried()
            if self._path:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([mutant.key, self.known[mutant.key]]) + "\n")
        if self.known[mutant.key] in (KEPT, ""):
            tell(f"survives: {mutant}")
        return self.known[mutant.key]
