"""A run of any subject is told: a user's own in its own words, the chimney's with its drawings."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ferry import FERRY
from house import ROOT
from sample_trace import BOUNDS, first, sample

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.brief import brief
from chimneysweep.counterexamples.chimney.pictures import FAILED
from chimneysweep.counterexamples.harmless import printable
from chimneysweep.counterexamples.storage import save
from chimneysweep.counterexamples.story import drawn, story
from chimneysweep.counterexamples.trace import Trace, TracedSubject, flat, run, traced, violation
from chimneysweep.counterexamples.words import Words
from chimneysweep.model.chimney.state import World
from chimneysweep.model.logic import Value
from chimneysweep.model.records import BOOL, INT, update, values, var, variables
from chimneysweep.model.tcp.numbers import NULL
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.loading import SubjectRef
from chimneysweep.properties.subject import Part, Subject

FILE = ROOT / "tests" / "ferry.py"


@cache
def ferried(spec: str = f"{FILE}:FERRY") -> Trace:
    """A parcel falls into the water: a run of a bug of the user's own subject."""
    system = FERRY.system("drops-one", FERRY.bounds)
    quays = (update(system.template.quays[0], waiting=1), *system.template.quays[1:])
    begin = update(system.template, posted=1, quays=quays)
    choices = [("Post", {"quay": 1, "count": 2}), ("TakeAboard", {"quay": 1}), ("CrossOver", {})]
    steps, last = run(system, begin, choices)
    broken, subject = violation(FERRY.find("nothing.lost"), last), traced(FERRY, SubjectRef(spec))
    return Trace("model", "drops-one", FERRY.bounds, flat(begin), steps, broken, subject=subject)


TOLD = f"""\
COUNTEREXAMPLE: design drops-one breaks guarantee nothing.lost in 3 steps

  demanded  Every parcel waits, is aboard, or is over.
  said in   ferry.md, What we promise
  subject   ferry, of {FILE}:FERRY
  world     2 quays, up to 9 parcels

At the start
  posted: 1
  parcels that wait at quay 0: 1 of 9

Step 1  sender: Post(quay=1, count=2)
    2 parcels are left at quay 1
      * posted: 1 -> 3
      * parcels that wait at quay 1: none -> 2 of 9

Step 2  target: TakeAboard(quay=1)
    the ferry takes aboard what waits at quay 1
      * parcels aboard: 0 -> 2
      * parcels that wait at quay 1: 2 of 9 -> none

Step 3  target: CrossOver()
    the ferry crosses
      * the ferry: at the near bank -> at the far bank
      * parcels aboard: 2 -> 0
      * over: 0 -> 1

What broke: nothing.lost
  1. the ferry
     must hold  all that were posted are there
     but        there = 2
                ferry = at the far bank
  demanded  Every parcel waits, is aboard, or is over.
  said in   ferry.md, What we promise"""


def told(trace: Trace, **more: Any) -> list[str]:
    return [line.text for line in story(trace, 200, **more)]


def test_a_users_own_subject_is_told_in_its_own_words() -> None:
    assert "\n".join(told(ferried())) == TOLD


