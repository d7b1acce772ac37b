"""Building drivers in C: what goes in, what is kept, and what a user is told when it does not work."""

from __future__ import annotations

import platform
import re
import struct
import subprocess
from pathlib import Path

import pytest
from native_stage import CC, SMALLEST, complaints, needs_cc, play

from chimneysweep.targets.chimney.native.compiler import INCLUDE, LINKED, BuildOptions, build
from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.machine.refusal import BadTarget
from chimneysweep.targets.machine.toolchain import Compiler

PLAIN = BuildOptions(sanitize=False)


def refused(path: Path, options: BuildOptions = PLAIN) -> str:
    with pytest.raises(BadTarget) as caught:
        build(path, options)
    return str(caught.value)


# -- what a user may get wrong -------------------------------------------------------


def test_no_compiler_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert refused(SMALLEST) == (
        "there is no C compiler on this machine (looked for cc, gcc, clang); install one or set CC"
    )


def test_a_compiler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-cc -m64")
    assert "there is no compiler 'no-such-cc -m64' on this machine" in refused(SMALLEST)


def test_a_program_that_is_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "false")
    assert refused(SMALLEST) == "false is no C compiler: --version ends with code 1"


@needs_cc
def test_a_program_that_does_nothing_is_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CC", "true")
    assert refused(SMALLEST, BuildOptions(sanitize=False, cache=tmp_path)).startswith(
        "true is no C compiler: it does not make "
    )


@needs_cc
def test_sources_and_headers_in_folders_of_their_own(tmp_path: Path) -> None:
    for name in ("src", "inc"):
        (tmp_path / name).mkdir()
    (tmp_path / "inc" / "mine.h").write_text("#define MINE 1\n", encoding="utf-8")
    text = '#include "mine.h"\n' + SMALLEST.read_text(encoding="utf-8")
    (tmp_path / "src" / "driver.c").write_text(text, encoding="utf-8")
    assert play(factory(build(tmp_path, PLAIN).library))


@needs_cc
def test_what_is_not_built_is_said(tmp_path: Path) -> None:
    (tmp_path / "buffers.cpp").write_text("int helper() { return 1; }\n", encoding="utf-8")
    assert "holds no .c files (not built: buffers.cpp; a driver is C here" in refused(tmp_path)
    text = SMALLEST.read_text(encoding="utf-8") + "\nint helper(void);\nint use(void) { return helper(); }\n"
    (tmp_path / "driver.c").write_text(text, encoding="utf-8")
    assert "in our NDIS: helper (not built: buffers.cpp; a driver is C" in refused(tmp_path)


def test_a_source_in_utf_16(tmp_path: Path) -> None:
    (tmp_path / "driver.c").write_text("int one;\n", encoding="utf-8")
    (tmp_path / "driver.h").write_text("int one;\n", encoding="utf-16")
    told = f"{tmp_path}/driver.h is UTF-16, which no C compiler here reads; save it as UTF-8"
    assert refused(tmp_path) == told


def test_nothing_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "driver") == f"there is no file or folder {tmp_path / 'driver'}"


def test_a_folder_without_sources(tmp_path: Path) -> None:
    (tmp_path / "driver.h").touch()
    assert "holds no .c files" in refused(tmp_path)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "driver.inf").touch()
    assert "is no driver: name a folder of .c files, a .c file, a .vcxproj or a .so" in refused(
        tmp_path / "driver.inf"
    )


@needs_cc
def test_a_source_that_does_not_compile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    Path("mine", "fine.c").write_text('#include "ndis.h"\nULONG Fine;\n', encoding="utf-8")
    Path("mine", "wrong.c").write_text('#include "ndis.h"\nULONG Wrong = ;\n', encoding="utf-8")
    said = refused(Path("mine"))
    assert said.startswith("mine does not compile:\nmine/wrong.c:2:15: error: ")
    assert "ULONG Wrong = ;" in said
    assert "fine.c" not in said


LACKING = """\
#include "ndis.h"
#include "nowhere.h"
typedef struct { NDIS_NOTHING Nothing; } MINE;
#include "gone.h"
HANDLER_OF_NOTHING MyHandler;
VOID F(PNDIS_NO_PARAMETERS Parameters, NDIS_STATUS_INDICATION *Indication) {
    ULONG Tag = 'abcd';
    NdisMNothing(NDIS_NO_SUCH_FLAG);
    NdisMNothingElse(Parameters, Tag);
    Indication->Fruit = 1;
}
"""


