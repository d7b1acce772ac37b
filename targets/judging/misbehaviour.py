"""What a target may do wrong before any clause comes into play, and what each of these is called."""

from __future__ import annotations

import re
import traceback
from typing import Any

RAISED = "target.raised"
HUNG = "target.hung"
NONSENSE = "target.nonsense"
TWICE = "target.completed-twice"
CRASHED = "target.crashed"
MEMORY = "target.memory"
UNDEFINED = "target.undefined"
EXITED = "target.exited"
CLOSED = "target.closed-channel"
LEAKED = "target.leaked"
OPTIONS = "target.options"
CHALLENGE = "target.challenge"
REPEATS = "target.repeats"
UPLOADS = "target.uploads"
UPDATES = "target.updates"
HELD_BACK = "target.held-back"
GREEDY = "target.memory-limit"
RACE = "target.data-race"
LOCKING = {
    "target.lock-twice": "No processor takes a spin lock that it holds: it would wait for itself for ever.",
    "target.lock-across-call": "No spin lock is held while NDIS is called, which may call back.",
    "target.lock-kept": "Whoever takes a spin lock releases it before it returns.",
    "target.lock-not-held": "Only a lock that is held is released.",
    "target.lock-freed": "No lock is freed while it is held.",
    "target.lock-order": "Locks are taken in one order: two processors that take two in both orders wait for "
    "each other for ever.",
    "target.irql": "Each function is called, and returns, at an IRQL that it may have: in the kernel "
    "anything else hangs the processor, or is a bugcheck.",
    "target.waits": "Nothing waits at DISPATCH_LEVEL, where nobody else gets the processor.",
    "target.deadlock": "No two processors wait for each other.",
    RACE: "No two processors touch the same memory, one of them writing, unless something orders the two.",
}
"""What a target does wrong with its locks, and with the IRQL that they are taken at."""

RULES = {
    RAISED: "No entry point raises: in the kernel that is a bugcheck.",
    HUNG: "Every entry point returns.",
    NONSENSE: "What the target passes or returns is something that NDIS can take.",
    TWICE: "A request, a call or a resource is completed or freed once.",
    CRASHED: "The target never faults: in the kernel that is a bugcheck.",
    MEMORY: "The target reads and writes only memory that is its own at that time: in the kernel anything "
    "else corrupts the system, or is a bugcheck.",
    UNDEFINED: "The target does nothing whose behavior the C standard leaves undefined.",
    EXITED: "The target does not end the process: a driver that stops the system is a bugcheck.",
    CLOSED: "The target touches no file, pipe or socket that it did not open itself, nor code of others.",
    LEAKED: "All that the target allocates is freed when its adapter is halted, and what it holds for a "
    "neighbor or path when that is handed back: in the kernel it stays lost until then, or the next boot.",
    OPTIONS: "What both ends agreed on is kept: each segment has a timestamp, which never goes back, through "
    "the hand-offs, too; or has none; and SACK blocks only where there is SACK, of what the window holds.",
    CHALLENGE: "A SYN on a connection that is established is answered with an acknowledgement, whatever its "
    "number: it may be an attack, and a peer that did begin anew answers that with an RST. One that is "
    "numbered as the next byte may end the offload instead, and the connection comes back CLOSED.",
    REPEATS: "What the peer sends again, since its acknowledgement was lost, is acknowledged again: data, "
    "and a FIN; and an acknowledgement that says nothing new is not. Otherwise the peer goes on for ever.",
    UPLOADS: "The target asks for no half-closed connection to be taken back unless it must, gives a reason "
    "that is true (HardwareFailure where the hardware lost it), asks where urgent data arrived, sends "
    "nothing more on a connection that it gives up for a reason that leaves the host no choice, and gives no "
    "receive request back as being uploaded where nobody asked for that.",
    UPDATES: "A receive window that the host has enlarged is offered to the peer, unless the update failed.",
    HELD_BACK: "An RST that the host asks for waits for no indication to return, a FIN for no "
    "acknowledgement of the data before it, and an acknowledgement for nothing once its timer has expired.",
    GREEDY: "The target takes a bounded amount of memory: in the kernel there is little, and others need it.",
    **LOCKING,
}
"""What a target does wrong before any clause comes into play."""


FATAL = frozenset({CRASHED, MEMORY, UNDEFINED, EXITED, CLOSED, GREEDY})
"""What takes the target's process along."""


class Misbehaved(Exception):
    """An adapter found that its target broke *rule*; said in *what*. The run ends there."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(what)
        self.rule = rule


class Foreign:
    """Stands for an object in the process of a target, of which nothing is known but its *name*."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


def raised(error: BaseException) -> str:
    """An exception in one line: type, message, and the target's line that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({last[0].name}, line {last[0].lineno})" if last else ""
    text = re.sub(r"0x[0-9a-fA-F]+", "0x...", _message(error))
    return f"{type(error).__name__}{': ' if text else ''}{text}{place}"


def _message(error: BaseException) -> str:
    """What an exception says; its class may be the target's own, and unable to say it."""
    try:
        return str(error)
    except BaseException as second:  # noqa: BLE001  whatever it is, the first one is what is told
        return f"(no message: {type(second).__name__} in its __str__)"


def kind_of(value: Any) -> str:
    """What a junk value is, for a message: its type, and the value if it is short."""
    if isinstance(value, Foreign):
        return value.name
    if value is None:
        return "None"
    shown = repr(value) if isinstance(value, (int, str, bytes, float, bool)) else ""
    return (
        f"{type(value).__name__} {shown}" if 0 < len(shown) <= 40 else f"an object of {type(value).__name__}"
    )
