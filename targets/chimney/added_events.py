"""What a target tells of the events that a user's part adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model.event import Event
from ..judging.misbehaviour import kind_of

if TYPE_CHECKING:
    from .observed import Observed


def tells(ndis: Observed, event: Event, *given: Any) -> None:
    """The target tells of an event: with a handle for ``conn``, and numbers for the rest."""
    name, sorts = event.called, {p.name: p.sort for p in event.parameters(ndis.monitor.bounds)}
    ndis.called(name)
    if len(given) != len(sorts):
        takes = f"{len(sorts)} ({', '.join(sorts)})" if sorts else "none"
        ndis.complain(f"{name} is called with {len(given)} arguments; it takes {takes}")
        return
    values = dict(zip(sorts, given, strict=True))
    if "conn" in values:
        values["conn"] = ndis.conn(name, values["conn"])
        if values["conn"] is None:
            return
    wrong = [n for n, v in values.items() if not isinstance(v, int) or not sorts[n].contains(v)]
    if wrong:
        ndis.complain(f"{name} is passed {kind_of(values[wrong[0]])} as {wrong[0]}")
    elif not ndis.monitor.possible(event, **values):
        ndis.complain(f"{name} is called where that cannot be: {event.says.format(**values)}")
    else:
        ndis.monitor.happens(event, **values)
