"""Building a driver: its C files, or a library of its own, and our NDIS become one shared object.

The system's compiler does it. The objects of our NDIS are kept in a cache folder, so that
a second run compiles the driver alone; everything that has to be compiled is compiled at
the same time.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from shlex import quote

from ...machine import elf
from ...machine.cache import Cache, digest
from ...machine.folder import Folder
from ...machine.refusal import BadTarget
from ...machine.toolchain import Compiler, CompilerFailed, find_compiler
from . import declarations, missing, trace_headers
from .memory_known import locks, told_of_memory
from .project_file import PROJECTS, Project, project_files, read_project

NDIS = Path(__file__).resolve().parent.parent / "ndis"
INCLUDE = NDIS / "include"
OURS = "<ndis>"
"""Where debuggers are told that the sources of our NDIS are: their frames are no driver's."""
LINKED = ".chimneysweep.so"
"""How the name of a library ends that :func:`build` made."""

EDGES = ("first", "last")
"""Objects of our NDIS between which the driver's are linked: so its own data is told from ours."""

SOURCE_FOLDERS = ("src", "source")
HEADER_FOLDERS = ("inc", "include")
"""Folders in a driver's own in which its sources and headers may be."""
CPLUSPLUS = (".cpp", ".cc", ".cxx")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""How a file begins that is in UTF-16."""
COMMON = [
    "-std=gnu11",
    "-fPIC",
    "-g",
    "-O1",
    "-fno-omit-frame-pointer",
    "-fno-optimize-sibling-calls",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    "-fshort-wchar",
    "-fms-extensions",
    "-fgnu89-inline",
    "-Wno-multichar",
]
"""As a kernel compiler treats C: no aliasing rules, UTF-16 literals, structures without names, pool tags, and
an inline function in a header that is also one of its own."""
COVERS = "-fsanitize-coverage=trace-pc"
"""Every basic block of the driver's tells that it runs (ndis/src/cover.c)."""
CALLS_FOR_ACCESS = (
    ("-fsanitize=address", "--param", "asan-instrumentation-with-call-threshold=0"),
    ("-fsanitize=address", "-mllvm", "-asan-instrumentation-with-call-threshold=0"),
)
"""AddressSanitizer calls a function for each access, of which ndis/src/races.c takes note."""
SANITIZED = ["-fno-sanitize-recover=all", "-fno-sanitize=alignment,nonnull-attribute"]
"""The machines that Windows drivers are for read at any address, and drivers read headers of packets so; and
to copy no bytes from NULL does nothing there."""
STRICT = ["-Werror=implicit-function-declaration"]
"""A call of a function that nobody declares is an error in its own line, not a crash later."""


@dataclasses.dataclass(frozen=True)
class BuildOptions:
    """How to build.

    ``sanitize``: with AddressSanitizer and UndefinedBehaviorSanitizer, as far as the machine
    has them. ``flags`` go to the compiler after ours. ``compiler`` is a command, instead of
    $CC, cc, gcc or clang. ``cache`` is a folder, instead of the user's cache folder.
    """

    sanitize: bool = True
    flags: tuple[str, ...] = ()
    compiler: str = ""
    cache: Path | None = None


@dataclasses.dataclass(frozen=True)
class Built:
    """A driver ready to be loaded.

    ``library`` is the shared object, ``preload`` what must be in LD_PRELOAD of the process
    that loads it, ``env`` the environment of that process (LD_PRELOAD included).
    ``sanitizers`` names those that are in it; ``locks``: the driver locks something. The library is
    deleted with this object.
    """

    library: Path
    preload: tuple[str, ...] = ()
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    sanitizers: tuple[str, ...] = ()
    folder: Folder | None = dataclasses.field(default=None, repr=False)
    locks: bool = False


