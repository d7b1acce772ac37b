"""What a target handed back, in the model's terms."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from ...model.chimney.state import Delegated, World
from ...model.records import update


@dataclasses.dataclass(frozen=True)
class HandBack:
    """What NdisMTerminateOffloadComplete hands back, as fields of the model with their new values.

    ``blocks`` has one entry for each block of the tree, ``sends`` and ``given`` (the delegated
    structure) by connection; ``root`` is the number of the block list passed.
    """

    root: int
    blocks: Sequence[Mapping[str, int]]
    sends: Mapping[int, Sequence[Mapping[str, int]]]
    given: Mapping[int, Mapping[str, int | bool]]

    def filled(self, world: World) -> World:
        """The world with all of it in its place."""
        blocks = tuple(update(block, **new) for block, new in zip(world.blocks, self.blocks, strict=False))
        conns = list(world.conns)
        for c, given in self.given.items():
            bufs = list(conns[c].bufs)
            for k, new in enumerate(self.sends[c]):
                bufs[k] = update(bufs[k], **new)
            conns[c] = update(conns[c], bufs=tuple(bufs), given=Delegated(**given))
        return update(world, blocks=(*blocks, *world.blocks[len(blocks) :]), conns=tuple(conns))
