"""What MiniportTcpOffloadReceiveReturn answers on a connection whose upload was asked for.

Sources: ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md;
pages/terminating-the-offload-of-a-connection-because-of-resource-constraint.md.
"""

from __future__ import annotations

import dataclasses

from ...model.kernel import Action, Parameter, System
from ...model.logic import And, Not, Value
from ...model.records import BOOL, enum, update, var
from ...properties.property import Source
from ..spec import Spec
from .rules import ANSWER, happens, sentence, small_world

STATUS = enum("none", "NDIS_STATUS_SUCCESS", "NDIS_STATUS_UPLOAD_IN_PROGRESS")
NO_STATUS, SUCCESS, UPLOAD_IN_PROGRESS = range(3)


@dataclasses.dataclass(frozen=True)
class Returned:
    """A receive buffer that the host returns, and the status that it gets."""

    short: Value = var(BOOL)  # resources ran out and the upload was asked for
    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    status: Value = var(STATUS)


SYSTEM = System(
    "returned",
    Returned(),
    lambda s: And(Not(s.short), Not(s.due), Not(s.answered), s.status == NO_STATUS),
    (
        happens(
            "ResourcesRunOut",
            "target",
            "the target cannot get what the connection needs, and asks for its upload",
            lambda s: And(Not(s.short), Not(s.due), Not(s.answered)),
            lambda s: update(s, short=True),
        ),
        happens(
            "MiniportTcpOffloadReceiveReturn",
            "host",
            "the host returns a receive buffer",
            lambda s: And(Not(s.due), Not(s.answered)),
            lambda s: update(s, due=True),
        ),
        Action(
            ANSWER,
            "target",
            (Parameter("status", STATUS),),
            lambda s, p: s.due,
            lambda s, p: update(s, due=False, answered=True, status=p.status),
            "the target returns from MiniportTcpOffloadReceiveReturn",
        ),
    ),
    "The answer to a returned receive buffer.",
)

RULES = (
    sentence(
        "return.succeeds",
        "MiniportTcpOffloadReceiveReturn answers SUCCESS, always.",
        Source("ddi/nc-ndischimney-w_tcp_offload_receive_return_handler.md", "returns"),
        lambda s: s.answered,
        lambda s: s.status == SUCCESS,
    ),
    sentence(
        "return.upload-status@literal",
        "Once resources ran out, every request, a returned buffer too, is answered UPLOAD_IN_PROGRESS.",
        Source(
            "pages/terminating-the-offload-of-a-connection-because-of-resource-constraint.md",
            "Terminating the Offload of a Connection Because of Resource Constraints",
        ),
        lambda s: And(s.answered, s.short),
        lambda s: s.status == UPLOAD_IN_PROGRESS,
    ),
)


def spec() -> Spec:
    """The sentences on returned receive buffers."""
    return small_world("returned receive buffers", SYSTEM, RULES, spec)