def build(path: Path, options: BuildOptions | None = None) -> Built:
    """Make one shared object of the driver at *path*: a folder of .c files, a .c file, a .vcxproj, or a .so.

    Raises :class:`...machine.refusal.BadTarget` for whatever the user can mend.
    """
    options = options or BuildOptions()
    project = read_project(path) if path.suffix in PROJECTS and path.is_file() else None
    sources = list(project.sources) if project else _sources(path)
    _readable(sources)
    cache = Cache(options.cache)
    compiler = find_compiler(options.compiler)
    wanted = compiler.sanitizers(cache) if options.sanitize or _is_sanitized(path) else ()
    folder = Folder()
    covers = COVERS in compiler.works([(COVERS,)], cache)
    access_flags = compiler.works(CALLS_FOR_ACCESS, cache)[1:] if "address" in wanted else ()
    job = _Job(path, options, compiler, wanted, covers, access_flags, folder.path, project)
    library = job.run(sources, cache)
    made = [path if path.suffix != ".c" else folder.path / f"driver{n}.o" for n, path in enumerate(sources)]
    preload = compiler.preload() if "address" in wanted else ()
    return Built(library, preload, _environment(preload, wanted), wanted, folder, locks(made))


def _sources(path: Path) -> list[Path]:
    """The files to build from. Raises BadTarget."""
    if path.is_dir():
        places = [path, *(path / name for name in SOURCE_FOLDERS)]
        found = sorted(p for place in places if place.is_dir() for p in place.glob("*.c") if p.is_file())
        if not found:
            raise BadTarget(
                f"the folder {path} holds no .c files{_skipped(path)}; "
                f"name the folder with the driver's sources{_listed(path)}"
            )
        return found
    if not path.is_file():
        raise BadTarget(f"there is no file or folder {path}")
    if path.suffix == ".so" or ".so." in path.name:
        elf.check(path)
    elif path.suffix != ".c":
        raise BadTarget(f"{path} is no driver: name a folder of .c files, a .c file, a .vcxproj or a .so")
    return [path]


def _skipped(path: Path) -> str:
    """The sources in a driver's folder that are not built, in words."""
    rest = sorted(p for p in path.rglob("*") if p.suffix in CPLUSPLUS or p.suffix == ".c")
    built = {path, *(path / name for name in SOURCE_FOLDERS)}
    left = [str(p.relative_to(path)) for p in rest if p.suffix != ".c" or p.parent not in built]
    few = ", ".join(left[:4]) + (f" and {len(left) - 4} more" if left[4:] else "")
    where = f"a driver is C here, in the folder itself or in {' or '.join(SOURCE_FOLDERS)}"
    return f" (not built: {few}; {where})" if left else ""


def _listed(path: Path) -> str:
    """Which of a folder's project files say what a driver's files are, where all of them are too many."""
    found = project_files(path) if path.is_dir() else []
    few = "".join(f"\n  chimneysweep conform {quote(str(p))}" for p in found[:4])
    return f"\na project file builds the files that it lists, and no others:{few}" if found else ""


def _readable(sources: Sequence[Path]) -> None:
    """Raise BadTarget for a source or header that is not in a text encoding that compilers read."""
    headers = {header for source in sources for header in source.parent.glob("*.h")}
    for file in (*sources, *sorted(headers)):
        if file.suffix in (".c", ".h") and file.read_bytes()[:2] in UTF16:
            raise BadTarget(f"{file} is UTF-16, which no C compiler here reads; save it as UTF-8")


def _is_sanitized(path: Path) -> bool:
    """Whether a ready library was built with AddressSanitizer, and so needs its runtime."""
    return path.suffix != ".c" and path.is_file() and b"__asan_init" in path.read_bytes()