def test_without_its_file_a_trace_is_told_by_names_and_that_is_said(tmp_path: Path) -> None:
    away = told(ferried(f"{tmp_path}/away.py:FERRY"))
    assert any(line.startswith("  beware    variables are told by their names: ") for line in away)
    assert any("away.py is not there" in line for line in away)
    assert "      * quays[1].waiting: 0 -> 2" in away
    assert "At the start" not in away


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("Quay(),) * bounds.quays", "Quay(),) * bounds.piers"),
        ("FERRY = Subject(", "BOAT = Subject("),
        ("ferry: Value = var(PLACE", "ferry: Value = varr(PLACE"),
    ],
)
def test_a_users_file_that_fails_is_no_crash(tmp_path: Path, change: str, problem: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert change in text
    (tmp_path / "ferry.py").write_text(text.replace(change, problem), encoding="utf-8")
    assert any("beware    variables are told" in line for line in told(ferried(f"{tmp_path}/ferry.py:FERRY")))


def test_a_bound_that_the_subject_has_not_is_said() -> None:
    wrong = dataclasses.replace(ferried(), bounds=type(BOUNDS)(quays=2, piers=1))
    assert any("has a bound 'piers', and ferry has quays, most" in line for line in told(wrong))


def test_a_bound_that_an_older_trace_lacks_is_the_subjects() -> None:
    older = dataclasses.replace(ferried(), bounds=type(BOUNDS)(quays=2))
    assert told(older) == told(ferried())


def test_a_brief_has_the_words_too() -> None:
    lines = brief(ferried(), 100)
    assert lines[:4] == [
        "At the start",
        "  posted: 1",
        "  parcels that wait at quay 0: 1 of 9",
        " 1  sender: 2 parcels are left at quay 1",
    ]
    assert "  1. the ferry" in lines


# The command line, on a user's own subject.


def test_show_and_replay_load_the_subject_that_a_trace_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(ferried(), tmp_path / "t.json")
    assert main(["show", str(tmp_path / "t.json"), "--width", "120", "--full"]) == 0
    assert "parcels that wait at quay 1: none -> 2 of 9" in capsys.readouterr().out
    assert main(["replay", str(tmp_path / "t.json")]) == 1
    assert "happen again in drops-one as recorded" in " ".join(capsys.readouterr().out.split())
    gone = dataclasses.replace(ferried().steps[0], action="Gone")
    save(dataclasses.replace(ferried(), steps=[gone, *ferried().steps[1:]]), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 4
    assert "CHANGED: step 1" in capsys.readouterr().out


def test_a_design_in_a_file_of_its_own_is_loaded_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(
        "from chimneysweep.properties.loading import load_subject\n"
        f"SAFE = load_subject({f'{FILE}:FERRY'!r}).design('drops-one').but('mine', 'drops one, too')\n",
        encoding="utf-8",
    )
    save(dataclasses.replace(ferried(), target=f"{tmp_path}/mine.py:SAFE"), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 1
    assert "happen again in mine as recorded" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"subject": TracedSubject("ferry", SubjectRef("gone.py"))}, "gone.py is not there"),
        ({"subject": TracedSubject("fairy", SubjectRef("fairy"))}, "there is no subject 'fairy'"),
        ({"target": "drops-on"}, "there is no design 'drops-on'; did you mean drops-one?"),
        ({"target": f"{FILE}:FERRIED"}, "has no Design FERRIED"),
        ({"bounds": type(BOUNDS)(piers=1)}, "has a bound 'piers'"),
    ],
)
def test_what_cannot_be_replayed_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], says: str
) -> None:
    save(dataclasses.replace(ferried(), **changed), tmp_path / "t.json")
    assert main(["replay", str(tmp_path / "t.json")]) == 2
    assert says in capsys.readouterr().err


# Words.


@dataclasses.dataclass(frozen=True)
class Told:
    plain: Value = var(INT)
    worded: Value = var(INT, says="what is worded")
    crooked: Value = var(INT, says="of {3} and {name}")
    lamps: tuple[Value, ...] = var(BOOL, (False, True), says=lambda k: f"lamp {'ab'[k]}")
    bare: tuple[Value, ...] = dataclasses.field(default=(0, 0), metadata={"sort": INT})


def test_a_field_without_words_is_told_by_its_name() -> None:
    words = Words(Told(), BOUNDS, {})
    assert words.change("worded", 1, 2) == "what is worded: 1 -> 2"
    assert words.change("lamps[1]", False, True) == "lamp b: no -> yes"
    assert [words.name(v) for v in ("plain", "crooked", "bare[1]", "lamps[7]")] == [
        "plain",
        "crooked",
        "bare[1]",
        "lamps[7]",
    ]


def test_a_value_that_a_property_names_is_shown_as_the_field_of_that_name() -> None:
    words = drawn(ferried(), 80)[0].words
    assert words.failed_on("ferry", 1, "anywhere") == "at the far bank"
    assert words.failed_on("ferry", 7, "anywhere") == "7"
    assert words.failed_on("quays[0].waiting", 0, "anywhere") == "none"
    assert words.failed_on("waiting", 3, "anywhere") == "3"


