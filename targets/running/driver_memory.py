"""What a driver in C remembers, for :mod:`.fingerprint`: addresses are told as the objects that lie there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..chimney.delegated import TcpDelegatedState
from ..chimney.interface import NetBufferList
from ..chimney.native.block_trees import OffloadContext, Trees
from ..chimney.native.buffers import Buffers
from ..chimney.native.native_target import NativeTarget
from .fingerprint import Opaque, Walk, Way

Number = Callable[[int], int]


def looked_into(target: Any) -> Mapping[type, Way]:
    """How objects are written down where *target* is a driver in C, else nothing. Raises Opaque."""
    if not isinstance(target, NativeTarget):
        return {}
    library = target.library
    remembered = library.remembered()
    if remembered is None:
        raise Opaque("a driver that is a library, or remembers things elsewhere than in memory of NDIS")
    number: Number = library.lib.chs_numbered

    def driver(walk: Walk, thing: Any) -> None:
        walk.found.append(remembered)
        walk.then(target.buffers, target.trees)

    def buffer(walk: Walk, nbl: Any) -> None:
        place = nbl.miniport_reserved
        walk.found.append(number(place) if isinstance(place, int) else place)
        walk.then(bytes(nbl.memory), nbl.data_start, nbl.status, nbl.bytes_transferred, nbl.segment, nbl.next)

    def delegated(walk: Walk, state: Any) -> None:
        walk.then(*(value for name, value in vars(state).items() if name != "every_byte"))

    return {
        type(target): driver,
        NetBufferList: buffer,
        TcpDelegatedState: delegated,
        OffloadContext: lambda walk, context: walk.found.append(number(context.handle)),
        Buffers: lambda walk, buffers: _placed(walk, number, buffers.placed()),
        Trees: lambda walk, trees: _placed(walk, number, trees.placed()),
    }


def _placed(walk: Walk, number: Number, placed: Mapping[int, Any]) -> None:
    """Objects of ours, and where they lie in the driver's world."""
    told = sorted((number(at), walk.numbers.get(id(thing), -1), at) for at, thing in placed.items())
    walk.found.append([pair[:2] for pair in told])
    walk.then(*(placed[at] for _, known, at in told if known < 0))
