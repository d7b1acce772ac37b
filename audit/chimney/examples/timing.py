"""Replays on time: timestamps across a hand-off, and the persist timer's rounds."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

from ....model.logic import serial_difference

NONE = "none"


def timestamps(given: Mapping[str, Any]) -> dict[str, str]:
    """Two clocks and a connection that moves between them.

    ``events`` in order, each with ``do`` (send, acked, offload, upload), its name ``id`` and
    the clocks ``stack`` and ``nic`` in ticks. Who is in charge keeps timestamps = clock + delta.
    """
    delta = {"host stack": 0, "offload target": 0}
    clock = {"host stack": "stack", "offload target": "nic"}
    holder, other = "host stack", "offload target"
    sent: list[tuple[int, str]] = []
    computed: dict[str, str] = {}
    for event in given["events"]:
        name, now = event["id"], event[clock[holder]] + delta[holder]
        if event["do"] == "send":
            sent.append((now, holder))
            computed[f"{name}: timestamp"] = str(now)
        elif event["do"] == "acked":
            computed |= {f"{name}: TsEchoed": str(sent[-1][0]), f"{name}: sent by": sent[-1][1]}
            computed |= {f"{name}: MRTT": str(now - sent[-1][0]), f"{name}: calculated by": holder}
        else:
            holder, other = other, holder
            delta[holder] = now - event[clock[holder]]
            computed |= {f"{name}: TsTime": str(now), f"{name}: delta": str(delta[holder])}
    rising = all(serial_difference(b[0], a[0]) > 0 for a, b in itertools.pairwise(sent))
    computed["timestamps rise"] = "yes" if rising else "no"
    for drift in given.get("drifts", ()):
        elapsed = drift["nic"][1] - drift["nic"][0]
        start = drift["stack"][0]
        computed[f"{drift['id']}: no drift"] = f"{start} to {start + elapsed}"
    return computed


@dataclasses.dataclass
class _Probing:
    """The state of window probing; durations in multiples of the retransmission timeout."""

    probes: int = 0  # SndWndProbeCount
    count: int = 0  # the retransmit Count
    running: str = NONE
    duration: int = 0
    sent: int = 0  # probes sent in this round


def persist(given: Mapping[str, Any]) -> dict[str, str]:
    """The numbered steps of the persist timer: ``events`` is what happens at each of them."""
    state = _Probing()
    computed: dict[str, str] = {}
    for step, event in enumerate(given["events"], 1):
        computed[f"step {step}: timer running before"] = state.running
        _probe(state, event)
        again = max(state.sent - 1, 0)
        computed |= {
            f"step {step}: timer started": f"{state.running}, {state.duration} RTO",
            f"step {step}: Count": str(state.count),
            f"step {step}: probes sent again": str(again),
            f"step {step}: SndWndProbeCount": str(state.probes),
            f"step {step}: TimeoutDelta": "time left" if state.running == "persist" else "-1",
            f"step {step}: TimeoutDelta by the retransmit page": (
                "time left" if state.running == "retransmit" else "-1"
            ),
        }
    rounds = [n for n, event in enumerate(given["events"], 1) if event == "window still zero"]
    computed["round 1 starts at step"] = str(rounds[0]) if rounds else NONE
    return computed


def _probe(state: _Probing, event: str) -> None:
    if event == "window closes":
        state.probes = state.count = state.sent = 0
    elif event == "window still zero":
        state.probes, state.count, state.sent = state.probes + 1, 0, 0
    if event == "timer expires":
        state.running, state.duration = "retransmit", 1 << state.count
        state.count, state.sent = state.count + 1, state.sent + 1
    else:
        state.running, state.duration = "persist", 1 << state.probes