def test_every_value_that_may_be_null_has_its_way_of_being_shown() -> None:
    blank = CHIMNEY.blank(CHIMNEY.bounds.but(buffers=2, blocks=2, connections=1, requests=1))
    conjuncts = [j for p in CHIMNEY.properties for case in p.cases(blank) for j in case.holds]
    named = {name: value for j in conjuncts for name, value in j.values.items()}
    null = {name for name, value in named.items() if value is NULL or value == NULL}
    assert null
    assert null <= FAILED.keys()
    assert FAILED.keys() <= named.keys(), "a name that no property uses"


def test_the_chimneys_variables_all_have_words_unless_they_never_change_or_are_the_targets_own() -> None:
    silent = {v.name for v in variables(CHIMNEY.blank(BOUNDS)) if not v.says}
    fields = {name.rpartition(".")[2] for name in silent}
    rigid = {"in_tree", "layer", "kind", "next", "dependent", "conn", "isn", "irn"}
    assert fields == rigid | {"drained", "filled"}


# The most general target remembers nothing: it is drawn as a careful one would have it.


def general() -> Trace:
    system = CHIMNEY.system("general", BOUNDS)
    choices = (
        ("MiniportTcpOffloadSend", {"conn": 0, "length": 10}),
        ("Transmit", {"conn": 0, "upto": 8}),
        ("PeerReceives", {"conn": 0, "upto": 6}),
        ("AckArrives", {"conn": 0, "upto": 4, "window": 50}),
        ("DataArrives", {"conn": 0, "length": 3}),
        ("DataArrivesOutOfOrder", {"conn": 0, "gap": 2, "length": 5}),
    )
    steps, _ = run(system, first(), choices)
    return Trace("model", "general", BOUNDS, flat(first()), steps, None, subject=traced(CHIMNEY))


def test_a_target_that_remembers_nothing_is_drawn_as_a_careful_one() -> None:
    lines = told(general())
    assert any("una=4" in line and "nxt=max=8" in line and "end=10" in line for line in lines)
    assert any("rcv_nxt=3" in line for line in lines)
    assert "      * data that came out of order to connection 0: nothing -> [5,10)" in lines


def test_a_design_that_forgets_is_drawn_as_it_is() -> None:
    forgetful = dataclasses.replace(general(), target="reference")
    assert any("una=nxt=max=0" in line for line in told(forgetful))
    assert not any("rcv_nxt=3" in line for line in told(forgetful))


def test_one_fact_that_two_variables_tell_is_told_once() -> None:
    system = CHIMNEY.system("reference", BOUNDS)
    steps, _ = run(system, first(), [("DataArrivesOutOfOrder", {"conn": 0, "gap": 2, "length": 5})])
    assert len(steps[0].changes) == 4
    lines = told(dataclasses.replace(sample(), steps=steps, violation=None))
    changes = [line.strip() for line in lines if line.startswith("      * ")]
    assert changes == ["* data held out of order on connection 0: nothing -> [2,7)"]


# A trace is somebody else's file.


def test_a_trace_cannot_drive_the_terminal() -> None:
    evil = "\x1b[2J\udc80\x07 says"
    step = dataclasses.replace(sample().steps[0], says=evil, action=evil, parameters={evil: evil})
    trace = dataclasses.replace(sample(), steps=[step], meta={"file": evil, "output": [evil]})
    assert all(line.isprintable() for line in told(trace))
    assert printable(evil) == "\\x1b[2J\\udc80\\x07 says"
    assert printable("ä plain one") == "ä plain one"


@dataclasses.dataclass(frozen=True)
class Mood:
    """A field that a part adds to the chimney's world."""

    mood: Value = var(INT, says="the mood of the world")


def test_a_part_that_widens_the_chimney_keeps_its_drawings() -> None:
    wider: Subject = CHIMNEY.with_parts(Part("moods", fields={World: Mood}))
    blank = wider.blank(BOUNDS)
    assert len(values(blank)) == len(values(CHIMNEY.blank(BOUNDS))) + 1
    lines = told(sample(), subject=wider)
    assert lines == told(sample())
    moody = dataclasses.replace(sample().steps[0], changes={"mood": (0, 1)})
    changed = dataclasses.replace(sample(), initial={**sample().initial, "mood": 0}, steps=[moody])
    assert "      * the mood of the world: 0 -> 1" in told(changed, subject=wider)
    assert "      * mood: 0 -> 1" in told(changed)
