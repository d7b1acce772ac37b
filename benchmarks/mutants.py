"""How many one-line mutants of the C reference a plain `conform` finds.

The mutants come from universalmutator. One whose object code is the reference's, or another mutant's, is
no case of its own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.native.compiler import COMMON, INCLUDE, STRICT
from chimneysweep.targets.machine.toolchain import Failed, find_compiler

SEED = 1
MUTATE = "mutate"
"""The command of universalmutator."""
BAD_INPUT, HOLDS = 2, 0


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A file of the reference with one line changed: the line's number, as it was and as it is."""

    file: str
    line: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.before.strip() or '(nothing)'}  ->  {self.after.strip()}"


@dataclasses.dataclass(frozen=True)
class Score:
    """``made`` mutants were tried; some were ``broken`` C, ``same`` code as the reference or another one."""

    made: int
    broken: int
    same: int
    found: dict[str, str]
    survived: list[str]

    @property
    def rate(self) -> float:
        """The share of those that are a case of their own which were found."""
        return len(self.found) / max(1, len(self.found) + len(self.survived))


def mutants(file: Path, folder: Path) -> Iterator[Mutant]:
    """Every mutant of a C file that universalmutator makes. Raises RuntimeError if it is not installed."""
    command = shutil.which(MUTATE, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if command is None:
        raise RuntimeError("there is no universalmutator: pip install 'chimneysweep[bench]'")
    done = [command, str(file), "c", "--noCheck", "--mutantDir", str(folder)]
    subprocess.run(done, check=True, capture_output=True, cwd=folder)
    original = file.read_text(encoding="utf-8").splitlines()
    for path in sorted(folder.glob(f"{file.stem}.mutant.*.c")):
        text = path.read_text(encoding="utf-8")
        changed = text.splitlines()
        pairs = zip(original, changed, strict=False)
        at = next((k for k, (was, now) in enumerate(pairs) if was != now), None)
        if at is not None:
            before = original[at] if len(changed) == len(original) else ""
            yield Mutant(file.name, at + 1, before, changed[at], text)


def sampled(count: int) -> list[Mutant]:
    """So many mutants of the reference, the same ones each time; 0: all of them."""
    found: list[Mutant] = []
    for file in sorted(REFERENCE.glob("*.c")):
        with tempfile.TemporaryDirectory() as folder:
            found += mutants(file, Path(folder))
    return random.Random(SEED).sample(found, min(count, len(found))) if count else found


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
    """The properties that it breaks, by a plain conform with a fixed seed; "" if nothing broke."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "mutant"
        shutil.copytree(REFERENCE, folder)
        (folder / mutant.file).write_text(mutant.text, encoding="utf-8")
        report = Path(name) / "report.json"
        command = [sys.executable, "-m", "chimneysweep", "conform", str(folder), "-q", "--seed", str(SEED)]
        done = subprocess.run([*command, "--json", str(report)], capture_output=True, text=True, check=False)
        if done.returncode == HOLDS:
            return ""
        if not report.exists():
            return f"exit {done.returncode}: {done.stderr.strip()[-200:]}"
        data = json.loads(report.read_text(encoding="utf-8"))
        return ", ".join(t["violation"]["property"] for t in data["findings"] if t["violation"])


def score(count: int, tell: Callable[[str], None], workers: int = os.cpu_count() or 1) -> Score:
    """Try a sample of so many mutants (0: all)."""
    tried = sampled(count)
    known = {_object(Mutant(f.name, 0, "", "", f.read_text(encoding="utf-8"))) for f in REFERENCE.glob("*.c")}
    distinct, broken, same = [], 0, 0
    with ThreadPoolExecutor(workers) as pool:
        for mutant, code in zip(tried, pool.map(_object, tried), strict=True):
            broken += not code
            same += code in known
            if code and code not in known:
                known.add(code)
                distinct.append(mutant)
        tell(f"{len(distinct)} mutants to play")
        found, survived = _all_played(distinct, pool, tell)
    return Score(len(tried), broken, same, found, survived)


def _all_played(
    distinct: Sequence[Mutant], pool: ThreadPoolExecutor, tell: Callable[[str], None]
) -> tuple[dict[str, str], list[str]]:
    found: dict[str, str] = {}
    survived: list[str] = []
    for number, (mutant, broke) in enumerate(zip(distinct, pool.map(_played, distinct), strict=True), 1):
        if broke:
            found[str(mutant)] = broke
        else:
            survived.append(str(mutant))
            tell(f"{number} of {len(distinct)}, {len(survived)} survive: {mutant}")
    return found, survived
