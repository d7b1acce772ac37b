"""A C program that plays a finding on a driver once more, alone: no Python, and a place for a breakpoint.

It makes the calls that were recorded, and compares what the driver tells with what it told then. Where that
is the same up to the last step, the rule is broken again. Addresses differ from run to run: one that a call
returned is a place in ``made``, any other is not compared.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from importlib import resources

from ..harmless import printable
from ..short import short
from ..trace import Trace
from .recorded_calls import CallToDriver, CallToNdis, every
from .registry import CannotExport

WIDTH = 100
ADDRESS = 2**32
"""A number that is larger is an address, or a hash of memory that has some."""
MOST_BYTES = 2**18
"""Bytes that the calls carry, at the most: they stand in the program."""
MAKEFILE, PLAYER = "replay.mk.txt", "replay.c.txt"


class _Program:
    """The text of the program while it grows."""

    def __init__(self, trace: Trace, calls: Sequence[CallToDriver]) -> None:
        self.trace, self.calls = trace, calls
        self.last = len(trace.steps)
        self.written = 0  # steps that were told
        self.places: dict[int, int] = {}  # address -> place in `made`, of those that live now
        self.kept: dict[int, tuple[int, int]] = {}  # address -> event and word that told it
        self.room = 0
        self.expected: list[tuple[int, list[str]]] = []
        self.inside: list[list[str]] = []  # what is called during each event, and the answer
        self.main = [line for call in calls for line in self.call(call, "    ")]

    def steps(self, upto: int, indent: str) -> Iterator[str]:
        """Tell the steps up to this number."""
        while self.written < min(upto, self.last):
            self.written += 1
            yield f"{indent}step({self.written});"

    @property
    def over(self) -> bool:
        """Whether the last step was told."""
        return self.written >= self.last

    def call(self, call: CallToDriver, indent: str) -> Iterator[str]:
        """The statements of a call; its events are noted."""
        yield from self.steps(call.steps, indent)
        if self.over:
            return
        at, self.room = self.room, self.room + len(call.made)
        words = [self.argument(argument) for argument in call.arguments]
        words += [f"&made[{at}]"] if call.made else []
        self.places |= {address: at + k for k, address in enumerate(call.made) if address > ADDRESS}
        text = f"{call.name}({', '.join(words)})"
        returns = call.returned is not None
        yield indent + (f'returns({call.returned}, {text}, "{call.name}");' if returns else f"{text};")
        for event in call.events:
            self.event(event)

    def event(self, event: CallToNdis) -> None:
        """An event that is expected, and what happens in it."""
        if self.over:
            return
        number = len(self.expected)
        self.expected.append((event.kind, [self.word(word) for word in event.words]))
        self.kept |= {
            word: (number, k)
            for k, word in enumerate(event.words)
            if word > ADDRESS and word not in self.places
        }
        body: list[str] = []
        self.inside.append(body)
        first = event.calls[0].steps if event.calls else event.ends
        actors = [step.actor for step in self.trace.steps]
        upto = self.written
        while upto < min(first, self.last) and (upto < event.begins or actors[upto] == "target"):
            upto += 1
        body += self.steps(upto, "        ")
        for call in event.calls:
            body += self.call(call, "        ")
        body += self.steps(event.ends, "        ")
        body.append(f"        return {event.answer};")

    def argument(self, argument: object) -> str:
        """An argument as an expression."""
        if isinstance(argument, str):
            return _bytes(argument)
        if isinstance(argument, tuple):
            return f"(int64_t[]){{{', '.join(map(self.argument, argument))}}}" if argument else "NULL"
        assert isinstance(argument, int)
        if isinstance(argument, bool):  # which is no address, though True is 1
            return str(int(argument))
        if argument in self.places:
            return f"made[{self.places[argument]}]"
        if argument in self.kept:
            event, word = self.kept[argument]
            return f"kept[{event}][{word}]"
        return _number(argument)

    def word(self, word: int) -> str:
        """A word of an event as it is expected."""
        if word in self.places:
            return f"MADE({self.places[word]})"
        return "ANY" if abs(word) > ADDRESS else _number(word)


def _number(value: int) -> str:
    return f"{value}LL" if abs(value) >= 2**31 else str(value)


def _bytes(digits: str) -> str:
    """Bytes as a string of C's, each by its number in three octal digits, so that none runs into the next."""
    return '"' + "".join(f"\\{byte:03o}" for byte in bytes.fromhex(digits)) + '"'


def program(
    trace: Trace, calls: Sequence[CallToDriver], flags: Sequence[str], sanitize: bool
) -> dict[str, str]:
    """The program, and its Makefile, by their names. Raises CannotExport for one that would be too large."""
    given = (
        argument for call in every(calls) if isinstance(call, CallToDriver) for argument in call.arguments
    )
    carried = sum(len(argument) // 2 for argument in given if isinstance(argument, str))
    if carried > MOST_BYTES:
        raise CannotExport(f"the run carries {carried} bytes; a program has at most {MOST_BYTES} in it")
    made = _Program(trace, calls)
    died = not made.over and any(not call.done for call in calls)
    main = [*made.main, *([] if died else made.steps(made.last, "    "))]
    fields = {
        "STORY": "\n".join(f" * {_comment(line.text)}".rstrip() for line in short(trace, WIDTH)),
        "STEPS": "\n".join(f"    {_string(step.says or step.action)}," for step in trace.steps) or '    "",',
        "LAST": str(made.last),
        "BREAKS": _string(trace.violation.property if trace.violation else "nothing"),
        "ROOM": str(max(1, made.room)),
        "COUNT": str(len(made.expected)),
        "EXPECTED": "\n".join(map(_expected, range(len(made.expected)), made.expected)),
        "TABLE": "".join(
            f"    {{{kind}, {len(words)}, expected_{n}}},\n" for n, (kind, words) in enumerate(made.expected)
        ),
        "INSIDE": "\n".join(f"    case {n}:\n" + "\n".join(body) for n, body in enumerate(made.inside)),
        "MAIN": "\n".join(main),
    }
    stop = made.written if died else made.last
    return {"replay.c": _filled(PLAYER, fields), "Makefile": _makefile(stop, flags, sanitize)}


def _expected(number: int, event: tuple[int, list[str]]) -> str:
    return f"static const int64_t expected_{number}[] = {{{', '.join(event[1]) or '0'}}};"


def _makefile(step: int, flags: Sequence[str], sanitize: bool) -> str:
    kinds = "-fsanitize=address,undefined -fno-sanitize-recover=all" if sanitize else ""
    own = " ".join(shlex.quote(printable(flag)) for flag in flags).replace("$", "$$").replace("#", "\\#")
    return _filled(MAKEFILE, {"STEP": str(step), "SANITIZE": kinds, "FLAGS": own})


def _filled(name: str, fields: dict[str, str]) -> str:
    """A template with each ``@NAME@`` filled in; what is filled in is not looked at again."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: fields[found[1]], text)


def _comment(text: str) -> str:
    """A line in a comment: it does not end it, and no other begins in it."""
    plain = printable(text).encode("ascii", "backslashreplace").decode()
    return plain.replace("*/", "*_/").replace("/*", "/_*").replace("??/", "?_?/").rstrip("\\")


def _string(text: str) -> str:
    """A string of C's."""
    plain = printable(text).encode("ascii", "backslashreplace").decode()
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?") + '"'
