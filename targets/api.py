"""The target interface, by its public name: what a user's target imports (docs/targets.md)."""

from .chimney.delegated import TcpConstState, TcpDelegatedState, TcpState
from .chimney.interface import (
    BlockList,
    Ndis,
    NetBufferList,
    Segment,
    StateType,
    Status,
    Target,
    TcpEvent,
    Timer,
    seq_add,
    seq_diff,
)

__all__ = [
    "BlockList",
    "Ndis",
    "NetBufferList",
    "Segment",
    "StateType",
    "Status",
    "Target",
    "TcpConstState",
    "TcpDelegatedState",
    "TcpEvent",
    "TcpState",
    "Timer",
    "seq_add",
    "seq_diff",
]