@dataclasses.dataclass(frozen=True)
class _Job:
    """One build: what goes in, and the folder it is made in."""

    path: Path
    options: BuildOptions
    compiler: Compiler
    sanitizers: tuple[str, ...]
    covers: bool
    access_flags: tuple[str, ...]
    folder: Path
    project: Project | None = None

    def run(self, sources: list[Path], cache: Cache) -> Path:
        self._trace(sources)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            own = [pool.submit(self._own_object, source, cache) for source in sorted(NDIS.glob("src/*.c"))]
            theirs = [pool.submit(self._object, source, n) for n, source in enumerate(sources)]
            self._check(theirs, sources)
            ours = {future.result() for future in own}
            drivers = [future.result() for future in theirs]
        first, last = (next(p for p in ours if p.name.startswith(f"{edge}-")) for edge in EDGES)
        rest = sorted(ours - {first, last})
        objects = [path for path in drivers if path.suffix == ".o"]
        libraries = [path for path in drivers if path.suffix != ".o"]
        memory_flags = [] if libraries else told_of_memory(objects, (first, last, *rest))
        return self._link([first, *objects, last, *rest, *libraries], memory_flags)

    def _header_folders(self) -> list[Path]:
        if self.project:
            return list(self.project.folders)
        home = self.path if self.path.is_dir() else self.path.parent
        folders = [home, *(home / name for name in (*SOURCE_FOLDERS, *HEADER_FOLDERS))]
        return [folder for folder in folders if folder.is_dir()]

    def _flags(self) -> list[str]:
        kinds = ",".join(self.sanitizers)
        sanitize = [f"-fsanitize={kinds}", *SANITIZED, *self.access_flags] if kinds else []
        headers = [f"-I{folder}" for folder in (*self._header_folders(), self._traced())]
        covers = [COVERS] if self.covers else []
        said = [*(self.project.flags if self.project else ()), *self.options.flags]
        return [*COMMON, *STRICT, *sanitize, *covers, f"-I{INCLUDE}", *headers, *said]

    def _traced(self) -> Path:
        """The folder with what the kits' build makes of trace functions."""
        return self.folder / "traced"

    def _trace(self, sources: Sequence[Path]) -> None:
        self._traced().mkdir()
        own = [header for folder in self._header_folders() for header in sorted(folder.glob("*.h"))]
        for name, text in trace_headers.headers([s for s in sources if s.suffix == ".c"], own).items():
            (self._traced() / name).write_text(text, encoding="utf-8")

    def _object(self, source: Path, number: int) -> Path:
        """An object of the driver's; a library is taken as it is."""
        if source.suffix != ".c":
            return source.resolve()
        made = self.folder / f"driver{number}.o"
        compiles = [*self._flags(), "-c", "-o", str(made)]
        try:
            self.compiler.run([*compiles, str(source)])
        except CompilerFailed as failed:
            conflicting = declarations.conflicts(failed.output)
            if not conflicting:
                raise
            text = self.compiler.run([*self._flags(), "-E", str(source)])
            plain = self.folder / f"driver{number}.i"
            plain.write_text(
                declarations.without(text, conflicting), encoding="utf-8", errors="surrogateescape"
            )
            self.compiler.run([*compiles, str(plain)])
        return made

    def _check(self, compilations: Sequence[Future[Path]], sources: Sequence[Path]) -> None:
        """Raise BadTarget if a file does not compile: with all that is missing, or the compiler's words."""
        said = [e.output.rstrip() for c in compilations if isinstance(e := c.exception(), CompilerFailed)]
        if not said:
            return
        lacks = missing.look_for("\n".join(said), lambda flags: self._said(sources, flags), self.folder)
        if lacks:
            raise BadTarget(
                f"{self.path} needs what is neither in it nor in our NDIS:\n{lacks.message()}\n"
                f"{missing.too_new(self._flags())}what there is: chimneysweep list ndis{_listed(self.path)}"
            )
        words = "\n".join(map(missing.errors, said))
        raise BadTarget(f"{self.path} does not compile:\n{words}{_listed(self.path)}")

    def _said(self, sources: Sequence[Path], flags: Sequence[str]) -> str:
        """What the compiler says of all the driver's files with these flags besides."""
        limit = ["-ferror-limit=0"] if self.compiler.is_clang else []
        said = []
        for source in sources:
            try:
                self.compiler.run([*self._flags(), *limit, *flags, str(source)])
            except CompilerFailed as failed:
                said.append(failed.output)
        return "\n".join(said)

    def _own_object(self, source: Path, cache: Cache) -> Path:
        """An object of our NDIS, which is the same with and without sanitizers."""
        inputs = [source, *sorted(source.parent.glob("*.h")), *sorted(INCLUDE.glob("*.h"))]
        flags = [*COMMON, f"-fdebug-prefix-map={NDIS}={OURS}"]
        key = digest(self.compiler.identity, *COMMON, OURS, *(p.read_bytes() for p in inputs))

        def make(into: Path) -> None:
            try:
                self.compiler.run([*flags, f"-I{INCLUDE}", "-c", str(source), "-o", str(into)])
            except CompilerFailed as failed:
                command = " ".join(self.compiler.command)
                raise BadTarget(f"{command} does not compile our NDIS:\n{failed.output.rstrip()}") from None

        return cache.file(f"{source.stem}-{key}.o", make, self.folder)

    def _link(self, inputs: Sequence[Path], memory_flags: Sequence[str]) -> Path:
        library = self.folder / f"{self.path.resolve().stem}{LINKED}"
        kinds = ",".join(self.sanitizers)
        sanitize = [f"-fsanitize={kinds}", *self.compiler.shared_runtime()] if kinds else []
        rpaths = [
            w for p in inputs if p.suffix != ".o" for w in ("-Xlinker", "-rpath", "-Xlinker", str(p.parent))
        ]
        whole = ["-Wl,-z,muldefs", "-Wl,-Bsymbolic", "-Wl,--no-undefined", "-Wl,--no-allow-shlib-undefined"]
        names = [str(p) for p in inputs]
        try:
            self.compiler.run(
                ["-shared", "-g", *sanitize, *whole, *memory_flags, *names, *rpaths, "-o", str(library)]
            )
        except CompilerFailed as failed:
            raise BadTarget(_unlinked(self.path, failed.output)) from None
        return library


