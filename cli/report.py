"""How the report of ``check`` reads: stories of what broke, then a summary of what it rests on."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from ..counterexamples import storage
from ..counterexamples.drawing import Drawings
from ..counterexamples.render import render
from ..counterexamples.story import drawn, headline
from ..counterexamples.trace import Trace
from ..engines.verdict import Proved, Result, Unknown, Violated
from ..properties.loading import left_out, load_design
from ..properties.subject import Subject
from .errors import write
from .output import fact, say, table, wrapped
from .verdicts import Sorted, misreported, sort, vacuous

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ..engines.portfolio import Report
    from ..model.bounds import Bounds

MOST_LINES = 12
"""So many variables of the state in which a step of induction fails are told; of more, none."""
GREEN, RED, YELLOW = "bold green", "bold red", "bold yellow"
ALONE = {
    "induction": "induction by itself: what is not inductive may hold all the same",
    "bmc": "bounded search by itself: it finds violations, and proves nothing",
    "spacer": "Spacer by itself: it looks for an invariant of its own, and takes no lemmas",
}
"""What an engine is worth that is not the portfolio of them all."""
KINDS = (
    ("clause", "clauses"),
    ("guarantee", "guarantees"),
    ("rule", "rules"),
    ("refinement", "refinement"),
    ("lemma", "lemmas"),
)


def trace_file(directory: Path, design: str, name: str) -> Path:
    """Where the trace of a design and a property is kept."""
    return directory / (re.sub(r"[^\w.@-]", "_", f"{design}.{name}") + ".json")


def save_traces(report: Report, directory: Path) -> None:
    """Keep the trace of every violation, and of every witness that has one."""
    for witness in report.witnesses:
        if witness.trace is not None:
            file = trace_file(directory, report.design, f"{witness.property}.witness")
            write(file, storage.dumps(witness.trace))
    for result in report.results:
        if isinstance(result.verdict, Violated):
            write(trace_file(directory, report.design, result.property), storage.dumps(result.verdict.trace))


class Printer:
    """Prints reports; the full story only of the first violation, each other one in a line."""

    def __init__(
        self,
        console: Console,
        subject: Subject,
        directory: Path | None = None,
        verbose: bool = False,
        keeping: str = "--trace-dir DIR",
        helping: str = "",
    ) -> None:
        """*keeping* is what keeps the traces, where no *directory* does; *helping* what may close a proof."""
        self.console, self.subject, self.directory, self.verbose = console, subject, directory, verbose
        self.keeping, self.helping, self.printed = keeping, helping, False

    def show(self, report: Report, asked: int) -> None:
        """One report, and its traces to the directory; *asked* is how many properties were to be decided."""
        if self.directory is not None:
            save_traces(report, self.directory)
        results = sort(report, self.subject)
        self._violations(report, results)
        self._readings(report, results)
        self._undecided(results)
        if self.verbose:
            self._each(report)
        self._summary(report, results, asked)
        self._seeded(results, load_design(report.design, self.subject).breaks)
        for result, replay in misreported(report, self.subject):
            text = f"this is a bug in chimneysweep: the trace for {result.property} does not replay"
            wrapped(self.console, f"{text} on the model: {replay.message}", RED)
        say(self.console)

    def _violations(self, report: Report, results: Sorted) -> None:
        for result in results.violated:
            assert isinstance(result.verdict, Violated)
            if self.printed:
                self._line(report, result, RED)
                continue
            self.printed = True
            render(result.verdict.trace, self.console)
            wrapped(self.console, f"  shortest  {_shortest(result.verdict)}")
            say(self.console)
        if results.violated and self.directory is None:
            what = "read the others" if len(results.violated) > 1 else "keep it"
            hint = f"To {what}: {self.keeping} keeps every trace, and `chimneysweep show FILE` tells it."
            wrapped(self.console, hint)

    def _line(self, report: Report, result: Result, style: str) -> None:
        assert isinstance(result.verdict, Violated)
        wrapped(self.console, f"VIOLATED  {headline(result.verdict.trace)}", style)
        if self.directory is not None:
            file = trace_file(self.directory, report.design, result.property)
            say(self.console, f"          chimneysweep show {quote(str(file))}")

    def _readings(self, report: Report, results: Sorted) -> None:
        if results.literal:
            say(self.console, "Literal readings that no target can keep: reported, not counted", YELLOW)
            for result in results.literal:
                self._other(report, result)
                self._shown(result)
        if results.readings:
            say(self.console, "Other readings: reported, not counted", YELLOW)
            for result in results.readings:
                self._other(report, result)

    def _shown(self, result: Result) -> None:
        """That no target can keep a reading is decided anew, in the situation of its own trace."""
        from ..audit.audited import of
        from ..audit.readings import impossible

        assert isinstance(result.verdict, Violated)
        finding = impossible(of(self.subject), self.subject.find(result.property), result.verdict.trace)
        wrapped(self.console, f"    {finding.says}", "" if finding.impossible else RED)

    def _other(self, report: Report, result: Result) -> None:
        wrapped(self.console, f"  {result.property}: {verdict_line(result)}")
        if isinstance(result.verdict, Violated) and self.directory is not None:
            file = trace_file(self.directory, report.design, result.property)
            say(self.console, f"    chimneysweep show {quote(str(file))}")

    def _undecided(self, results: Sorted) -> None:
        for result in results.undecided:
            wrapped(self.console, f"UNDECIDED  {result.property}: {verdict_line(result)}", YELLOW)
            assert isinstance(result.verdict, Unknown)
            self._induction(result.verdict.induction)
        if self.helping and any(_not_inductive(result) for result in results.undecided):
            wrapped(self.console, f"To help a proof: {self.helping}.")

    def _induction(self, trace: Trace | None) -> None:
        """The counterexample to induction in brief: a step from a state that may be unreachable."""
        if trace is None or not trace.steps:
            return
        diagrams, _ = drawn(trace, self.console.width, self.subject)
        what = "the step that induction fails on (its state may be unreachable)"
        wrapped(self.console, f"    {what}: {trace.steps[-1].says}")
        begins = [line.text.strip() for line in Drawings.at_the_start(diagrams)]
        for text in begins if len(begins) <= MOST_LINES else ():
            wrapped(self.console, f"      where {text}")
        for broken in trace.violation.broken[:3] if trace.violation else ():
            shown = (
                f"{n} = {diagrams.words.failed_on(n, v, broken.where)}" for n, v in broken.values.items()
            )
            values = ", ".join(shown)
            text = f"      {broken.where}: must hold: {broken.says}"
            wrapped(self.console, text + (f" ({values})" if values else ""))

    def _each(self, report: Report) -> None:
        rows = [(r.property, f"{r.seconds:.1f} s", verdict_line(r)) for r in report.results]
        table(self.console, ("property", "time", "verdict"), rows)
        say(self.console)
        for dropped in report.dropped:
            wrapped(self.console, f"DOES NOT HOLD BY INDUCTION  {dropped.name}: {dropped.reason}")
            self._induction(dropped.induction)

    def _summary(self, report: Report, results: Sorted, asked: int) -> None:
        title, style = _title(report, results, asked)
        say(self.console, title, style)
        for kind, plural in KINDS:
            line = self._kind(results, kind)
            if line:
                fact(self.console, plural, line)
        for label, text in rests_on(report, results, self.subject):
            fact(self.console, label, text)

    def _kind(self, results: Sorted, kind: str) -> str:
        """How the properties of one kind fared: ``12 proved, 1 violated``; empty if there are none."""
        groups = (
            ("proved", results.proved),
            ("violated", results.violated),
            ("undecided", results.undecided),
        )
        of_kind = {p.name for p in self.subject.of_kind(kind)}
        counts = [(name, sum(r.property in of_kind for r in group)) for name, group in groups]
        return ", ".join(f"{count} {name}" for name, count in counts if count)

    def _seeded(self, results: Sorted, breaks: str) -> None:
        if not breaks:
            return
        found = any(r.property == breaks for r in results.violated)
        note = "and it was found" if found else "and it was not found in this run"
        style = "" if found else YELLOW
        told = f"this design has a bug on purpose, which breaks {breaks}, {note}"
        fact(self.console, "seeded", told, style)


def _title(report: Report, results: Sorted, asked: int) -> tuple[str, str]:
    design, counted = f"design {report.design}", len(results.counted)
    if report.partial:
        return f"PARTIAL: {design}, interrupted after {len(report.results)} of {asked} properties", YELLOW
    if results.violated:
        return f"VIOLATED: {design}, {len(results.violated)} of {counted} properties", RED
    if results.undecided:
        return f"UNDECIDED: {design}, {len(results.undecided)} of {counted} properties", YELLOW
    if not report.total:
        return f"UNDECIDED: {design}: the model can get stuck, so its proofs say nothing", YELLOW
    empty = sum(name in {r.property for r in results.counted} for name in vacuous(report))
    held = f"ALL HOLD: {design}, {counted} of {counted} properties"
    return (
        (f"{held}, of which {empty} never {'apply' if empty > 1 else 'applies'}", YELLOW)
        if empty
        else (held, GREEN)
    )


def rests_on(report: Report, results: Sorted, subject: Subject) -> list[tuple[str, str]]:
    """What the verdicts rest on: a label and a sentence each."""
    proofs = [r.verdict for r in results.proved if isinstance(r.verdict, Proved)]
    rechecked = sum(p.rechecked for p in proofs)
    depths = [r.verdict.bound for r in results.undecided if isinstance(r.verdict, Unknown)]
    counted = {r.property for r in results.counted}
    witnesses = [w for w in report.witnesses if w.property in counted]
    shown = [w for w in witnesses if w.reachable]
    empty = [name for name in vacuous(report) if name in counted]
    open_ = [w.property for w in witnesses if w.reachable is None]
    proved = [
        ("proved", f"{len(proofs)}, for any number of steps and bytes{_world(report.bounds)}"),
        ("certificates", f"{rechecked} of {len(proofs)} proofs confirmed by a fresh solver"),
    ]
    return [
        ("covers", _parts(subject)),
        *([("left out", _left_out(unused))] if (unused := left_out(subject)) else []),
        *([("engine", ALONE[report.engine])] if report.engine in ALONE else []),
        *(proved if proofs else []),
        ("undecided", f"{len(depths)}{_depth(depths)}"),
        ("witnesses", f"{len(shown)} properties were seen to apply in a run" + _and_open(open_)),
        ("vacuous", f"{len(empty)}" + (f": never applies: {', '.join(empty)}" if empty else "")),
        *([("dropped", _dropped(report))] if report.dropped else []),
        ("totality", _totality(report)),
        ("time", f"{report.seconds:.1f} s"),
    ]


def _not_inductive(result: Result) -> bool:
    """Whether a proof failed at a step that a lemma might rule out."""
    return isinstance(result.verdict, Unknown) and bool(result.verdict.induction)


def _parts(subject: Subject) -> str:
    return f"{subject.name}: {', '.join(part.name for part in subject.parts)}"


def _left_out(names: Sequence[str]) -> str:
    return f"{', '.join(names)}: in the file, and in no part of the subject"


def _world(bounds: Bounds) -> str:
    return f", in a world of {bounds.show()}" if bounds else ""


def _dropped(report: Report) -> str:
    """How many lemmas no proof may rest on, and which fell first: what fell later may rest on it."""
    first, count = report.dropped[0], len(report.dropped)
    what, them = ("1 lemma or rule does", "it") if count == 1 else (f"{count} lemmas and rules do", "them")
    begins = f"; the first to fall is {first.name}, {first.reason}" if count > 1 else ""
    rest = f"no proof rests on what of {them} fell{begins} (--verbose says why)"
    return f"{what} not hold by induction here, and {rest}"


def _depth(depths: list[int]) -> str:
    searched = [d for d in depths if d >= 0]
    if not searched:
        return ""
    which = "" if len(searched) == len(depths) else f"{len(searched)} of them "
    return f", {which}checked to depth {min(searched)}: no run of up to that many steps breaks what is open"


def _and_open(names: list[str]) -> str:
    return f"; not settled for {', '.join(names)}" if names else ""


def _totality(report: Report) -> str:
    if report.total:
        return "checked: in every state something may happen, so no run ends without being looked at"
    return "not reached" if report.partial else "FAILED: there are states in which nothing may happen"


def verdict_line(result: Result) -> str:
    """A verdict in words."""
    match result.verdict:
        case Proved(certificate, rechecked, found):
            what = "conjunct" if found else "lemma"
            lemmas = f"{len(certificate)} {what}{'' if len(certificate) == 1 else 's'}"
            return f"proved with {lemmas}" + (", certificate confirmed" if rechecked else "")
        case Violated() as violated:
            return f"violated in {len(violated.trace.steps)} steps"
        case Unknown(reason, bound, _):
            return reason + (f"; no run of up to {bound} steps breaks it" if bound >= 0 else "")


def _shortest(verdict: Violated) -> str:
    steps = len(verdict.trace.steps)
    if verdict.exhausted + 1 >= steps:
        return "no run with fewer steps breaks it"
    return (
        f"every run of up to {verdict.exhausted} steps was searched; a run shorter than this one may break it"
    )


def finding_line(trace: Trace) -> str:
    """A finding in one line; a misbehaviour with what it was."""
    found = trace.violation
    what = f": {found.broken[0].where}" if found and found.kind == "misbehaviour" and found.broken else ""
    kind = "UNSURE    " if "flaky" in trace.meta else "VIOLATED  "
    return f"{kind}{headline(trace)}{what}"
