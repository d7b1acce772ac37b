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
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from survivors import BROKEN, SAME, MutantJournal, Score, reasons

from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.native.compiler import COMMON, INCLUDE, STRICT
from chimneysweep.targets.machine.toolchain import CompilerFailed, find_compiler

SEED = 1
"""Of a draw if none is given, and of every conform."""
MUTATE = "mutate"
"""The command of universalmutator."""
REASONS = "survivors.toml", "file", "before", "after"
"""Why mutants survive: the file, and what there tells one from another."""
NO_CASE = (BROKEN, SAME)
AIM = 400
"""So many mutants that are a case of their own tell something of the whole."""


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

    @property
    def group(self) -> str:
        """The file."""
        return self.file

    @property
    def says(self) -> str:
        """What is changed where."""
        was, now = self.before.strip(), self.after.strip()
        said = f"before `{was}` comes `{now}`" if self.added else f"`{was}` becomes `{now or 'nothing'}`"
        return f"{self.file}, line {self.line}: {said}"

    @property
    def reason(self) -> dict[str, str]:
        """Why it is not found, ``kind`` and ``says``; empty if nobody has looked at it."""
        return reasons(*REASONS).get((self.file, self.before.strip(), self.after.strip()), {})


def mutants(file: Path, folder: Path, seed: int = SEED) -> Iterator[Mutant]:
    """Every mutant of a C file that universalmutator makes, *seed* in its key.

    Raises RuntimeError if that is not installed.
    """
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
            what = f"{seed} {file.name} {original[at].strip()} {changed[at].strip()}"
            seen[what] += 1
            key = hashlib.sha256(f"{what} {seen[what]}".encode()).hexdigest()
            added = len(changed) > len(original)
            yield Mutant(file.name, at + 1, original[at], changed[at], text, key, added)


def sampled(count: int, seed: int) -> list[Mutant]:
    """So many mutants of the reference, in the order of the draw of that seed; 0: all of them."""
    found: list[Mutant] = []
    for file in sorted(REFERENCE.glob("*.c")):
        with tempfile.TemporaryDirectory() as folder:
            found += mutants(file, Path(folder), seed)
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
        except CompilerFailed:
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


@dataclasses.dataclass(frozen=True)
class Again:
    """What is played again of what a journal has: all that survived, and some of those that were *found*."""

    survived: int
    found: Sequence[Mutant]

    @staticmethod
    def of(known: MutantJournal, drawn: Sequence[Mutant], some: int) -> Again:
        """So many that were found; the journal forgets them, and those that survived."""
        played = [m for m in drawn if known.known.get(m.key, BROKEN) != BROKEN]
        survived = [m for m in played if not known.known[m.key]]
        rest = [m for m in played if known.known[m.key]]
        found = rest[:: max(1, len(rest) // max(1, some))][:some]
        for mutant in (*survived, *found):
            del known.known[mutant.key]
        return Again(len(survived), found)

    def says(self, score: Score[Mutant]) -> str:
        """What was played when, for a page."""
        missed = sum(mutant not in score.found for mutant in self.found)
        return (
            f"\nThe {self.survived} that had survived were played again with the checker of this page, and "
            f"so were {len(self.found)}\nof those that had been found: of these {missed} are not found now. "
            "What is told of the rest is of\na run of before: "
            f"`--journal FILE --again {len(self.found)}` does so; without it all are played.\n"
        )


def score(
    count: int,
    tell: Callable[[str], None],
    workers: int = os.cpu_count() or 1,
    journal: Path | None = None,
    seed: int = SEED,
    drawn: Sequence[Mutant] = (),
    known: MutantJournal | None = None,
) -> Score[Mutant]:
    """Try a sample of so many mutants (0: all). A *journal* is told of each; what it has is not redone.

    *drawn*, *known*: the sample and the journal, where there are some already.
    """
    known = known or MutantJournal(journal)
    codes = {_object(Mutant(f.name, 0, "", "", f.read_text(encoding="utf-8"))) for f in REFERENCE.glob("*.c")}
    became: dict[Mutant, Callable[[], str]] = {}

    def played(mutant: Mutant) -> str:
        return known.became(mutant, lambda: _played(mutant), tell)

    with ThreadPoolExecutor(workers) as pool:
        for mutant in drawn or sampled(count, seed):
            code = "" if known.known.get(mutant.key) == BROKEN else _object(mutant)
            if not code:
                became[mutant] = functools.partial(known.became, mutant, lambda: BROKEN, tell)
            elif code in codes:
                became[mutant] = lambda: SAME
            else:
                became[mutant] = pool.submit(played, mutant).result
            codes.add(code)
    return Score({mutant: result() for mutant, result in became.items()})


TOP = """# Mutants of the C reference

A maintained mutation tool changes one line of the C reference at a time; a plain `conform` is made on each.
This page is written by

    make bench ARGS="--only mutants --mutants {count} --seed {seed} --page docs/mutants.md"

which takes some seconds for each; `--journal FILE` goes on where it ended. The mutants are drawn from all
that there are, over all files and operators. What survived is mended where it can be, so that another draw
may do worse.
{fewer}{again}
| file | made | do not compile | no case of their own | found | survive | of these a fault |
| --- | --- | --- | --- | --- | --- | --- |
"""


def page(found: Score[Mutant], seed: int = SEED, again: Again | None = None) -> str:
    """The score of the draw of that seed, and each survivor with its reason, and what was played *again*."""
    own = len(found.found) + len(found.survived)
    fewer = f"\nAt least {AIM} cases of their own are the aim; this run has {own}.\n" if own < AIM else ""
    more = again.says(found) if again else ""
    top = TOP.format(count=len(found.became), seed=seed, fewer=fewer, again=more)
    return found.page(top, NO_CASE)


def measured(
    count: int, tell: Callable[[str], None], journal: Path | None, seed: int, again: int | None = None
) -> tuple[str, dict[str, Any]]:
    """The score of so many mutants (0: all), as a page and for a program.

    *again*: of what the journal has, all that survived are played again, and so many that were found.
    """
    known, drawn = MutantJournal(journal), sampled(count, seed)
    twice = None if again is None else Again.of(known, drawn, again)
    found = score(count, tell, seed=seed, drawn=drawn, known=known)
    return page(found, seed, twice), found.data(NO_CASE)


if __name__ == "__main__":
    report = conform(sys.argv[1], Options(seed=SEED, shrink=False))
    names = [trace.violation.property for trace in report.findings if trace.violation]
    print(json.dumps(names or ["unstable"] * bool(report.findings)))