@needs_cc
def test_all_that_is_missing_is_told_at_once_by_name(tmp_path: Path) -> None:
    driver = tmp_path / "driver.c"
    driver.write_text(LACKING, encoding="utf-8")
    said = refused(driver)
    assert said.splitlines()[0] == f"{driver} needs what is neither in it nor in our NDIS:"
    told = dict(re.findall(r"^    (\S+) +first at \S*driver\.c:(\d+):", said, re.MULTILINE))
    assert told == {
        "gone.h": "4",
        "nowhere.h": "2",
        "HANDLER_OF_NOTHING": "5",
        "NDIS_NOTHING": "3",
        "PNDIS_NO_PARAMETERS": "6",
        "NdisMNothing": "8",
        "NdisMNothingElse": "9",
        "NDIS_NO_SUCH_FLAG": "8",
        "NDIS_STATUS_INDICATION.Fruit": "10",
    }
    assert "warning:" not in said


@needs_cc
def test_what_is_newer_than_our_ndis_is_told_with_what_to_do(tmp_path: Path) -> None:
    driver = tmp_path / "driver.c"
    driver.write_text(LACKING, encoding="utf-8")
    for name, hint in (("NDIS630_MINIPORT", True), ("NDIS61_MINIPORT", False)):
        said = refused(driver, BuildOptions(sanitize=False, flags=(f"-D{name}=1",)))
        assert (f"--cflag -U{name} --cflag -DNDIS620_MINIPORT=1" in said) == hint


@needs_cc
def test_pool_tags_and_warnings_do_not_hide_an_error(tmp_path: Path) -> None:
    text = "#include \"ndis.h\"\nULONG Tags[] = {'abcd', 'efgh'};\nint *Odd = 7;\nint Wrong = ;\n"
    (tmp_path / "driver.c").write_text(text, encoding="utf-8")
    said = refused(tmp_path / "driver.c")
    assert "driver.c:4:13: error: expected expression" in said
    assert "warning:" not in said


@needs_cc
def test_functions_that_nobody_defines(tmp_path: Path) -> None:
    text = SMALLEST.read_text(encoding="utf-8")
    extra = "VOID Lost(VOID);\nVOID Gone(VOID);\nVOID F(VOID) { Lost(); Gone(); Lost(); }\n"
    (tmp_path / "driver.c").write_text(text + extra, encoding="utf-8")
    said = refused(tmp_path / "driver.c")
    assert said.endswith("calls functions that are nowhere, neither in it nor in our NDIS: Lost, Gone")


@needs_cc
def test_a_driver_without_driver_entry(tmp_path: Path) -> None:
    (tmp_path / "driver.c").write_text('#include "ndis.h"\nULONG Nothing;\n', encoding="utf-8")
    said = refused(tmp_path / "driver.c")
    assert said == f"{tmp_path / 'driver.c'} has no DriverEntry, where NDIS begins with a driver"


def elf_head(machine: int, kind: int = 3) -> bytes:
    return b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HH", kind, machine)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"MZ\x90\0" + bytes(60), "is a Windows binary"),
        (b"hello", "is no shared object (it does not begin as an ELF file does)"),
        (elf_head(8), f"is built for machine number 8; this machine is {platform.machine()}"),
        (elf_head(40), "is built for arm; this machine is"),
        (elf_head({"x86_64": 62, "aarch64": 183}.get(platform.machine(), 0), kind=2), "link it with -shared"),
    ],
)
def test_a_library_that_is_none(tmp_path: Path, content: bytes, expected: str) -> None:
    if "link it" in expected and platform.machine() not in ("x86_64", "aarch64"):
        pytest.skip("the test does not know the number of this machine")
    (tmp_path / "driver.so").write_bytes(content)
    assert expected in refused(tmp_path / "driver.so")


# -- what goes in --------------------------------------------------------------------


@needs_cc
def test_a_folder_of_files_with_a_header_of_their_own(tmp_path: Path) -> None:
    text = SMALLEST.read_text(encoding="utf-8")
    (tmp_path / "own.h").write_text('#include "simnic.h"\n', encoding="utf-8")
    (tmp_path / "driver.c").write_text(text.replace("simnic.h", "own.h"), encoding="utf-8")
    (tmp_path / "more.c").write_text("#include <own.h>\nULONG More;\n", encoding="utf-8")
    assert not play(factory(tmp_path, PLAIN)).breaches


@needs_cc
def test_flags_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "driver.c").write_text("#ifndef MINE\n#error MINE is missing\n#endif\n", encoding="utf-8")
    assert "MINE is missing" in refused(tmp_path / "driver.c")
    assert "no DriverEntry" in refused(tmp_path / "driver.c", BuildOptions(sanitize=False, flags=("-DMINE",)))


