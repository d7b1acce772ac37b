"""The C headers in ndis/include: they compile, and lay fields out as the x64 Windows ABI does."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chimneysweep.targets import chimney

NDIS = Path(chimney.__file__).parent / "ndis"
INCLUDE = NDIS / "include"
HEADERS = sorted(path.name for path in INCLUDE.glob("*.h"))
WARNINGS = ("-Wall", "-Wextra", "-Werror")
CC = shutil.which("cc")
CXX = shutil.which("c++")

needs_cc = pytest.mark.skipif(CC is None, reason="no C compiler (cc) on this machine")
needs_cxx = pytest.mark.skipif(CXX is None, reason="no C++ compiler (c++) on this machine")

Layouts = dict[str, Any]  # struct -> {size, source, fields: {name: [offset, size]}, bits: {...}}


def layouts() -> Layouts:
    found: Layouts = {}
    for path in sorted((NDIS / "abi").glob("*.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def assertion(condition: str, name: str) -> str:
    return f'_Static_assert({condition}, "{name}");'


def assertions(structs: Layouts) -> Iterator[str]:
    """C lines that fail to compile, with the field's name, where a layout differs."""
    yield "#include <stddef.h>"
    yield "#include <simnic.h>"
    for struct, layout in structs.items():
        yield assertion(f"sizeof({struct}) == {layout['size']}", f"size of {struct}")
        for field, (offset, size) in layout["fields"].items():
            name = f"{struct}.{field}"
            yield assertion(f"offsetof({struct}, {field}) == {offset}", f"offset of {name}")
            yield assertion(f"sizeof((({struct} *)0)->{field}) == {size}", f"size of {name}")


