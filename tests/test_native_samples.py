"""Driver files in the style of the kits' samples: they are built as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_stage import DRIVERS, needs_cc

from chimneysweep.cli.main import main
from chimneysweep.targets.chimney.native.compiler import BuildOptions, build
from chimneysweep.targets.machine.refusal import BadTarget

PLAIN = BuildOptions(sanitize=False)
ORDINARY = DRIVERS / "ordinary.c"


@needs_cc
@pytest.mark.parametrize("version", ["60", "61", "620", "630", ""])
def test_a_miniport_in_the_style_of_the_samples_is_built(version: str) -> None:
    flags = (f"-DNDIS{version}_MINIPORT=1",) if version else ()
    assert build(ORDINARY, BuildOptions(sanitize=False, flags=flags)).library.is_file()


@needs_cc
def test_a_miniport_without_a_chimney_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", str(ORDINARY)]) == 2
    told = capsys.readouterr().err
    assert "the driver registers no chimney: it is an ordinary miniport" in told
    assert "Traceback" not in told


@needs_cc
@pytest.mark.parametrize(
    ("text", "by", "told"),
    [
        ("// FUNC DEBUGP(LEVEL, MSG, ...);", "", "DEBUGP"),  # nobody says what a trace function is
        ("MpStart(_In_ NDIS_HANDLE Adapter, ULONG Count)", "MpStart(ULONG Count)", "conflicting types"),
        ("PMP_ADAPTER Adapter, ULONG Count)", "PMP_ADAPTER Adapter, UCHAR Count)", "conflicting types"),
    ],
)
def test_what_the_kits_compiler_would_not_take_either(tmp_path: Path, text: str, by: str, told: str) -> None:
    source = ORDINARY.read_text(encoding="utf-8")
    assert text in source
    (tmp_path / "ordinary.c").write_text(source.replace(text, by, 1), encoding="utf-8")
    with pytest.raises(BadTarget, match=told):
        build(tmp_path, PLAIN)


@needs_cc
def test_a_trace_header_of_the_drivers_own_is_used(tmp_path: Path) -> None:
    (tmp_path / "ordinary.c").write_text(ORDINARY.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "ordinary.tmh").write_text("#error mine\n", encoding="utf-8")
    with pytest.raises(BadTarget, match="mine"):
        build(tmp_path, PLAIN)


@needs_cc
def test_an_error_keeps_its_line_where_declarations_differ(tmp_path: Path) -> None:
    source = ORDINARY.read_text(encoding="utf-8").replace(
        "return MpStart(Adapter, 4);", "return MpStart(Adapter, ;"
    )
    (tmp_path / "ordinary.c").write_text(source, encoding="utf-8")
    line = source[: source.index("MpStart(Adapter, ;")].count("\n") + 1
    with pytest.raises(BadTarget, match=rf"ordinary\.c:{line}:\d+: error: expected expression"):
        build(tmp_path, PLAIN)