def shared(path: Path, *flags: str, source: Path = SMALLEST) -> Path:
    command = [CC, "-shared", "-fPIC", "-g", "-fshort-wchar", "-w", f"-I{INCLUDE}", *flags]
    subprocess.run([*command, str(source), "-o", str(path)], check=True)
    return path


@needs_cc
@pytest.mark.parametrize("flags", [(), ("-Wl,-soname,another.so",), ("-DCHS_PLAIN_ALLOCATION",)])
def test_a_library_of_the_users(tmp_path: Path, flags: tuple[str, ...]) -> None:
    library = shared(tmp_path / "another.so", *flags)
    assert not play(factory(library, PLAIN)).breaches


@needs_cc
def test_a_library_of_the_users_leaks_at_a_line_that_is_not_known(tmp_path: Path) -> None:
    library = shared(
        tmp_path / "leaks.so", "-DCHS_PLAIN_ALLOCATION", "-DON_HALT=ExAllocatePoolWithTag(0, 7, TAG)"
    )
    assert complaints(play(factory(library, PLAIN))) == {
        "target.leaked": "MiniportHaltEx returns and 7 bytes with the tag 'Smll' are not freed, "
        "taken at a line that is not known"
    }


@needs_cc
def test_a_library_without_driver_entry(tmp_path: Path) -> None:
    (tmp_path / "empty.c").write_text("int nothing;\n", encoding="utf-8")
    library = shared(tmp_path / "empty.so", source=tmp_path / "empty.c")
    assert "has no DriverEntry" in refused(library)


@needs_cc
def test_a_library_that_needs_what_is_nowhere(tmp_path: Path) -> None:
    text = SMALLEST.read_text(encoding="utf-8")
    (tmp_path / "lost.c").write_text(text + "VOID Lost(VOID);\nVOID F(VOID) { Lost(); }\n", encoding="utf-8")
    library = shared(tmp_path / "lost.so", source=tmp_path / "lost.c")
    assert "calls a function that is nowhere, neither in it nor in our NDIS: Lost" in refused(library)


@needs_cc
def test_a_library_that_has_the_sanitizer_already(tmp_path: Path) -> None:
    try:
        library = shared(tmp_path / "asan.so", "-fsanitize=address")
    except subprocess.CalledProcessError:
        pytest.skip("the compiler has no AddressSanitizer")
    built = build(library, PLAIN)
    assert "address" in built.sanitizers
    assert built.preload
    with pytest.raises(BadTarget, match="must be started with it in LD_PRELOAD"):
        factory(built.library)


@needs_cc
def test_the_library_goes_when_nobody_holds_it() -> None:
    built = build(SMALLEST, PLAIN)
    library = built.library
    assert library.name == f"smallest{LINKED}"
    assert library.is_file()
    del built
    assert not library.exists()


# -- sanitizers ----------------------------------------------------------------------


@needs_cc
def test_the_environment_of_a_sanitized_driver(tmp_path: Path) -> None:
    built = build(SMALLEST, BuildOptions(cache=tmp_path))
    if "address" not in built.sanitizers:
        pytest.skip("the compiler has no AddressSanitizer")
    assert "asan" in built.preload[0]
    assert built.env["LD_PRELOAD"] == ":".join(built.preload)
    assert all(Path(path).is_file() for path in built.preload)
    assert "detect_leaks=0" in built.env["ASAN_OPTIONS"]
    assert "color=never" in built.env["UBSAN_OPTIONS"]
    assert build(SMALLEST, BuildOptions(sanitize=False, cache=tmp_path)).env == {}


@needs_cc
def test_a_compiler_without_sanitizers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "plain-cc"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *-fsanitize*) echo no sanitizers >&2; exit 1;; esac\nexec {CC} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("CC", str(script))
    built = build(SMALLEST, BuildOptions(cache=tmp_path / "cache"))
    assert (built.sanitizers, built.preload, built.env) == ((), (), {})


@needs_cc
def test_a_runtime_that_is_a_linker_script(tmp_path: Path) -> None:
    (tmp_path / "libasan.so").write_text("INPUT ( /usr/lib64/libasan.so.8.0.0 )\n", encoding="ascii")
    compiler = Compiler(("sh", "-c", f"echo {tmp_path}/libasan.so"), "gcc")
    assert compiler.preload()[0] == "/usr/lib64/libasan.so.8.0.0"


@needs_cc
def test_a_sanitized_library_is_not_loaded_into_a_process_without_the_runtime() -> None:
    built = build(SMALLEST)
    if "address" not in built.sanitizers:
        pytest.skip("the compiler has no AddressSanitizer")
    with pytest.raises(BadTarget, match="must be started with it in LD_PRELOAD"):
        factory(built.library)
