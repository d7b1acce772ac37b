"""What is compiled is kept, and made again when anything that it was made from changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from native_stage import CC, SMALLEST, needs_cc

from chimneysweep.targets.chimney.native.compiler import BuildOptions, build
from chimneysweep.targets.machine import toolchain
from chimneysweep.targets.machine.cache import VARIABLE, Cache, default_folder, digest
from chimneysweep.targets.machine.toolchain import Compiler, find_compiler


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that are compiled from here on."""
    made: list[str] = []
    run = Compiler.run

    def counted(self: Compiler, arguments: list[str]) -> str:
        made.extend(Path(a).name for a in arguments if a.endswith(".c"))
        return run(self, arguments)

    monkeypatch.setattr(Compiler, "run", counted)
    return made


@needs_cc
def test_our_own_objects_are_compiled_once(tmp_path: Path, compilations: list[str]) -> None:
    options = BuildOptions(sanitize=False, cache=tmp_path / "new" / "cache")
    build(SMALLEST, options)
    assert "entry.c" in compilations
    compilations.clear()
    build(SMALLEST, options)
    assert compilations == ["smallest.c"]
    assert not [p for p in (tmp_path / "new" / "cache").iterdir() if p.name.startswith(".")]


@needs_cc
def test_another_compiler_has_objects_of_its_own(tmp_path: Path, compilations: list[str]) -> None:
    build(SMALLEST, BuildOptions(sanitize=False, cache=tmp_path))
    compilations.clear()
    build(SMALLEST, BuildOptions(sanitize=False, cache=tmp_path, compiler=f"{CC} -DANOTHER"))
    assert "entry.c" in compilations


@needs_cc
def test_a_cache_that_takes_no_files(tmp_path: Path, compilations: list[str]) -> None:
    (tmp_path / "file").touch()
    options = BuildOptions(sanitize=False, cache=tmp_path / "file" / "cache")
    for _ in range(2):
        compilations.clear()
        assert build(SMALLEST, options).library.is_file()
        assert "entry.c" in compilations


def test_what_another_user_keeps_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "x").write_text("theirs", encoding="utf-8")
    monkeypatch.setattr("os.access", lambda file, mode: False)
    cache = Cache(tmp_path / "kept")
    assert cache.kept("x") is None
    made = cache.file("x", lambda into: into.write_text("ours", encoding="utf-8") and None, tmp_path)
    assert made.read_text(encoding="utf-8") == "ours"


def test_a_file_that_is_being_written_is_not_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")

    def make(into: Path) -> None:
        assert not list(tmp_path.glob("cache/*"))
        into.write_bytes(b"whole")

    (tmp_path / "spare").mkdir()
    assert cache.file("x.o", make, tmp_path / "spare").read_bytes() == b"whole"
    assert cache.file("x.o", lambda into: pytest.fail("made again"), tmp_path).read_bytes() == b"whole"


def test_what_fails_is_not_kept(tmp_path: Path) -> None:
    def fail(into: Path) -> None:
        into.write_bytes(b"half")
        raise toolchain.CompilerFailed("no")

    with pytest.raises(toolchain.CompilerFailed):
        Cache(tmp_path / "cache").file("x.o", fail, tmp_path)
    assert not (tmp_path / "cache").exists()


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert default_folder() == tmp_path
    monkeypatch.delenv(VARIABLE)
    assert default_folder().name == "chimneysweep"


def test_a_digest_tells_its_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab", b"c") == digest("ab", "c")


@needs_cc
def test_the_compiler_says_who_it_is() -> None:
    assert "\n" in find_compiler().identity
