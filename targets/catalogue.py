"""The built-in targets: the reference, and the ones with a bug; by the name a user types."""

from __future__ import annotations

from typing import NamedTuple

from . import seeded
from .api import Target
from .reference import Reference


class Entry(NamedTuple):
    """A built-in target: its name, one sentence, and the property it breaks first (none: it is right)."""

    name: str
    says: str
    breaks: tuple[str, ...]
    target: type[Target]


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


def entries() -> tuple[Entry, ...]:
    """Every built-in target, the reference first."""
    bugs = (
        Entry(f"seeded/{name}", _says(target), (breaks,), target)
        for name, (target, breaks) in _SEEDED.items()
    )
    return (Entry("reference", _says(Reference), (), Reference), *bugs)


BUILT_IN: dict[str, Entry] = {entry.name: entry for entry in entries()}
