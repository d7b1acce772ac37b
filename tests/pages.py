"""The pages of docs that show commands: what they type is typed, what they print compared or written.

A page has blocks of three kinds: ``console`` with commands behind ``$`` and what they print, ``diff`` that
changes a file, and any other behind a line ``<!-- file: NAME -->`` that is written to that file.

    python tests/pages.py docs/own-protocol.md      puts what is printed now into the page
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chimneysweep.cli.main import main

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)^```\n", re.M | re.S)
ELIDED = "..."
DECISIVE = re.compile(
    r"COUNTEREXAMPLE|VIOLATED|UNDECIDED|ALL HOLD|STILL BROKEN|FIXED|CHANGED|Error"
    r"|  (?:clauses|guarantees|refinement|covers|undecided) |  (?:wanted|found) "
)
"""How a line begins that tells the outcome; the rest may change with the solver."""


@dataclasses.dataclass(frozen=True)
class Block:
    """One fenced block of a page: where it stands, its kind, what is in it, and the file that it is."""

    span: tuple[int, int]
    kind: str
    body: str
    file: str


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page in their order."""
    for found in FENCE.finditer(text):
        yield Block(found.span("body"), found["kind"], found["body"], found["file"] or "")


def commands(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what the page says it prints."""
    parts = re.split(r"^\$ (.*)\n", body, flags=re.M)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def run(command: str) -> str:
    """What a command prints; ``cp`` and ``chimneysweep`` are known."""
    name, *argv = shlex.split(command)
    if name == "cp":
        shutil.copy(argv[0], argv[1])
        return ""
    assert name == "chimneysweep", command
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        main([*argv, "--quiet"] if argv[0] == "check" else argv)
    return printed.getvalue()


def apply(diff: str) -> None:
    """Change the file that a diff names (``--- NAME``): each hunk's old lines stand in it once."""
    head, *hunks = re.split(r"^@@.*\n", diff, flags=re.M)
    file = Path(head.split()[1])
    text = file.read_text(encoding="utf-8")
    for hunk in hunks:
        lines = [line or " " for line in hunk.splitlines()]
        old = "".join(line[1:] + "\n" for line in lines if line[0] != "+")
        new = "".join(line[1:] + "\n" for line in lines if line[0] != "-")
        assert text.count(old) == 1, f"{file} does not have once:\n{old}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def decisive(printed: str) -> list[str]:
    """The lines that tell the outcome, without what a solver chose (values, order), and counts in sums."""
    told = [line for line in printed.splitlines() if DECISIVE.match(line)]
    steps = sorted(re.sub(r"Step \d+|\(.*", "", line) for line in told if line.startswith("Step"))
    plain = [*(line for line in told if not line.startswith("Step")), *steps]
    sums = re.compile(r"(ALL HOLD|VIOLATED|UNDECIDED):|  \w+ ")
    return [re.sub(r"\d+", "N", line) if sums.match(line) else line for line in plain]


def played(page: Path, folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each command of a page with what the page says and what it prints, in *folder*."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    with contextlib.chdir(folder):
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.kind == "diff":
                apply(block.body)
            elif block.file:
                Path(block.file).write_text(block.body, encoding="utf-8")
            elif block.kind == "console":
                for command, says in commands(block.body):
                    yield command, says, run(command)


def rewritten(page: Path, folder: Path) -> str:
    """The page with what its commands print now, but for those of which it leaves something out."""
    text, here = page.read_text(encoding="utf-8"), 0
    for command, says, prints in [*played(page, folder)]:
        here = text.index(f"$ {command}\n{says}", here) + len(f"$ {command}\n")
        if ELIDED not in says.splitlines():
            text = text[:here] + (f"{prints.rstrip()}\n" if prints.strip() else "") + text[here + len(says) :]
    return text


if __name__ == "__main__":
    os.environ["COLUMNS"] = "90"
    for name in sys.argv[1:]:
        target = Path(name).resolve()
        with tempfile.TemporaryDirectory() as scratch:
            new_text = rewritten(target, Path(scratch))
        target.write_text(new_text, encoding="utf-8")
