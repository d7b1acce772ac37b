"""The calls between Python and a driver in C, recorded once and then made again by a bare loop.

The loop makes each call of the library that a run made, with the same numbers and bytes, and
answers each callback as it was answered. It knows no host, no wire and no monitor. What is
different each time are addresses: they are taken from where they came up first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from chimneysweep.targets.chimney.native.driver_library import ABANDON, CALLBACK, DriverLibrary

ADDRESS = 2**33
"""Numbers as large as this are addresses: all others are sequence numbers, lengths and windows."""
FILLED = {"chs_build": 3, "chs_send": 4, "chs_receive": 5, "chs_disconnect": 4, "chs_forward": 4}
FILLED["chs_forward_with_next"] = 4
"""Which argument the library fills with addresses."""


@dataclasses.dataclass
class TapedCall:
    """One call: function, arguments (lists for arrays), what was filled in, what was heard meanwhile."""

    name: str
    args: list[Any]
    filled: list[int] = dataclasses.field(default_factory=list)
    heard: list[Callback] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Callback:
    """One callback: its number and words, the answer, and the calls that were made before it was given."""

    number: int
    words: list[int]
    answer: int = 0
    calls: list[TapedCall] = dataclasses.field(default_factory=list)


class Recorder:
    """Stands in for a library's functions while runs are played, and keeps what goes through."""

    def __init__(self, library: DriverLibrary) -> None:
        self._library, self._lib, self._ffi = library, library.lib, library.ffi
        self._open: list[Any] = [Callback(-1, [])]
        self.calls: list[TapedCall] = self._open[0].calls
        self._callback = self._ffi.callback(CALLBACK, self._hear, error=ABANDON, onerror=library._failed)

    def __enter__(self) -> Recorder:
        self._library.lib = self
        listen(self._library, self._callback)
        return self

    def __exit__(self, *error: object) -> None:
        self._library.lib = self._lib
        listen(self._library, self._library.callback)

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._lib, name)
        return self._noting(name, function) if name.startswith("chs_") else function

    def _noting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any) -> Any:
            call = TapedCall(name, [self._plain(arg) for arg in args])
            self._open[-1].calls.append(call)
            self._open.append(call)
            try:
                return function(*args)
            finally:
                self._open.pop()
                if name in FILLED:
                    call.filled = list(args[FILLED[name]])

        return noted

    def _plain(self, arg: Any) -> Any:
        return list(arg) if isinstance(arg, self._ffi.CData) else arg

    def _hear(self, number: int, words: Any, count: int, data: Any, size: int) -> int:
        event = Callback(number, self._ffi.unpack(words, count) if count else [])
        self._open[-1].heard.append(event)
        self._open.append(event)
        try:
            event.answer = self._library._told(number, words, count, data, size)
        finally:
            self._open.pop()
        return event.answer


def listen(library: DriverLibrary, callback: Any) -> None:
    """Have the library tell *callback* what the driver does."""
    ffi = type(library.ffi)()
    ffi.cdef("void chs_listen(void *callback);")
    ffi.dlopen(str(library.path.resolve())).chs_listen(callback)


class Bare:
    """The loop. Made from the calls of a run, it makes them again, as often as wanted."""

    def __init__(self, library: DriverLibrary, calls: list[TapedCall]) -> None:
        self._library, self._ffi = library, library.ffi
        self._table: dict[int, int] = {}
        self._used = frozenset(_used(calls))
        self._steps: list[Any] = [self._step(call) for call in calls]
        self._answers: list[Any] = [self._answer(event) for event in _events(calls)]
        self._script: Iterator[Any] = iter(())
        self._wrong: list[BaseException] = []
        self.callback = self._ffi.callback(CALLBACK, self._hear, error=ABANDON, onerror=self._failed)

    def run(self) -> None:
        """Make all calls. Raises RuntimeError if the driver does something else than it did."""
        self._script = iter(self._answers)
        self._make(self._steps)
        if self._wrong:
            raise RuntimeError("the driver does something else") from self._wrong[0]
        if next(self._script, None) is not None:
            raise RuntimeError("the driver was heard of less often than when it was recorded")

    def _make(self, steps: list[Any]) -> None:
        table = self._table
        for function, first, rest, patches, filled, names in steps:
            for array, k, old in patches:
                array[k] = table[old]
            if first:
                function(table[first], *rest)
            else:
                function(*rest)
            if names:
                for k, old in enumerate(names):
                    table[old] = filled[k]

    def _hear(self, number: int, words: Any, count: int, data: Any, size: int) -> int:
        same, answer, names, steps = next(self._script)
        if number != same:
            raise RuntimeError(f"the driver tells event {number}; when it was recorded it told {same}")
        for k, old in names:
            self._table[old] = words[k]
        if steps:
            self._make(steps)
        return answer  # type: ignore[no-any-return]

    def _failed(self, kind: object, error: BaseException, trace: object) -> None:
        self._wrong.append(error)

    def _step(self, call: TapedCall) -> Any:
        args, patches = list(call.args), []
        for k, arg in enumerate(args):
            if isinstance(arg, list):
                args[k] = array = self._ffi.new("int64_t[]", arg)
                if k != FILLED.get(call.name):
                    patches += [(array, n, x) for n, x in enumerate(arg) if x >= ADDRESS]
        rest = tuple(args)
        first = 0
        if args and isinstance(args[0], int) and args[0] >= ADDRESS:
            first, rest = args[0], rest[1:]
        elif call.name == "chs_manipulate":  # its address comes second
            array = self._ffi.new("int64_t[]", [0])
            return (self._manipulate(args[0]), args[1], (), (), array, ())
        filled = args[FILLED[call.name]] if call.name in FILLED else None
        return getattr(self._library.lib, call.name), first, rest, tuple(patches), filled, tuple(call.filled)

    def _manipulate(self, purpose: int) -> Callable[[int], None]:
        function = self._library.lib.chs_manipulate
        return lambda root: function(purpose, root)

    def _answer(self, event: Callback) -> Any:
        names = tuple((k, x) for k, x in enumerate(event.words) if x in self._used)
        return event.number, event.answer, names, [self._step(call) for call in event.calls]


def _all(calls: list[TapedCall]) -> Iterator[TapedCall]:
    for call in calls:
        yield call
        for event in call.heard:
            yield from _all(event.calls)


def _events(calls: list[TapedCall]) -> Iterator[Callback]:
    """Every callback, in the order in which they come."""
    for call in calls:
        for event in call.heard:
            yield event
            yield from _events(event.calls)


def _used(calls: list[TapedCall]) -> Iterator[int]:
    """Addresses that are passed to the driver's side and were heard of in a callback."""
    for call in _all(calls):
        if call.name == "chs_return":
            yield from call.args[1]
