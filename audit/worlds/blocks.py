"""What kind of block stands for an offloaded TCP connection in the tree of a terminate request.

Here it is the host that answers: it makes the block. Sources:
pages/placeholders--linkers--and-new-offloads.md; pages/storing-and-referencing-offloaded-state.md;
ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md, DependentBlockList;
ddi/nc-ndischimney-w_terminate_offload_handler.md, Remarks.
"""

from __future__ import annotations

import dataclasses

from ...model.kernel import Action, Parameter, System
from ...model.logic import And, Implies, Not, Value
from ...model.records import BOOL, enum, update, var
from ...properties.property import Source
from ..spec import Spec
from .rules import ANSWER, happens, sentence, small_world

CONTEXT = enum("NULL", "points to NULL", "points to the target's context")
NO_CONTEXT, TO_NULL, TO_CONTEXT = range(3)


@dataclasses.dataclass(frozen=True)
class Made:
    """The block that the host makes for a TCP connection that it terminates."""

    due: Value = var(BOOL)
    answered: Value = var(BOOL)
    context: Value = var(CONTEXT)  # MiniportOffloadContext
    dependent: Value = var(BOOL)  # DependentBlockList is not NULL
    followed: Value = var(BOOL)  # a delegated structure follows the block


SYSTEM = System(
    "blocks",
    Made(),
    lambda s: And(Not(s.due), Not(s.answered), s.context == NO_CONTEXT, Not(s.dependent), Not(s.followed)),
    (
        happens(
            "Decides",
            "host",
            "the host decides to terminate an offloaded TCP connection and to have its state back",
            lambda s: And(Not(s.due), Not(s.answered)),
            lambda s: update(s, due=True),
        ),
        Action(
            ANSWER,
            "host",
            (Parameter("context", CONTEXT), Parameter("dependent", BOOL), Parameter("followed", BOOL)),
            lambda s, p: s.due,
            lambda s, p: update(
                s, due=False, answered=True, context=p.context, dependent=p.dependent, followed=p.followed
            ),
            "the host passes a block list for the connection",
        ),
    ),
    "The block of a connection that is terminated.",
)

_KINDS = Source("pages/placeholders--linkers--and-new-offloads.md", "Placeholders, Linkers, and New Offloads")

RULES = (
    sentence(
        "block.references",
        "The block of an offloaded object points to the context that the target gave for it.",
        Source("pages/storing-and-referencing-offloaded-state.md", "Storing and Referencing Offloaded State"),
        lambda s: s.answered,
        lambda s: s.context == TO_CONTEXT,
    ),
    sentence(
        "block.tcp-on-top",
        "A block on the TCP layer has no dependent blocks.",
        Source("ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md", "DependentBlockList"),
        lambda s: s.answered,
        lambda s: Not(s.dependent),
    ),
    sentence(
        "block.delegated-follows",
        "The structure for the delegated variables that come back follows the block.",
        Source("ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks"),
        lambda s: s.answered,
        lambda s: s.followed,
    ),
    sentence(
        "block.linker@literal",
        "A block that points to an offloaded object is a linker: it has dependents, and no state follows.",
        _KINDS,
        lambda s: s.answered,
        lambda s: Implies(s.context == TO_CONTEXT, And(s.dependent, Not(s.followed))),
    ),
)


def spec() -> Spec:
    """The sentences on the kinds of blocks."""
    return small_world("kinds of blocks", SYSTEM, RULES, spec)
