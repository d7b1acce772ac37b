"""How the host's data lies in a driver's memory is told with the step, drawn, and kept in the trace."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from native_stage import needs_cc

from chimneysweep.cli.main import main
from chimneysweep.counterexamples.chimney.connection_rulers import in_memory
from chimneysweep.counterexamples.exports.ci_report import of_trace
from chimneysweep.counterexamples.page.document import render
from chimneysweep.counterexamples.render import text
from chimneysweep.counterexamples.ruler import Span
from chimneysweep.counterexamples.storage import load, save
from chimneysweep.counterexamples.story import lies
from chimneysweep.counterexamples.trace import Step, Trace
from chimneysweep.targets.campaign.campaign import Options, conform
from chimneysweep.targets.chimney.native.buffers import layouts
from chimneysweep.targets.running.isolation.call_places import laid_out
from chimneysweep.targets.running.isolation.remote_target import _layout

SEND, RECEIVE = "MiniportTcpOffloadSend", "MiniportTcpOffloadReceive"


@pytest.fixture(scope="module")
def astray(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """The finding on a driver that reads the second MDL of a NET_BUFFER from its second byte on."""
    driver = tmp_path_factory.mktemp("mdls") / "driver"
    assert main(["new", str(driver)]) == 0
    source = driver / "buffers.c"
    code = source.read_text(encoding="utf-8")
    assert code.count("\n        Offset = 0;\n") == 1
    source.write_text(code.replace("\n        Offset = 0;\n", "\n        Offset = Offset ? 1 : 0;\n"))
    found = conform(str(driver), Options(runs=0, seed=1)).findings
    return next(t for t in found if t.violation and t.violation.property == "wire.bytes-true")


@needs_cc
def test_a_step_has_the_mdls_of_the_buffer_that_it_passes(astray: Trace) -> None:
    posts = [step for step in astray.steps if step.action == SEND]
    assert posts
    for step in posts:
        assert sum(map(sum, step.mdls)) == step.parameters["length"]
        assert all(size > 0 for part in step.mdls for size in (part[0], part[-1]))
    assert any(len(part) > 1 for step in posts for part in step.mdls), "with one MDL it would be right"
    assert not any(step.mdls for step in astray.steps if step.action not in (SEND, RECEIVE))


@needs_cc
def test_the_story_and_the_page_show_them(astray: Trace) -> None:
    step = next(step for step in astray.steps if lies(step))
    assert lies(step) in " ".join(text(astray).split())
    assert f"the data lies {lies(step)}" in " ".join(text(astray, full=True).split())
    assert "the MDLs of a NET_BUFFER" in text(astray, full=True)
    page = render(of_trace(astray))
    assert f"the data lies {lies(step)}" in page
    assert 'text-anchor="middle">m0</text>' in page
    assert "MDLs: m0 [0," in page, "also for who hears the page"


@needs_cc
def test_a_trace_keeps_them(astray: Trace, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    save(astray, file)
    assert [step.mdls for step in load(file).steps] == [
        [list(part) for part in step.mdls] or () for step in astray.steps
    ]
    data = json.loads(file.read_text(encoding="utf-8"))
    data["steps"][0]["mdls"] = [[-1]]
    file.write_text(json.dumps(data), encoding="utf-8")
    assert main(["show", str(file)]) == 2


def test_only_what_lies_in_pieces_is_drawn_and_told() -> None:
    whole = Step(SEND, "host", {"conn": 0, "length": 4}, "", {"conns[0].total": (3, 7)}, mdls=[[4]])
    parts = dataclasses.replace(whole, mdls=[[1, 2], [1]])
    assert (lies(whole), lies(parts)) == ("", "in NET_BUFFERs with MDLs of 1, 2 | 1")
    assert lies(dataclasses.replace(whole, mdls=[[1, 3]])) == "in MDLs of 1, 3"
    assert list(in_memory([whole], 0)) == []
    assert list(in_memory([parts], 0)) == [Span(3, 4, "m0"), Span(4, 6, "m1"), Span(6, 7, "m0")]
    assert list(in_memory([parts], 1)) == []
    assert list(in_memory([dataclasses.replace(parts, mdls=[[1, 2]])], 0)) == [], "a stranger's trace"


def test_layouts_belong_to_the_steps_that_pass_buffers_in_their_order() -> None:
    names = (SEND, "Transmit", RECEIVE, SEND)
    steps = [Step(name, "host", {}, "", {}) for name in names]
    found = list(laid_out(steps, [[[1]], [[2]]]))
    assert [step.mdls for step in found] == [[[1]], (), [[2]], ()]


def test_mdls_without_data_are_left_out() -> None:
    assert layouts([2, 3, 0, 5, 1, 1, 4, 1, 2, 0, 0]) == [[[5, 1], [4]], [[]]]


@pytest.mark.parametrize("odd", [[[True]], [["1"]], [[-1]], [[1.0]], 1, [1], [None]])
def test_what_a_target_says_of_them_is_looked_at(odd: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        _layout(odd)  # type: ignore[arg-type]
