"""What a driver in C cannot know yet it is not blamed for."""

from __future__ import annotations

from pathlib import Path

from native_stage import altered, needs_cc, play

from chimneysweep.targets.chimney.moves import (
    ack,
    fails,
    give_time,
    interrupted,
    run_short,
    send,
    terminate,
    transmit,
)
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.launch import launch

PLAIN = BuildOptions(sanitize=False)
POSTPONES = "    PostponeCall(MiniportAdapterContext, CallTerminate, BlockList);\n"
TAKES = "VOID MpSegmentArrives(PVOID MiniportOffloadContext, const SIM_SEGMENT *Segment)\n{\n"
COPIES = """    PVOID Copy = NdisAllocateMemoryWithTagPriority(NULL, 64, 'ypoC', NormalPoolPriority);

    if (Copy == NULL)
        return;
    NdisFreeMemory(Copy, 0, 0);
    TakeSegment(MiniportOffloadContext, Segment);
}
"""


@needs_cc
def test_a_termination_that_ends_before_the_driver_is_told_of_a_failure(tmp_path: Path) -> None:
    at_once = f"{POSTPONES}    FinishTerminations(MiniportAdapterContext);\n"
    folder = altered(tmp_path / "driver", "terminate.c", POSTPONES, at_once)
    interrupts = interrupted(then=(terminate(),))
    with launch(str(folder)) as runner:
        assert not runner.play(Scenario((interrupts, fails(), give_time()))).breaches
        (folder / "terminate.c").write_text(
            (folder / "terminate.c").read_text(encoding="utf-8").replace("if (Object->Lost)", "if (FALSE)"),
            encoding="utf-8",
        )
    with launch(str(folder)) as runner:
        assert "status.success-true" in runner.play(Scenario((fails(), terminate()))).breaches


@needs_cc
def test_a_window_that_came_when_there_was_no_memory_for_it(tmp_path: Path) -> None:
    copies = f"{TAKES.replace('MpSegmentArrives', 'TakeSegment').replace('VOID', 'static VOID', 1)}"
    folder = altered(tmp_path / "driver", "receive.c", TAKES, copies)
    file = folder / "receive.c"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{TAKES}{COPIES}", encoding="utf-8")
    driver, shut = factory(folder, PLAIN), ack(m=0)
    assert not play(driver, send(n=2), run_short(), shut, transmit(n=2)).breaches