def bit_checks(structs: Layouts) -> Iterator[str]:
    """A C program that prints the name of each bit-field that does not lie where it should."""
    yield "#include <stdio.h>"
    yield "#include <simnic.h>"
    yield "int main(void) {"
    for struct, layout in structs.items():
        for field, (offset, first, width) in layout.get("bits", {}).items():
            mask = ((1 << width) - 1) << first
            yield f"{{ {struct} it, want; memset(&it, 0, sizeof it); memset(&want, 0, sizeof want);"
            for i in range((first + width + 7) // 8):
                yield f"((UCHAR *)&want)[{offset + i}] = {mask >> 8 * i & 0xFF};"
            yield f"it.{field} = {(1 << width) - 1};"
            yield f'if (memcmp(&it, &want, sizeof it)) puts("{struct}.{field}"); }}'
    yield "return 0; }"


def compile_c(source: str, where: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    file = where / "check.c"
    file.write_text(source + "\n", encoding="utf-8")
    command = [str(CC), *WARNINGS, *flags, f"-I{INCLUDE}", str(file), "-o", str(where / "check")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_cc
def test_every_field_lies_where_the_abi_puts_it(tmp_path: Path) -> None:
    result = compile_c("\n".join(assertions(layouts())), tmp_path, "-std=c11", "-fsyntax-only")
    assert result.returncode == 0, result.stderr


@needs_cc
def test_a_moved_field_is_named(tmp_path: Path) -> None:
    moved = layouts()
    moved["TCP_OFFLOAD_STATE_DELEGATED"]["fields"]["SndUna"][0] += 4
    moved["NET_BUFFER_LIST"]["fields"]["Status"][1] = 8
    result = compile_c("\n".join(assertions(moved)), tmp_path, "-std=c11", "-fsyntax-only")
    failed = re.findall(r'static assertion failed: "([^"]*)"', result.stderr)
    assert sorted(failed) == [
        "offset of TCP_OFFLOAD_STATE_DELEGATED.SndUna",
        "size of NET_BUFFER_LIST.Status",
    ]


@needs_cc
def test_every_bit_field_lies_where_the_abi_puts_it(tmp_path: Path) -> None:
    wrong = layouts()
    wrong["TCP_OFFLOAD_STATE_CACHED"]["bits"]["FlowLabel"][1] = 4
    for structs, complaint in ((layouts(), ""), (wrong, "TCP_OFFLOAD_STATE_CACHED.FlowLabel\n")):
        built = compile_c("\n".join(bit_checks(structs)), tmp_path, "-std=c11")
        assert built.returncode == 0, built.stderr
        ran = subprocess.run([tmp_path / "check"], capture_output=True, text=True, check=True)
        assert ran.stdout == complaint


def fields_declared(header: str) -> dict[str, set[str]]:
    """The fields of each structure as the header declares them, nested ones included."""
    text = re.sub(r"/\*.*?\*/", "", (INCLUDE / header).read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {}
    for name, body in re.findall(r"^(?:typedef )?struct _(\w+) \{(.*?)^\}", text, re.DOTALL | re.MULTILINE):
        found[name] = set(re.findall(r"\w[ *]+(\w+)(?:\[\w*\])?(?: : \d+)?;", body))
    return found


def test_no_field_of_the_chimney_or_of_a_buffer_is_left_out() -> None:
    known = layouts()
    declared = fields_declared("ndischimneystate.h") | fields_declared("ndischimney.h")
    declared |= fields_declared("ndischimneyclient.h")
    declared |= {name: fields_declared("nbl.h")[name] for name in ("NET_BUFFER", "NET_BUFFER_LIST")}
    declared |= {"MDL": fields_declared("mdl.h")["MDL"]}
    assert len(declared) > 20
    whole_unions = {"Link", "NetBufferHeader", "NetBufferListHeader"}  # their members are listed
    for struct, fields in declared.items():
        if struct == "NDIS_OFFLOAD_EVENT_HANDLERS":  # only a header
            continue
        listed = {part for field in known[struct]["fields"] for part in field.split(".")}
        assert fields - listed - set(known[struct].get("bits", {})) - whole_unions == set(), struct


@needs_cc
@pytest.mark.parametrize("standard", ["c11", "gnu11"])
def test_each_header_compiles_alone(tmp_path: Path, standard: str) -> None:
    for header in HEADERS:
        result = compile_c(f'#include "{header}"', tmp_path, f"-std={standard}", "-fsyntax-only")
        assert result.returncode == 0, f"{header}: {result.stderr}"


USUAL_STYLE = """
#include <ntddk.h>
#include <ndis.h>
#include <ndischimney.h>

DRIVER_INITIALIZE DriverEntry;
MINIPORT_SET_OPTIONS MpSetOptions;
MINIPORT_INITIALIZE MpInitialize;
MINIPORT_HALT MpHalt;
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"chimney");
typedef struct _QUEUE { LIST_ENTRY List; KSPIN_LOCK Lock; ULONG Count; } QUEUE, *PQUEUE;

_IRQL_requires_max_(DISPATCH_LEVEL)
_Must_inspect_result_
static NDIS_STATUS Enqueue(_Inout_ PQUEUE Queue, _In_ PNET_BUFFER_LIST Nbl)
{
    PNET_BUFFER Nb = NET_BUFFER_LIST_FIRST_NB(Nbl);
    PMDL Mdl = NET_BUFFER_CURRENT_MDL(Nb);
    PUCHAR Va;
    ULONG Length;
    KIRQL Irql;

    NdisQueryMdl(Mdl, &Va, &Length, NormalPagePriority);
    if (Va == NULL || NET_BUFFER_CURRENT_MDL_OFFSET(Nb) >= Length)
        return NDIS_STATUS_RESOURCES;
    KeAcquireSpinLock(&Queue->Lock, &Irql);
    InsertTailList(&Queue->List, (PLIST_ENTRY)&NET_BUFFER_LIST_MINIPORT_RESERVED(Nbl)[0]);
    InterlockedIncrement((PLONG)&Queue->Count);
    KeReleaseSpinLock(&Queue->Lock, Irql);
    NET_BUFFER_LIST_INFO(Nbl, TcpOffloadBytesTransferred) = UlongToPtr(Length);
    return NDIS_STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID MpHalt(NDIS_HANDLE MiniportAdapterContext, NDIS_HALT_ACTION HaltAction)
{
    PQUEUE Queue = (PQUEUE)MiniportAdapterContext;

    UNREFERENCED_PARAMETER(HaltAction);
    PAGED_CODE();
    NT_ASSERT(IsListEmpty(&Queue->List));
    (void)Enqueue(Queue, CONTAINING_RECORD(Queue->List.Flink, NET_BUFFER_LIST, MiniportReserved));
    KdPrint(("%u of %p\\n", Queue->Count, (PVOID)Name.Buffer));
    ExFreePoolWithTag(Queue, 'euQC');
}
"""


@needs_cc
def test_a_driver_in_the_usual_style_compiles(tmp_path: Path) -> None:
    result = compile_c(
        USUAL_STYLE, tmp_path, "-std=gnu11", "-fshort-wchar", "-Wno-multichar", "-fsyntax-only"
    )
    assert result.returncode == 0, result.stderr


PUBLISHED = {  # ndis.h and ntddndis.h of the Windows driver kit for Server 2008
    "NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK": 0x4,
    "NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER": 0x40,
}


@needs_cc
def test_constants_have_the_published_values(tmp_path: Path) -> None:
    lines = ["#include <simnic.h>", *(assertion(f"({n}) == {v}", n) for n, v in PUBLISHED.items())]
    result = compile_c("\n".join(lines), tmp_path, "-std=c11", "-fsyntax-only")
    assert result.returncode == 0, result.stderr


def test_no_name_that_the_published_header_lacks() -> None:
    text = "".join((INCLUDE / name).read_text(encoding="utf-8") for name in HEADERS)
    assert "CLIENT_CHIMNEY_OFFLOAD_TCP_CHARACTERISTICS_REVISION_1" in text
    assert not re.search(r"PROVIDER_CHIMNEY_OFFLOAD_\w+_REVISION_1", text)


@needs_cxx
def test_the_headers_compile_as_cxx(tmp_path: Path) -> None:
    file = tmp_path / "check.cpp"
    file.write_text("".join(f'#include "{header}"\n' for header in HEADERS), encoding="utf-8")
    command = [str(CXX), *WARNINGS, "-std=c++17", "-fsyntax-only", f"-I{INCLUDE}", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
