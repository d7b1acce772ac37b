"""Of a lemma that falls a proof may need what does not; and it says nothing of what did."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

import chimneysweep
from chimneysweep.engines.verdict import Proved

SUBJECT = """\
import dataclasses
from chimneysweep import BOOL, INT, And, Not, Part, Subject, Value
from chimneysweep import collected, conjunct, event, guarantee, lemma, update, var


@dataclasses.dataclass(frozen=True)
class Pair:
    one: Value = var(INT)
    other: Value = var(INT)
    gap: Value = var(INT)
    broken: Value = var(BOOL)


@event("nobody")
def Grow(s, p):
    \"\"\"both grow\"\"\"
    return True, update(s, one=s.one + 1, other=s.other + 1)


@event("nobody")
def Measure(s, p):
    \"\"\"the gap is measured\"\"\"
    return True, update(s, gap=s.one - s.other)


@event("nobody")
def Break(s, p):
    \"\"\"something breaks\"\"\"
    return Not(s.broken), update(s, broken=True)


def pair(s):
    return [("the pair", ())]


@lemma("two")
def two(s):
    \"\"\"Both are the same, and nothing is broken: the first holds, the second does not.\"\"\"
    return And(s.one == s.other, Not(s.broken))


@guarantee("gap.none", "a test", each=pair)
def none(s):
    \"\"\"There is no gap.\"\"\"
    return True, conjunct("it is 0", s.gap == 0, gap=s.gap)


@guarantee("broken.counted", "a test", each=pair)
def counted(s):
    \"\"\"What is broken has grown by nothing or more.\"\"\"
    return s.broken, conjunct("it is not below 0", s.one >= 0, one=s.one)


@guarantee("broken.never", "a test", each=pair)
def never(s):
    \"\"\"Nothing breaks.\"\"\"
    return True, conjunct("it is whole", Not(s.broken), broken=s.broken)


@guarantee("one.positive", "a test", each=pair)
def positive(s):
    \"\"\"One is not below 0.\"\"\"
    return True, conjunct("it is not", s.one >= 0, one=s.one)


@guarantee("other.positive", "a test", each=pair)
def other_positive(s):
    \"\"\"The other is not below 0.\"\"\"
    return True, conjunct("it is not", s.other >= 0, other=s.other)


PAIR = Subject("pair", "two numbers", lambda bounds: Pair(), parts=(
    Part("pair", events=(Grow, Measure, Break), properties=collected(globals())),
))
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The subject in a file of its own."""
    found = tmp_path_factory.mktemp("pair") / "pair.py"
    found.write_text(SUBJECT, encoding="utf-8")
    return found


@pytest.fixture(scope="module", params=["all", "few"])
def checked(file: Path, request: pytest.FixtureRequest) -> chimneysweep.CheckResult:
    """Checked all at once, and for few properties."""
    ask = functools.partial(chimneysweep.check, str(file))
    return ask() if request.param == "all" else ask(properties=["gap.none", "broken.counted", "broken.never"])


def test_a_proof_rests_on_the_part_of_a_lemma_that_holds(checked: chimneysweep.CheckResult) -> None:
    assert {name: checked.verdicts[name] for name in ("gap.none", "broken.counted", "broken.never")} == {
        "gap.none": "proved",
        "broken.counted": "proved",
        "broken.never": "violated",
    }
    verdict = checked.results["gap.none"].verdict
    assert isinstance(verdict, Proved)
    assert verdict.rechecked
    assert "lemma.two" in verdict.certificate
    assert "lemma.two#0" in verdict.rests_on
    assert not {"lemma.two", "lemma.two#1"} & {*verdict.rests_on}


def test_what_fell_excludes_no_premise(checked: chimneysweep.CheckResult) -> None:
    """A premise that only the part that fell would exclude is met in a run."""
    (witness,) = (w for w in checked.report.witnesses if w.property == "broken.counted")
    assert witness.reachable
