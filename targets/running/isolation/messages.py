"""What the processes tell each other. Parent, zygote and worker are all of the same version."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

from ....counterexamples.trace import Scalar, Step
from ....properties.loading import SubjectRef
from ...chimney.interface import Factory
from ...chimney.scenario import Scenario
from ...judging.monitor import Breach
from ..code import Code
from ..outcome import Outcome


class Recipe(Protocol):
    """How a target is made, as data that passes to the process in which it is to live."""

    @property
    def says(self) -> str:
        """How the target is played, in words for a summary."""
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
    """To the zygote, once: what to load; where the shared files are; whether to fork; what to judge by."""

    recipe: Recipe
    folder: str
    forks: bool
    subject: SubjectRef


@dataclasses.dataclass(frozen=True)
class Ready:
    """From the zygote: the target is loaded, and has this code."""

    code: Code


@dataclasses.dataclass(frozen=True)
class Refused:
    """From the zygote: the target cannot be used, and why."""

    why: str


@dataclasses.dataclass(frozen=True)
class Defect:
    """From anybody: an error of our own, with its traceback."""

    traceback: str


@dataclasses.dataclass(frozen=True)
class Fork:
    """To the zygote: end the worker there is, and fork one."""


@dataclasses.dataclass(frozen=True)
class Forked:
    """From the zygote: the worker's process id."""

    pid: int


@dataclasses.dataclass(frozen=True)
class Ended:
    """From the zygote: the worker has ended, with this exit code, or by the signal of minus this number."""

    code: int


@dataclasses.dataclass(frozen=True)
class PlayRequest:
    """To a worker: play this."""

    scenario: Scenario
    told: bool
    timeout: float


@dataclasses.dataclass(frozen=True)
class Begins:
    """From a worker that tells: the first state."""

    initial: Mapping[str, Scalar]


@dataclasses.dataclass(frozen=True)
class Inside:
    """From a worker that tells: the entry points that have not returned, the outermost first."""

    entry_points: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Told:
    """From a worker that tells: a step, the properties that it broke, and all that were reached so far.

    *stack*: who made the step, as a report has it, the innermost first (:mod:`.callers`).
    """

    step: Step
    broke: Mapping[str, Breach]
    reached: frozenset[str]
    stack: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Done:
    """From a worker: what came of the request."""

    outcome: Outcome