def _unlinked(path: Path, output: str) -> str:
    """What the linker's complaint means to the author of a driver."""
    names = list(dict.fromkeys(re.findall(r"undefined (?:reference to|symbol:?) [`']?(\w+)", output)))
    if "DriverEntry" in names:
        return f"{path} has no DriverEntry, where NDIS begins with a driver"
    if names:
        what = "a function that is" if len(names) == 1 else "functions that are"
        message = f"{path} calls {what} nowhere, neither in it nor in our NDIS: {', '.join(names)}"
        return message + (_skipped(path) if path.is_dir() else "")
    return f"{path} cannot be linked:\n{output.rstrip()}"


ASAN_OPTIONS: dict[str, int | str] = {
    "detect_leaks": 0,  # our NDIS counts what the driver leaks; what Python leaks is another matter
    "halt_on_error": 1,
    "abort_on_error": 0,
    "symbolize": 1,
    "color": "never",
    "handle_abort": 1,
    "handle_segv": 1,
    "handle_sigbus": 1,
    "handle_sigfpe": 1,
    "handle_sigill": 1,
    "use_sigaltstack": 1,
    "detect_stack_use_after_return": 1,
    "allocator_may_return_null": 1,
    "malloc_context_size": 12,
    "quarantine_size_mb": 64,
}
UBSAN_OPTIONS: dict[str, int | str] = {
    "halt_on_error": 1,
    "print_stacktrace": 1,
    "symbolize": 1,
    "color": "never",
}


def _environment(preload: tuple[str, ...], sanitizers: tuple[str, ...]) -> dict[str, str]:
    env = {}
    if preload:
        env["LD_PRELOAD"] = ":".join(preload)
    if "address" in sanitizers:
        env["ASAN_OPTIONS"] = _options(ASAN_OPTIONS)
    if "undefined" in sanitizers:
        env["UBSAN_OPTIONS"] = _options(UBSAN_OPTIONS)
    return env


def _options(values: dict[str, int | str]) -> str:
    return ":".join(f"{name}={value}" for name, value in values.items())
