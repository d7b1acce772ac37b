"""Exhaustive search of drivers in C: their memory is their state, and faults are moves."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

import pytest
from explored_targets import broken, explore, searched
from native_stage import altered, needs_cc

from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.driver_library import DriverLibrary
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.python.reference_target import Reference
from chimneysweep.targets.judging.misbehaviour import FATAL


@needs_cc
def test_a_driver_in_c_has_the_states_of_the_same_design_in_python() -> None:
    """Both are the reference, written twice: what one remembers, the other does."""
    opens = functools.partial(
        DriverLibrary, keeps=True
    )  # as a search has it: what was freed is not used again
    driver = factory(REFERENCE, BuildOptions(sanitize=False), opens)
    native, python = (searched(make, moves=1, alphabet=["all"])[0].explored for make in (driver, Reference))
    assert (native.states, native.transitions) == (python.states, python.transitions)
    assert native.states > 30  # how many there are grows with every kind of move
    assert not native.opaque


SOMEWHERE = {
    "in its data": ("static ULONG Count; if (++Count == 3)", ""),
    "in what NDIS gave it": ("if (++((PADAPTER)MiniportAdapterContext)->Links == 3)", ""),
    "where nobody sees it": (
        "static PULONG Count; if (!Count) Count = __builtin_calloc(1, 8); if (++*Count == 3)",
        "a driver that is a library, or remembers things elsewhere than in memory of NDIS",
    ),
}
"""Where a driver counts, and what is said of that."""


@needs_cc
@pytest.mark.parametrize("where", SOMEWHERE)
def test_a_driver_that_counts_is_found_out(where: str, tmp_path: Path) -> None:
    """The world is the same each time; only the driver's memory is not."""
    shutil.copytree(REFERENCE, tmp_path / "driver")
    file = tmp_path / "driver" / "events.c"
    statement, opaque = SOMEWHERE[where]
    begins = "VOID MpLinkChanges(NDIS_HANDLE MiniportAdapterContext)\n{\n"
    text = file.read_text(encoding="utf-8")
    header = tmp_path / "driver" / "miniport.h"
    member = "    NDIS_HANDLE NdisHandle;\n"
    more = header.read_text(encoding="utf-8").replace(member, f"{member}    ULONG Links;\n", 1)
    header.write_text(more, encoding="utf-8")
    file.write_text(text.replace(begins, f"{begins}    {statement} __builtin_trap();\n"), encoding="utf-8")
    report = explore(str(tmp_path / "driver"), moves=4, kinds=["link"])
    assert [length for name, length in broken(report) if name in FATAL] == [3]
    assert report.explored
    assert report.explored.opaque == opaque


CARELESS = {
    "a loan that is not looked at": (
        "receive.c",
        "    if (Loan == NULL) {\n        Connection->Starved = TRUE;\n        return FALSE;\n    }\n",
        "",
        ("target.undefined", "target.memory", "target.crashed"),
    ),
    "a chunk that is not freed": (
        "loans.c",
        "        ExFreePoolWithTag(Chunk, TAG_DATA);\n        return NULL;\n",
        "        return NULL;\n",
        ("target.leaked",),
    ),
    "data that is never offered again": (
        "offload.c",
        "    DeliverStarved(Adapter);\n",
        "",
        ("progress.delivered",),
    ),
}
"""What a driver does wrong that is refused what it asks for: where, what becomes what, what breaks."""
FAULTS: dict[str, Any] = {"moves": 1, "kinds": ["data"], "amounts": [2], "faults": 4}


@needs_cc
def test_a_driver_that_is_refused_what_it_asks_for_and_copes() -> None:
    driver = factory(REFERENCE, BuildOptions(sanitize=False))
    (search, found), (without, _) = searched(driver, **FAULTS), searched(driver, **{**FAULTS, "faults": 0})
    assert not found
    assert (
        search.explored.transitions == without.explored.transitions + 4
    )  # a chunk, its MDL, a loan, its list


@needs_cc
@pytest.mark.slow
@pytest.mark.parametrize("what", CARELESS)
def test_a_driver_that_does_not_cope_is_found_out(what: str, tmp_path: Path) -> None:
    name, old, new, breaks = CARELESS[what]
    driver = str(altered(tmp_path / "driver", name, old, new))
    clean = explore(driver, **{**FAULTS, "faults": 0})
    report = explore(driver, **{**FAULTS, "moves": 2})
    assert not clean.findings
    assert {name for name, _ in broken(report)} & set(breaks)
