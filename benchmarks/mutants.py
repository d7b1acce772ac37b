"""How many one-line mutants of the C reference a plain `conform` finds.

The mutants come from universalmutator. One whose object code is the reference's, or another mutant's, is
no case of its own. A survivor has its reason in survivors.toml, or is one that nobody has looked at yet.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.native.compiler import COMMON, INCLUDE, STRICT
from chimneysweep.targets.machine.toolchain import Failed, find_compiler

SEED = 1
MUTATE = "mutate"
"""The command of universalmutator."""
REASONS = Path(__file__).with_name("survivors.toml")
NO_FAULTS = ("equivalent", "lawful")
"""Kinds of reasons of a survivor that breaks nothing; one of the kind "gap" does."""
BROKEN, SAME = "broken", "same"
"""What a mutant is that does not compile, and one that is no case of its own."""


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A file of the reference with one line changed: the line's number, as it was and as it is.

    ``key`` tells it from all others, and draws it; it is the same where other lines change. ``added``: it
    comes before the line that was there.
    """

    file: str
    line: int
    before: str
    after: str
    text: str
    key: str = ""
    added: bool = False

    def __str__(self) -> str:
        becomes = "+" if self.added else "->"
        return f"{self.file}:{self.line}: {self.before.strip()}  {becomes}  {self.after.strip()}"


@dataclasses.dataclass(frozen=True)
class Score:
    """What became of each mutant: ``broken``, ``same``, the properties that it breaks, or "": it survived."""

    became: dict[Mutant, str]

    def of(self, *kinds: str) -> list[Mutant]:
        """Those that became one of these."""
        return [mutant for mutant, became in self.became.items() if became in kinds]

    @property
    def survived(self) -> list[Mutant]:
        """Those that nothing was found of."""
        return self.of("")

    @property
    def found(self) -> dict[Mutant, str]:
        """The others that are a case of their own, with what they break."""
        return {mutant: became for mutant, became in self.became.items() if became not in (BROKEN, SAME, "")}

    @property
    def faults(self) -> list[Mutant]:
        """Survivors that are no lawful drivers, for all that is known."""
        return [mutant for mutant in self.survived if reason(mutant).get("kind") not in NO_FAULTS]

    @property
    def rate(self) -> float:
        """The share of those that are a fault which were found."""
        return len(self.found) / max(1, len(self.found) + len(self.faults))


@functools.cache
def _reasons() -> dict[tuple[str, str, str], dict[str, str]]:
    told = tomllib.loads(REASONS.read_text(encoding="utf-8"))["survivor"]
    return {(r["file"], r["before"], r["after"]): r for r in told}


def reason(mutant: Mutant) -> dict[str, str]:
    """Why a mutant is not found, ``kind`` and ``says``; empty for one that nobody has looked at."""
    return _reasons().get((mutant.file, mutant.before.strip(), mutant.after.strip()), {})


