"""The names of the chimney, for designs and clauses of one's own: the subject, its events, and its state.

    from chimneysweep import And, step
    from chimneysweep.chimney import CHIMNEY, NdisTcpOffloadSendComplete, PENDING, REFERENCE

``REFERENCE`` is the design that keeps every rule; ``REFERENCE.but(...)`` replaces pieces of it
(``chimneysweep list choices`` shows them), ``REFERENCE.extended(...)`` adds steps and reactions.
"""

from __future__ import annotations

from .model.chimney.afterwards import *
from .model.chimney.answers import *
from .model.chimney.calls import *
from .model.chimney.handover import *
from .model.chimney.only_seen import *
from .model.chimney.querying import *
from .model.chimney.shapes import *
from .model.chimney.state import *
from .model.tcp.numbers import *
from .model.tcp.peer import *
from .properties.chimney.cases import each_block as each_block
from .properties.chimney.cases import each_buffer as each_buffer
from .properties.chimney.chimney import CHIMNEY as CHIMNEY
from .properties.tcp.wire import each_connection as each_connection
from .properties.tcp.wire import received as received

EVENTS = CHIMNEY.events
"""Everything that can happen."""
REFERENCE = CHIMNEY.the_reference
"""The design that is meant to comply."""

__all__ = sorted(
    name
    for name, value in globals().items()
    if name.isupper() or getattr(value, "__module__", "").startswith("chimneysweep.model")
)
