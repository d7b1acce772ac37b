"""What passed between NDIS and a driver in C in a run: the calls, and what the driver told in them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from typing import Any

BEGINS = "chs_forget"
"""What is called before a run; what comes before the last one is of no run."""
UNNEEDED = ("chs_forget", "chs_optional_handlers")

Argument = int | tuple[int, ...] | str
"""A number, an array of numbers, or bytes as hexadecimal digits."""


@dataclasses.dataclass
class CallToNdis:
    """The driver called NDIS: with which words, and what it was told back.

    ``begins`` and ``ends`` count the steps that the run had; ``calls`` were made meanwhile.
    """

    kind: int
    words: tuple[int, ...]
    begins: int
    ends: int = 0
    answer: int = 0
    calls: list[CallToDriver] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class CallToDriver:
    """NDIS, or the hardware, called the driver; ``steps`` is how many the run had then.

    ``made`` are addresses that it filled in. ``returned`` is None for what returns nothing, and for a call
    that did not come back (``done`` is False).
    """

    name: str
    arguments: tuple[Argument, ...]
    steps: int
    made: tuple[int, ...] = ()
    returned: int | None = None
    done: bool = False
    events: list[CallToNdis] = dataclasses.field(default_factory=list)


def read(lines: Iterable[str]) -> list[CallToDriver]:
    """The calls of the last run that was recorded; a driver that died left the last of them unfinished."""
    found: list[CallToDriver] = []
    open_: list[CallToDriver | CallToNdis] = []
    for line in lines:
        data = json.loads(line)
        if data.get("call") == BEGINS:
            found, open_ = [], []
        elif "call" in data:
            call = CallToDriver(data["call"], tuple(map(_argument, data["args"])), data["steps"])
            (open_[-1].calls if open_ and isinstance(open_[-1], CallToNdis) else found).append(call)
            open_.append(call)
        elif "event" in data:
            event = CallToNdis(data["event"], tuple(data["words"]), data["steps"], data["steps"])
            last = open_[-1]
            assert isinstance(last, CallToDriver)
            last.events.append(event)
            open_.append(event)
        elif open_:
            _end(open_.pop(), data)
    return [call for call in found if call.name not in UNNEEDED]


def _argument(value: Any) -> Argument:
    return tuple(value) if isinstance(value, list) else value


def _end(last: CallToDriver | CallToNdis, data: dict[str, Any]) -> None:
    if isinstance(last, CallToNdis):
        last.answer, last.ends = data["answer"], data["steps"]
    else:
        last.returned, last.made, last.done = data["returned"], tuple(data["made"]), True


def every(calls: Iterable[CallToDriver]) -> Iterator[CallToDriver | CallToNdis]:
    """Each call and event, in the order in which they began."""
    for call in calls:
        yield call
        for event in call.events:
            yield event
            yield from every(event.calls)
