"""A trace as a story: what a person reads of it, on any terminal."""

from __future__ import annotations

import dataclasses
import io
import os
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rich.console import Console
from sample_trace import BOUNDS, sample

from chimneysweep.counterexamples.chimney import connection_rulers
from chimneysweep.counterexamples.chimney.drawn_blocks import chain
from chimneysweep.counterexamples.render import render, text
from chimneysweep.counterexamples.ruler import Ruler
from chimneysweep.counterexamples.story import drawn, story
from chimneysweep.counterexamples.trace import Broken, Step, Trace, Violation, flat
from chimneysweep.model.chimney.state import World, template
from chimneysweep.model.records import update

SNAPSHOTS = Path(__file__).parent / "snapshots"
LEGENDS = [
    Ruler((), (), lambda *_: "", legend).legend_line()
    for legend in (connection_rulers.LEGEND, connection_rulers.RECEIVE_LEGEND)
]


def lines(trace: Trace, width: int = 120) -> list[str]:
    return [line.text for line in story(trace, width)]


def last() -> World:
    """The sample's last state."""
    state: World = drawn(sample(), 80)[0].states[-1]
    return state


@pytest.mark.snapshot
@pytest.mark.parametrize("width", [80, 120])
def test_the_story_reads_as_it_did(width: int) -> None:
    """CHIMNEYSWEEP_SNAPSHOTS=write stores the story anew; then read the difference."""
    file = SNAPSHOTS / f"story-{width}.txt"
    told = text(sample(), width, full=True)
    if os.environ.get("CHIMNEYSWEEP_SNAPSHOTS") == "write":
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, lines(sample(), width))) <= width


def test_the_story_says_who_did_what_with_which_values() -> None:
    told = lines(sample())
    assert "Step 3  target: Transmit(conn=0, length=400)" in told
    assert "    the target transmits 400 positions from SND.NXT on connection 0" in told
    assert "      * SND.NXT of connection 0: 0 -> 400" in told


def test_values_have_their_names() -> None:
    told = lines(sample())
    assert "      * send buffer B0 of connection 0: pending -> NDIS_STATUS_SUCCESS" in told
    assert "      * NetBufferListChain of block 2: NULL -> B1 of connection 0" in told
    assert "      * the terminate request: OFFLOADED -> TERMINATING" in told


def test_one_fact_is_told_once() -> None:
    told = "\n".join(lines(sample()))
    assert told.count("posted, positions [10,1410)") == 1
    assert "highest acknowledgement" not in told  # SND.UNA tells it
    assert [told.count(legend) for legend in LEGENDS] == [1, 1]
    assert "conns[" not in told


def test_the_end_shows_sequence_numbers_tree_and_chain() -> None:
    told = [line.strip() for line in lines(sample())]
    # isn is 2^32 - 6: position 12 wraps around to 6
    assert "SndUna          6  position 12" in told
    assert "SndMax        394  position 400" in told
    assert "block 2 TCP state of connection 0  Status NDIS_STATUS_SUCCESS" in told
    assert "chain: block 2 -> B1 [12,1410) -> NULL" in told


def test_the_tree_is_indented_by_its_dependents() -> None:
    told = [line for line in lines(sample()) if line.lstrip().startswith("block ")]
    assert [len(line) - len(line.lstrip()) for line in told] == [4, 6, 8, 8]


def test_what_broke_names_values_and_source() -> None:
    told = [line.strip() for line in lines(sample())]
    broke = told[told.index("What broke: sample.posted") :]
    assert "but        in the host's queue at = 12" in broke
    assert "Next = NULL" in broke
    assert "status = pending" in broke
    assert "said in   sample.md, the second paragraph" in broke


def test_a_wrong_delegated_number_is_set_against_the_targets_own() -> None:
    steps = list(sample().steps)
    fill = steps[12]
    assert fill.action == "FillTree"
    wrong = {**fill.changes, "conns[0].given.snd_una": (0, 1)}
    steps[12] = dataclasses.replace(fill, changes=wrong)
    told = lines(dataclasses.replace(sample(), steps=steps))
    assert "    SndUna          1  position 7  (the target's own SND.UNA stands at 12)" in told


def test_a_delegated_zero_is_told_although_nothing_changed() -> None:
    zero = [s for s in sample().steps if s.action in ("MiniportTcpOffloadSend", "MiniportTerminateOffload")]
    fill = Step("FillTree", "target", {}, "", {"conns[0].given.written": (False, True)})
    told = lines(dataclasses.replace(sample(), steps=[*zero, fill]))
    assert any("written: SndUna 0, SndNxt 0, SndMax 0" in line for line in told)


def test_a_witness_is_told_without_a_violation() -> None:
    witness = dataclasses.replace(sample(), violation=None, meta={"property": "snd.una"})
    told = lines(witness)
    assert told[0] == "WITNESS: design reference: a run of 15 steps that breaks nothing"
    assert any("snd.una" in line for line in told)
    assert told[-1] == "Nothing is broken in this run."
    assert not any("What broke" in line for line in told)


def test_what_a_rerun_needs_is_named() -> None:
    trace = dataclasses.replace(sample(), meta={"seed": 7, "versions": {"z3": "1"}, "file": "my.py"})
    assert "  made with seed 7, file my.py" in lines(trace)


