"""What a design is: a named set of actions for the target's side of the world."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ..kernel import Action, Effect, Guard
from ..state import Bounds


@dataclasses.dataclass(frozen=True)
class Design:
    """A hand-off algorithm: what the target does, as actions on the world.

    ``actions(bounds)`` gives them for a world of that size; ``says`` is one sentence.
    """

    name: str
    says: str
    actions: Callable[[Bounds], tuple[Action, ...]]

    def replacing(
        self, name: str, action: str, says: str, *, guard: Guard | None = None, effect: Effect | None = None
    ) -> Design:
        """This design with the guard or the effect of one action replaced.

        Raises KeyError if the design has no action of that name.
        """

        def actions(bounds: Bounds) -> tuple[Action, ...]:
            before = self.actions(bounds)
            if action not in {a.name for a in before}:
                raise KeyError(f"design {self.name} has no action {action}")
            return tuple(_changed(a, guard, effect) if a.name == action else a for a in before)

        return Design(name, says, actions)


def _changed(action: Action, guard: Guard | None, effect: Effect | None) -> Action:
    return dataclasses.replace(action, guard=guard or action.guard, effect=effect or action.effect)
