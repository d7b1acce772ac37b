"""Software tracing of the Windows kits (WPP): what its preprocessor would have made of a driver's sources.

A driver that traces includes X.tmh, a file that the kits' build makes of the names of its trace functions.
Here those functions do nothing: each X.tmh that is not there is made in the folder of the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

INCLUDED = re.compile(r'^\s*#\s*include\s*"(\w[\w.-]*\.tmh)"', re.MULTILINE)
NAMED = re.compile(
    r"<WppTraceFunction>\s*(\w+)|-func:(\w+)|^\s*//\s*FUNC\s+(\w+)|^\s*\*?\s*FUNC\s+(\w+)", re.MULTILINE
)
"""Where the trace functions are named: a project, the old "sources", a comment that configures WPP."""
PROJECTS = ("*.vcxproj", "*/*.vcxproj", "sources", "*/sources", "../sources.inc", "sources.inc")
LEVELS = re.compile(r"WPP_DEFINE_BIT\(\s*(\w+)\s*\)")
ALWAYS = ("DoTraceMessage", "DoTraceLevelMessage", "WPP_INIT_TRACING", "WPP_CLEANUP", "WPP_SYSTEMCONTROL")


def headers(sources: Sequence[Path], own: Iterable[Path]) -> dict[str, str]:
    """The .tmh files that *sources* include and that are not there, with their text.

    *own* are the driver's headers. Empty where nothing is traced.
    """
    wanted = {name for source in sources for name in INCLUDED.findall(_text(source))}
    present = {path.name for source in sources for path in source.parent.glob("*.tmh")}
    if not wanted - present:
        return {}
    files = [*sources, *own]
    texts = [_text(path) for path in (*files, *_projects(sources))]
    named = sorted({name for text in texts for groups in NAMED.findall(text) for name in groups if name})
    levels = dict.fromkeys(level for text in texts for level in LEVELS.findall(text))
    lines = ["#pragma once"]
    lines += [f"#define {name}(...) ((void)0)" for name in (*ALWAYS, *named)]
    lines += [f"enum {{ {', '.join(levels)} }};"] if levels else []
    return dict.fromkeys(sorted(wanted - present), "\n".join(lines) + "\n")


def _projects(sources: Sequence[Path]) -> list[Path]:
    folders = {source.parent for source in sources}
    return sorted(path for folder in folders for pattern in PROJECTS for path in folder.glob(pattern))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