def test_a_run_that_does_not_happen_again_says_so() -> None:
    shaky = dataclasses.replace(sample(), meta={"flaky": "it broke once"})
    assert any("beware" in line and "it broke once" in line for line in lines(shaky))
    assert not any("beware" in line for line in lines(sample()))


def test_what_broke_only_once_is_no_witness() -> None:
    told = lines(dataclasses.replace(sample(), violation=None, meta={"flaky": "it broke once"}))
    assert told[0].startswith("NOT CONFIRMED: design reference: what broke once, and not again")
    assert told[-1] == "Nothing is broken in this run when it was played again."


def test_what_a_target_writes_does_not_bury_the_story() -> None:
    loud = dataclasses.replace(sample(), meta={"output": [f"line {k} {'x' * 2000}" for k in range(900)]})
    told = lines(loud)
    assert len(told) < len(lines(sample())) + 400
    assert any("850 lines more" in line for line in told)
    assert any("line 0 " in line for line in told)
    assert any("line 899 " in line for line in told)


def test_a_chain_in_a_circle_ends() -> None:
    world = last()
    bufs = tuple(update(b, next=k) for k, b in enumerate(world.conns[0].bufs))
    conn = update(world.conns[0], bufs=bufs)
    world = update(world, conns=(conn, world.conns[1]))
    assert chain(world, BOUNDS, 2) == "chain: block 2 -> B1 [12,1410) -> B1 (a circle)"


def test_a_chain_into_the_void_or_another_connection_is_named() -> None:
    world = last()
    blocks = list(world.blocks)
    blocks[2] = update(blocks[2], chain=99)
    assert chain(update(world, blocks=tuple(blocks)), BOUNDS, 2) == "chain: block 2 -> 99 (no buffer)"
    blocks[2] = update(blocks[2], chain=BOUNDS.buffers)
    told = chain(update(world, blocks=tuple(blocks)), BOUNDS, 2)
    assert told == "chain: block 2 -> B0 of connection 1 [0,0) -> NULL"


def test_a_buffer_that_the_host_misplaces_is_named() -> None:
    conn = last().conns[0]
    bufs = (conn.bufs[0], update(conn.bufs[1], host_at=10), conn.bufs[2])
    assert connection_rulers.misplaced(conn) == []
    assert connection_rulers.misplaced(update(conn, bufs=bufs)) == [
        "B1's data starts at position 12, but the host has it at 10"
    ]


def _odd(changes: dict[str, tuple[Any, Any]]) -> Trace:
    step = Step("Teleport", "nobody", {"where": None}, "", changes)
    return dataclasses.replace(sample(), steps=[step])


def test_values_outside_their_sort_are_shown_as_they_are() -> None:
    told = lines(_odd({"phase": (0, 17), "conns[0].bufs[0].status": (1, 99)}))
    assert "Step 1  nobody: Teleport(where=None)" in told
    assert "      * the terminate request: OFFLOADED -> 17" in told
    assert "      * send buffer B0 of connection 0: pending -> 99" in told


def test_a_variable_that_the_model_lacks_is_told_by_its_name() -> None:
    trace = _odd({"ghosts[3]": (0, 1), "phase": (0, 1)})
    trace = dataclasses.replace(trace, initial={**trace.initial, "ghosts[3]": 0})
    told = lines(trace)
    assert "      * ghosts[3]: 0 -> 1" in told
    assert "The trace has variables that chimney has no more: ghosts[3]" in told
    assert any("the block tree" in line for line in told), "what is known is drawn"


def test_a_step_without_changes_says_so() -> None:
    assert "      * nothing that can be seen changes" in lines(_odd({}))


def _junk(random: Random, old: int | bool) -> int | bool:
    if isinstance(old, bool):
        return random.random() < 0.5
    return random.choice([-1, 0, 1, 2, 3, random.randrange(-5, 50), 2**32 - 1, 2**70, -(2**40)])


@pytest.mark.parametrize("seed", range(40))
def test_any_state_at_all_can_be_told(seed: int) -> None:
    random = Random(seed)
    initial = {name: _junk(random, old) for name, old in flat(template(BOUNDS)).items()}
    now, steps = dict(initial), []
    for _ in range(4):
        changes = {name: (now[name], _junk(random, now[name])) for name in random.sample(list(now), 30)}
        now.update({name: new for name, (_, new) in changes.items()})
        steps.append(Step("Junk", "nobody", {}, "", changes))
    broken = Broken("connection 7", "nothing", {"Next": 99, "status": -4, "SndUna": 2**80})
    violation = Violation("p", "lemma", "x", "page.md", "", [broken])
    told = lines(
        dataclasses.replace(sample(), source="target", initial=initial, steps=steps, violation=violation), 80
    )
    assert max(map(len, told)) <= 80
    assert all(line.isascii() for line in told)
    assert sum(line.startswith("Step ") for line in told) == 4


def _printed(**options: Any) -> str:
    out = io.StringIO()
    render(sample(), Console(file=out, width=80, **options))
    return out.getvalue()


def test_colour_only_underlines() -> None:
    coloured = _printed(force_terminal=True, color_system="truecolor")
    assert "\x1b[" in coloured
    plain = text(sample(), 80)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_a_terminal_without_colour_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = _printed(force_terminal=True)
    assert not any(f"\x1b[{code}m" in shown for code in ("31", "32", "33", "36", "1;31", "1;36"))
