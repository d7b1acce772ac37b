"""Lists and trees of every shape: what a driver takes for granted of them is found, sanitizers or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_stage import altered, needs_cc

import chimneysweep
from chimneysweep.targets.campaign.directed import DIRECTED
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.move_kinds import Move
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.scenario import Scenario
from chimneysweep.targets.running.direct import InProcess

BYTES = "for (; Buffer != NULL; Buffer = NET_BUFFER_NEXT_NB(Buffer))\n        Length"
ADVANCES = "for (; Buffer != NULL && Delta > 0; Buffer = NET_BUFFER_NEXT_NB(Buffer))"
RECURSION = """    for (; First != NULL; First = First->NextBlock) {
        Function(First, Argument);
        ForEachBlock(First->DependentBlockList, Function, Argument);
    }
"""
ONE_WAY_BACK = """    PNDIS_MINIPORT_OFFLOAD_BLOCK_LIST Back = NULL;

    while (First != NULL) {
        Function(First, Argument);
        if (First->DependentBlockList != NULL) {
            Back = First->NextBlock != NULL ? First->NextBlock : Back;
            First = First->DependentBlockList;
        } else if (First->NextBlock != NULL) {
            First = First->NextBlock;
        } else {
            First = Back;
            Back = NULL;
        }
    }
"""
ASSUMPTIONS = {
    "a tree has one way back": ("objects.c", RECURSION, ONE_WAY_BACK),
    "one NET_BUFFER a list": ("buffers.c", BYTES, "if (Buffer != NULL)\n        Length"),
    "all that is done is in the first": ("buffers.c", ADVANCES, "if (Buffer != NULL && Delta > 0)"),
    "an MDL has more than one byte": (
        "buffers.c",
        "if (Offset >= MmGetMdlByteCount(Mdl)) {",
        "if (Offset >= MmGetMdlByteCount(Mdl) || MmGetMdlByteCount(Mdl) == 1) {",
    ),
    "data begins where its MDL does": (
        "buffers.c",
        "ULONG Offset = NET_BUFFER_CURRENT_MDL_OFFSET(Buffer) + Skip;",
        "ULONG Offset = Skip;",
    ),
}
"""What a driver may take for granted: a file of the reference, a piece of it, what stands there instead."""

GONE = (Move("transmit", n=100), Move("peer gets", n=100))
PARTLY = [
    Scenario((*(Move("send", n=9),) * lists, *GONE, Move("ack", n=9 * lists - 3, m=9000), Move("terminate")))
    for lists in range(1, 6)
]
"""Some lists were sent, all but the end of the last is acknowledged, the connection goes back."""
PLAYED = (*DIRECTED.values(), *PARTLY)


def with_assumption(assumption: str, folder: Path) -> Path:
    """The reference with it, in that folder."""
    return altered(folder, *ASSUMPTIONS[assumption])


@needs_cc
@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_what_is_taken_for_granted_is_found(assumption: str, tmp_path: Path) -> None:
    plain = BuildOptions(sanitize=False)
    broken, lawful = (
        InProcess(factory(folder, plain))
        for folder in (with_assumption(assumption, tmp_path / "a"), REFERENCE)
    )
    assert any(broken.play(scenario).breaches for scenario in PLAYED)
    assert not any(lawful.play(scenario).breaches for scenario in PLAYED)


@needs_cc
@pytest.mark.slow
@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_and_with_the_sanitizers(assumption: str, tmp_path: Path) -> None:
    result = chimneysweep.conform(with_assumption(assumption, tmp_path / "a"), runs=40, seed=5)
    assert result.exit_code == 1