def mutants(file: Path, folder: Path) -> Iterator[Mutant]:
    """Every mutant of a C file that universalmutator makes. Raises RuntimeError if it is not installed."""
    command = shutil.which(MUTATE, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if command is None:
        raise RuntimeError("there is no universalmutator: pip install 'chimneysweep[bench]'")
    done = [command, str(file), "c", "--noCheck", "--mutantDir", str(folder)]
    subprocess.run(done, check=True, capture_output=True, cwd=folder)
    original = file.read_text(encoding="utf-8").splitlines()
    seen: Counter[str] = Counter()
    for path in sorted(folder.glob(f"{file.stem}.mutant.*.c")):
        text = path.read_text(encoding="utf-8")
        changed = text.splitlines()
        pairs = zip(original, changed, strict=False)
        at = next((k for k, (was, now) in enumerate(pairs) if was != now), None)
        if at is not None:
            what = f"{SEED} {file.name} {original[at].strip()} {changed[at].strip()}"
            seen[what] += 1
            key = hashlib.sha256(f"{what} {seen[what]}".encode()).hexdigest()
            added = len(changed) > len(original)
            yield Mutant(file.name, at + 1, original[at], changed[at], text, key, added)


def sampled(count: int) -> list[Mutant]:
    """So many mutants of the reference, in the order of a draw that is the same each time; 0: all of them."""
    found: list[Mutant] = []
    for file in sorted(REFERENCE.glob("*.c")):
        with tempfile.TemporaryDirectory() as folder:
            found += mutants(file, Path(folder))
    return sorted(found, key=lambda mutant: mutant.key)[: count or None]


def _object(mutant: Mutant) -> str:
    """What tells the code that the compiler makes of it; "" if it makes none."""
    with tempfile.TemporaryDirectory() as name:
        source, made = Path(name) / mutant.file, Path(name) / "made.o"
        source.write_text(mutant.text, encoding="utf-8")
        flags = [flag for flag in COMMON if flag != "-g"]
        flags += ["-D__LINE__=0", '-D__FILE__=""', "-Wno-builtin-macro-redefined"]  # a call tells its place
        try:
            find_compiler().run(
                [*flags, *STRICT, "-O2", f"-I{INCLUDE}", f"-I{REFERENCE}", "-c", str(source), "-o", str(made)]
            )
        except Failed:
            return ""
        return hashlib.sha256(made.read_bytes()).hexdigest()


def _played(mutant: Mutant) -> str:
    """The properties that it breaks, by a plain conform whose findings are not made small; "" for none."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mutant"
        shutil.copytree(REFERENCE, folder)
        (folder / mutant.file).write_text(mutant.text, encoding="utf-8")
        command = [sys.executable, __file__, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"refused: {done.stderr.strip()[-200:]}"
        return ", ".join(json.loads(done.stdout))


def score(
    count: int, tell: Callable[[str], None], workers: int = os.cpu_count() or 1, journal: Path | None = None
) -> Score:
    """Try a sample of so many mutants (0: all). A *journal* is told of each; what it has is not redone."""
    lines = journal.read_text(encoding="utf-8").splitlines() if journal and journal.exists() else []
    known: dict[str, str] = dict(json.loads(line) for line in lines)
    codes = {_object(Mutant(f.name, 0, "", "", f.read_text(encoding="utf-8"))) for f in REFERENCE.glob("*.c")}
    became: dict[Mutant, Callable[[], str]] = {}

    def played(mutant: Mutant) -> str:
        broke = known[mutant.key] if mutant.key in known else _played(mutant)
        if not broke:
            tell(f"survives: {mutant}")
        return _noted(mutant, broke)

    def _noted(mutant: Mutant, broke: str) -> str:
        if journal and mutant.key not in known:
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps([mutant.key, broke]) + "\n")
        return broke

    with ThreadPoolExecutor(workers) as pool:
        for mutant in sampled(count):
            code = "" if known.get(mutant.key) == BROKEN else _object(mutant)
            if not code:
                became[mutant] = functools.partial(str, _noted(mutant, BROKEN))
            elif code in codes:
                became[mutant] = lambda: SAME
            else:
                became[mutant] = pool.submit(played, mutant).result
            codes.add(code)
    return Score({mutant: result() for mutant, result in became.items()})


def known(journal: Path) -> Score:
    """What a journal has of the mutants of the reference as it is now."""
    told = dict(json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines())
    return Score({mutant: told[mutant.key] for mutant in sampled(0) if mutant.key in told})


TOP = """# Mutants of the C reference

A maintained mutation tool changes one line of the C reference at a time; a plain `conform` is made on each.
{origin}
The mutants are drawn from all that there are, over all files and operators. What survived a draw before was
mended where it could be, so that another draw may do worse.

| file | made | do not compile | no case of their own | found | survive | of these a fault |
| --- | --- | --- | --- | --- | --- | --- |
"""
AT_ONCE = """This page is written by

    make bench ARGS="--only mutants --mutants {count} --page docs/mutants.md"

which takes some seconds for each; `--journal FILE` goes on where it ended.
"""
FROM_A_JOURNAL = """**This page cannot be made again**: it tells what the file of `--journal` had
after several draws, with results of earlier versions of the checker (`--played`). A draw that anybody can
make is

    make bench ARGS="--only mutants --mutants {count}"

which takes some seconds for each.
"""
KINDS = {
    "equivalent": "They do the same as the reference, as far as anybody outside can tell.",
    "lawful": "They do something else, and keep every rule.",
    "gap": "They are faults, and are not found.",
    "": "Nobody has looked at them yet; they count as faults.",
}


def page(found: Score, played: bool = False) -> str:
    """The score, and each survivor with its reason. *played*: a journal has it, of whatever time."""
    total = [_row("all", found)]
    files = sorted({mutant.file for mutant in found.became})
    rows = [
        _row(file, Score({m: b for m, b in found.became.items() if m.file == file})) for file in files
    ] + total
    origin = (FROM_A_JOURNAL if played else AT_ONCE).format(count=len(found.became))
    parts = [TOP.format(origin=origin) + "\n".join(rows)]
    own = len(found.found) + len(found.survived)
    parts.append(
        f"Of {own} that are a case of their own {len(found.found)} are found, "
        f"{len(found.found) / max(1, own):.1%}; of those that are a fault, {found.rate:.1%}."
    )
    for kind, says in KINDS.items():
        survivors = [mutant for mutant in found.survived if reason(mutant).get("kind", "") == kind]
        if survivors:
            parts += [
                f"## {kind.capitalize() or 'Not looked at'}: {len(survivors)}\n\n{says}",
                _told(survivors),
            ]
    return "\n\n".join(parts) + "\n"


def _row(name: str, part: Score) -> str:
    counts = (len(part.became), len(part.of(BROKEN)), len(part.of(SAME)), len(part.found))
    return f"| {name} | {' | '.join(map(str, (*counts, len(part.survived), len(part.faults))))} |"


def _told(survivors: Sequence[Mutant]) -> str:
    lines: list[str] = []
    for mutant in sorted(survivors, key=lambda m: (m.file, m.line)):
        was, now = mutant.before.strip(), mutant.after.strip()
        said = f"before `{was}` comes `{now}`" if mutant.added else f"`{was}` becomes `{now or 'nothing'}`"
        lines.append(f"- {mutant.file}, line {mutant.line}: {said}.")
        if says := reason(mutant).get("says"):
            lines.append(f"  {says}")
    return "\n".join(lines)


def data(found: Score) -> dict[str, Any]:
    """The score for a program."""
    counts = {"made": len(found.became), "broken": len(found.of(BROKEN)), "same": len(found.of(SAME))}
    survived = [str(mutant) for mutant in found.survived]
    return {**counts, "found": {str(m): b for m, b in found.found.items()}, "survived": survived}


if __name__ == "__main__":
    report = conform(sys.argv[1], Options(seed=SEED, shrink=False))
    names = [trace.violation.property for trace in report.findings if trace.violation]
    print(json.dumps(names or ["unstable"] * bool(report.findings)))
