"""``--explore --faults``: a driver is refused what it asks for, from its start on, and answered late."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from native_stage import altered, needs_cc

from chimneysweep.targets.campaign.alphabet import Within
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform
from chimneysweep.targets.campaign.sources import FAULTS
from chimneysweep.targets.chimney.miniports.patched import REFERENCE
from chimneysweep.targets.judging.misbehaviour import FATAL
from chimneysweep.targets.running.launch import How

ASKS = Path(__file__).parent / "drivers" / "asks.c"
LINK = "VOID MpLinkChanges(NDIS_HANDLE MiniportAdapterContext)\n{\n"
HALT = "    while (!IsListEmpty(&Adapter->Objects))\n        FreeObject("
ATTACH = "    SimNicAttach(NdisMiniportHandle, &Nic);\n"
PATHLESS = (
    "        Block->Status = Above;\n        if (Above == NDIS_STATUS_SUCCESS)\n            OffloadBlock(",
    "        Block->Status = NDIS_STATUS_SUCCESS;\n        OffloadBlock(",
)
STARTED = (
    "    if (Adapter == NULL)\n        return NDIS_STATUS_RESOURCES;\n",
    "    static BOOLEAN Once;\n    if (Once)\n        return NDIS_STATUS_FAILURE;\n"
    "    Once = Adapter == NULL;\n    if (Adapter == NULL)\n        return NDIS_STATUS_RESOURCES;\n",
)
CARELESS = {
    "leaks where it cannot start": ("driver.c", "        FreeAdapter(Adapter);\n", "", "target.leaked"),
    "does not look at what it gets": ("driver.c", STARTED[0], "", ""),
    "never starts again": ("driver.c", *STARTED, "target.nonsense"),
    "a connection without its path": ("offload.c", *PATHLESS, "target.nonsense"),
}
"""What a driver does wrong that is refused what it asks for: where, what becomes what, what breaks."""
QUICK = ("leaks where it cannot start", "a connection without its path")


def faults(driver: Path, most: int, *flags: str) -> ConformReport:
    within = Within.of({"moves": 0, "faults": most})
    return conform(str(driver), Options(explore=within, how=How(sanitize=False, flags=flags), shrink=False))


def broken(report: ConformReport) -> set[str]:
    return {trace.violation.property for trace in report.findings if trace.violation}


@needs_cc
def test_a_driver_that_fails_to_start_and_copes_is_lawful() -> None:
    report = faults(REFERENCE, 3)
    assert not broken(report)
    assert report.runs > 100


@needs_cc
@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[] if what in QUICK else pytest.mark.slow) for what in CARELESS]
)
def test_a_driver_that_does_not_cope_is_found_out(what: str, tmp_path: Path) -> None:
    name, old, new, breaks = CARELESS[what]
    driver = altered(tmp_path / "driver", name, old, new)
    assert broken(faults(driver, 3)) & ({breaks} if breaks else FATAL)


@needs_cc
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("loans.c", "    if (Loan->NetBufferList == NULL) {", "    if (FALSE) {"),
        ("receive.c", "        Connection->Starved = TRUE;\n", ""),
        (
            "loans.c",
            "        ExFreePoolWithTag(Loan, TAG_BUFFERS);\n        return NULL;",
            "        return NULL;",
        ),
    ],
)
def test_a_plain_run_refuses_a_thing_in_every_phase(name: str, old: str, new: str, tmp_path: Path) -> None:
    """Lists that are used unallocated, data that is kept for ever, memory that is leaked."""
    driver = altered(tmp_path / "driver", name, old, new)
    report = conform(str(driver), Options(shrink=False, sources=(FAULTS,)))
    assert broken(report)


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """The reference, which asks for scatter/gather lists and shared memory too."""
    driver = tmp_path / "driver"
    shutil.copytree(REFERENCE, driver)
    shutil.copy(ASKS, driver)
    for name, old, new in (
        ("events.c", LINK, f"VOID Ask(PADAPTER Adapter);\n\n{LINK}    Ask(MiniportAdapterContext);\n"),
        ("driver.c", ATTACH, f"    VOID Register(PADAPTER Adapter);\n    Register(Adapter);\n{ATTACH}"),
        ("driver.c", HALT, f"    VOID GiveBack(PADAPTER Adapter);\n    GiveBack(Adapter);\n{HALT}"),
    ):
        text = (driver / name).read_text(encoding="utf-8")
        assert old in text
        (driver / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return driver


@needs_cc
@pytest.mark.parametrize(
    ("flag", "breaks"),
    [
        ("-DLAWFUL", frozenset[str]()),
        ("-DLIST_AT_ONCE", FATAL),
        pytest.param("-DMEMORY_LATER", frozenset({"target.leaked"}), marks=pytest.mark.slow),
    ],
)
def test_what_is_completed_late_or_at_once(asking: Path, flag: str, breaks: frozenset[str]) -> None:
    found = broken(faults(asking, 1, flag))
    assert bool(found & breaks) == bool(breaks)
    assert found <= breaks | FATAL
