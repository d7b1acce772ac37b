"""The built-in targets, in Python and in C: references, and ones with a bug; by the name a user types."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from .interface import Target
from .miniports import REFERENCE, bugs, materialise
from .python import seeded_targets as seeded
from .python.reference_target import Reference


class BuiltIn(NamedTuple):
    """A built-in target: its name, one sentence, and the property it breaks first (none: it is right).

    ``target`` is its class; None for a miniport in C.
    """

    name: str
    says: str
    breaks: tuple[str, ...]
    target: type[Target] | None


_SEEDED: dict[str, tuple[type[Target], str]] = {
    "tail_forgotten": (seeded.TailForgotten, "chain.coverage"),
    "chain_reversed": (seeded.ChainReversed, "chain.order"),
    "head_not_advanced": (seeded.HeadNotAdvanced, "chain.advanced"),
    "completed_and_chained": (seeded.CompletedAndChained, "chain.content"),
    "success_on_sent": (seeded.SuccessOnSent, "send-complete.success-acked"),
    "sibling_status_forgotten": (seeded.SiblingStatusForgotten, "status.every-block"),
    "lost_but_success": (seeded.LostButSuccess, "status.success-true"),
    "unsigned_compare": (seeded.UnsignedCompare, "snd.una"),
    "max_is_nxt": (seeded.MaxIsNxt, "snd.max"),
    "buffered_dropped": (seeded.BufferedDropped, "receive.kept"),
    "sack_handed_over": (seeded.SackHandedOver, "sack.dropped"),
    "ack_forgotten": (seeded.AckForgotten, "ack.delayed-sent"),
    "late_segments_processed": (seeded.LateSegmentsProcessed, "segments.not-processed"),
    "completes_twice": (seeded.CompletesTwice, "guarantee.completed-once"),
    "never_completes": (seeded.NeverCompletes, "complete.answered"),
    "indication_ignored": (seeded.IndicationIgnored, "indications.receive"),
    "freed_too_early": (seeded.FreedTooEarly, "guarantee.not-used-after-free"),
    "never_freed": (seeded.NeverFreed, "resources.freed"),
    "writes_afterwards": (seeded.WritesAfterwards, "complete.untouched-after"),
    "wrong_offset": (seeded.WrongOffset, "guarantee.send-in-order"),
    "forward_forgotten": (seeded.ForwardForgotten, "calls.forward"),
}


def _says(target: type[Target]) -> str:
    return (target.__doc__ or "").strip().split("\n")[0]


def entries() -> tuple[BuiltIn, ...]:
    """Every built-in target, the reference first."""
    bugs = (
        BuiltIn(f"seeded/{name}", _says(target), (breaks,), target)
        for name, (target, breaks) in _SEEDED.items()
    )
    return (BuiltIn("reference", _says(Reference), (), Reference), *bugs)


MINIPORTS = "miniports/"
"""How the names of the targets in C begin."""


def miniports() -> tuple[BuiltIn, ...]:
    """Every built-in target in C, the reference first."""
    right = "A compliant miniport in C, to be read: targets/chimney/miniports/reference."
    wrong = (BuiltIn(f"{MINIPORTS}{name}", bug.says, (bug.breaks,), None) for name, bug in bugs().items())
    return (BuiltIn(f"{MINIPORTS}reference", right, (), None), *wrong)


def sources(name: str, folder: Path) -> Path:
    """The folder with the sources of a built-in target in C; patched ones are written into *folder*."""
    bug = name.removeprefix(MINIPORTS)
    return REFERENCE if bug == "reference" else materialise(bug, folder)


BUILT_IN: dict[str, BuiltIn] = {entry.name: entry for entry in entries()}
