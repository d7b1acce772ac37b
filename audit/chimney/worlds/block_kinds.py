"""What kind of block stands for an offloaded TCP connection in the tree of a terminate request.

Here it is the host that answers: it makes the block. Sources:
pages/placeholders--linkers--and-new-offloads.md; pages/storing-and-referencing-offloaded-state.md;
ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md, DependentBlockList;
ddi/nc-ndischimney-w_terminate_offload_handler.md, Remarks.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ....model.event import Happening, event
from ....model.logic import And, Implies, Not, Value
from ....model.records import BOOL, enum, update, var
from ....properties.property import collected
from ....properties.subject import Part, Subject
from ...audited import Audited
from . import ANSWER_DUE, Said, sentence

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


@event("host")
def Decides(s: Any, p: Any) -> Happening:
    """the host decides to terminate an offloaded TCP connection and to have its state back"""
    return And(Not(s.due), Not(s.answered)), update(s, due=True)


@event("host", context=CONTEXT, dependent=BOOL, followed=BOOL)
def Answer(s: Any, p: Any) -> Happening:
    """the host passes a block list for the connection"""
    made = update(s, context=p.context, dependent=p.dependent, followed=p.followed)
    return s.due, update(made, due=False, answered=True)


@sentence(
    "block.references",
    "pages/storing-and-referencing-offloaded-state.md",
    "Storing and Referencing Offloaded State",
)
def references(s: Any) -> Said:
    """The block of an offloaded object points to the context that the target gave for it."""
    return s.answered, s.context == TO_CONTEXT


@sentence("block.tcp-on-top", "ddi/ns-ndischimney-_ndis_miniport_offload_block_list.md", "DependentBlockList")
def tcp_on_top(s: Any) -> Said:
    """A block on the TCP layer has no dependent blocks."""
    return s.answered, Not(s.dependent)


@sentence("block.delegated-follows", "ddi/nc-ndischimney-w_terminate_offload_handler.md", "Remarks")
def delegated_follows(s: Any) -> Said:
    """The structure for the delegated variables that come back follows the block."""
    return s.answered, s.followed


@sentence(
    "block.linker@literal",
    "pages/placeholders--linkers--and-new-offloads.md",
    "Placeholders, Linkers, and New Offloads",
)
def linker(s: Any) -> Said:
    """A block that points to an offloaded object is a linker: it has dependents, and no state follows."""
    return s.answered, Implies(s.context == TO_CONTEXT, And(s.dependent, Not(s.followed)))


SUBJECT = Subject(
    "blocks",
    "kinds of blocks",
    lambda bounds: Made(),
    parts=(Part("blocks", events=(Decides, Answer), properties=collected(globals())),),
)

AUDITED = Audited(SUBJECT, duty=ANSWER_DUE)
