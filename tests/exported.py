"""Traces to carry on, of each kind, and one in which every text is hostile."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from house import ROOT
from sample_trace import sample

from chimneysweep.counterexamples.storage import load
from chimneysweep.counterexamples.trace import Broken, Place, Step, Trace

CORPUS, OLD = ROOT / "counterexamples" / "corpus", ROOT / "tests" / "traces_v1"
FILES: dict[str, Path] = {
    "Python": CORPUS / "chain.advanced.cd973334.json",
    "C": CORPUS / "snd.una.a728caeb.json",
    "model": OLD / "sack-kept.sack.dropped.json",
}
TRACES = {kind: load(file) for kind, file in FILES.items()}
HOSTILE = (
    "<script>alert(1)</script>&amp; \x1b[31mred\x07 ]]> */ /* ''' \"\"\" `x` ```\n::error::no\r\n%0A,a:b;c#d "
    "| =1+1 \\ \\n {{x}} ${x} $(x) (* *) \\* ==== end --> é \u202e \ud800 \x00 \x85 \u2028"
)
"""What HTML, a terminal, Markdown, XML, CSV, C, Python, TLA+, Mermaid and a shell take for theirs."""


def hostile() -> Trace:
    """The sample, with that in the place of every text."""
    trace = sample()
    assert trace.violation
    place = Place(HOSTILE, HOSTILE, -1, HOSTILE)
    broken = [Broken(HOSTILE, HOSTILE, {HOSTILE: 1})]
    violation = dataclasses.replace(
        trace.violation, property=HOSTILE, says=HOSTILE, page=HOSTILE, heading=HOSTILE, broken=broken
    )
    more = [
        Step(HOSTILE, HOSTILE, {HOSTILE: HOSTILE}, HOSTILE, {}, place),
        Step(HOSTILE, "target", {"conn": HOSTILE}, HOSTILE, {HOSTILE: (0, 1), "conns[0].x": (0, 1)}, place),
    ]
    return dataclasses.replace(
        trace,
        target=HOSTILE,
        violation=violation,
        initial={**trace.initial, HOSTILE: 0, "conns[0].x": 0, "conns[7].x[2][3]y": 2**90},
        steps=[dataclasses.replace(step, says=HOSTILE, at=place) for step in trace.steps] + more,
        meta={"output": [HOSTILE], "report": [HOSTILE], HOSTILE: HOSTILE},
    )


def is_plain(text: str) -> bool:
    """Whether a terminal, or an editor, can be driven by nothing in *text*."""
    return all(line.isprintable() for line in text.split("\n"))


_MERMAID = """
import json, sys
from mermaid_parser.parser import MermaidParser
print(json.dumps(MermaidParser().parse(sys.stdin.read()), default=str))
"""


def parsed_by_mermaid(diagram: str) -> dict[str, Any]:
    """What Mermaid's own parser makes of it; AssertionError with what it says of one that is none."""
    done = subprocess.run(
        [sys.executable, "-c", _MERMAID], input=diagram, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found["graph_data"]["state"]["records"]
