"""How a target is made in another process, and what passes between its zygote and the checker."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

from ....properties.loading import SubjectRef
from ...chimney.interface import Factory


class Recipe(Protocol):
    """How a target is made, as data that passes to the process in which it is to live."""

    @property
    def says(self) -> str:
        """How the target is played, in words for a summary."""
        ...

    @property
    def interrupts(self) -> bool:
        """Whether another processor can come in while the target is in a call."""
        ...

    @property
    def locks(self) -> bool:
        """Whether it is meant for that."""
        ...

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables of the process: what must be preloaded, a sanitizer's options."""
        ...

    def factory(self) -> Factory:
        """Load the target, in the process it is to live in. Raises BadTarget."""
        ...


@dataclasses.dataclass(frozen=True)
class Setup:
    """To the zygote, as it starts: what to load; where its files are; whether to fork.

    ``added`` names functions that an Ndis has besides its own; ``explores`` is what an exploration of the
    target is judged by, None if it is not to be explored; ``pipe``: into which what is judged is told.
    """

    recipe: Recipe
    folder: str
    forks: bool
    added: tuple[str, ...]
    explores: SubjectRef | None
    pipe: int = -1


# From the zygote, each as a list that begins with its name:
STARTED = "started"  # our own code is loaded, and the target's begins to be
READY = "ready"  # the target is loaded, and has this code: its sites, shift, files, library
REFUSED = "refused"  # the target cannot be used, and why
DEFECT = "defect"  # an error of our own, with its traceback
FORKED = "forked"  # the process id of the worker
ENDED = "ended"  # the worker has ended, with this exit code, or by the signal of minus this number
# To the zygote:
FORK = "fork"  # end the worker there is, and fork one
