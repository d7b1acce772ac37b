"""What a CI is told: how each rule came out, and what that rests on. Of one trace, or of a whole command."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from ...properties.loading import is_file, split
from ..harmless import printable
from ..nearest_run import NearestRun
from ..short import short
from ..story import drawn, headline, source
from ..trace import Place, Trace, last_place

WIDTH = 100
"""Columns of a story."""
Level = Literal["error", "warning", "note"]
"""How grave it is."""
Came = Literal["broken", "undecided", "holds", "unreached"]
"""How a rule came out; nothing happened in which one that was not reached has something to say."""


@dataclasses.dataclass(frozen=True)
class CheckedRule:
    """What must hold: its name, its kind, the sentence, where that stands, and how grave a breach is."""

    name: str
    kind: str
    says: str
    said_in: str
    level: Level = "error"


@dataclasses.dataclass(frozen=True)
class RuleResult:
    """How a rule came out. ``message`` is that in a sentence; ``trace`` shows it; ``seconds`` it took.

    ``notes`` are what else there is to say for who has the room: a label and a text each; ``needless`` the
    steps of the trace without which it would have come out the same; ``nearest`` has the nearest run that
    keeps the rules. ``said`` are the lines of a text that it is about.
    """

    rule: CheckedRule
    came: Came
    message: str
    trace: Trace | None = None
    seconds: float = 0.0
    notes: Sequence[tuple[str, str]] = ()
    needless: Sequence[int] = ()
    said: Sequence[Place] = ()
    nearest: NearestRun | None = None

    @property
    def breaks_it(self) -> bool:
        """Whether the trace breaks the rule itself, and does not show something about a specification."""
        violation = self.trace.violation if self.trace else None
        return violation is not None and violation.property == self.rule.name

    @property
    def place(self) -> Place | None:
        """The last line of the target's own source that did something, where it is known."""
        found = last_place(self.trace.steps) if self.trace else None
        return found[1] if found else None

    @property
    def file(self) -> str:
        """What of the user's is meant: the file of that line, the target, design or subject; "": nothing."""
        if self.place or self.trace is None:
            return self.place.file if self.place else ""
        trace = self.trace
        if trace.source == "target" or is_file(trace.target):
            return split(trace.target)[0]
        return next((str(path) for path in trace.subject.ref.files()), "")

    @property
    def story(self) -> str:
        """The trace as a story, in plain printable lines; without one, what was told."""
        if self.trace is None:
            return printable(self.message)
        return "\n".join(line.text.rstrip() for line in short(self.trace, WIDTH))


@dataclasses.dataclass(frozen=True)
class CiReport:
    """What a command found: about what, ruling by ruling, the exit code, and what all of it rests on."""

    command: str
    about: str
    rulings: Sequence[RuleResult]
    exit_code: int
    rests_on: Sequence[str] = ()

    def those(self, came: Came) -> Iterator[RuleResult]:
        """The rulings that came out so."""
        return (ruling for ruling in self.rulings if ruling.came == came)

    @property
    def title(self) -> str:
        """What came of it, in a line."""
        counts = {came: len(list(self.those(came))) for came in get_args(Came)}
        words = {"holds": "without fault"}
        counted = ", ".join(f"{count} {words.get(came, came)}" for came, count in counts.items() if count)
        return f"chimneysweep {self.command}, {self.about}: {counted or 'nothing was decided'}"


def rule_broken(trace: Trace) -> CheckedRule:
    """The rule that a trace breaks; a witness breaks none, and has one that says so."""
    broken = trace.violation
    if broken is None:
        return CheckedRule("witness", "witness", "The run breaks nothing.", "")
    return CheckedRule(broken.property, broken.kind, broken.says, source(broken))


def found(trace: Trace, seconds: float = 0.0) -> RuleResult:
    """The ruling that a trace makes by itself."""
    broken = trace.violation
    if broken is None:
        return RuleResult(rule_broken(trace), "holds", headline(trace), trace, seconds)
    return RuleResult(rule_broken(trace), "broken", _sentence(trace), trace, seconds)


def _sentence(trace: Trace) -> str:
    """What broke on which values: the headline, and the first conjunct that failed."""
    assert trace.violation is not None
    summary = headline(trace)
    for broken in trace.violation.broken[:1]:
        values = drawn(trace, WIDTH)[0].found(broken)
        wanted = ": ".join(part for part in (broken.where, broken.says) if part)
        summary += f". {wanted}" + (f" (found {values})" if values else "")
    return printable(summary)


def of_trace(trace: Trace) -> CiReport:
    """A trace by itself, as a command would have reported it."""
    about = f"{'design' if trace.source == 'model' else 'target'} {trace.target}"
    ruling = found(trace)
    return CiReport("replay", about, [ruling], int(ruling.came == "broken"))
