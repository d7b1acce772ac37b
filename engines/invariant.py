"""The largest inductive part of a candidate invariant, found on several cores.

Each action instance is asked which claims it does not preserve, given all that still
stand. What falls is dropped at once, and an instance that was decided from more than
what is left is asked again, until every instance has been decided from what stands.
(Flanagan and Leino call this scheme Houdini.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from .induction import START
from .pool import Pool
from .verdict import Dropped
from .worker import Answer, Job


class Candidate:
    """A candidate invariant on its way to being inductive.

    ``kept`` are the claims that stand and serve as premises of one another; ``extra``
    are judged by them and support nothing. ``dropped`` says of each that fell why.
    """

    def __init__(self, job: Job, kept: Sequence[str], extra: Sequence[str], instances: int) -> None:
        self._job = job
        self.kept = list(kept)
        self.extra = list(extra)
        self.dropped: dict[str, Dropped] = {}
        self.seconds = 0.0
        self._numbers = range(START, instances)
        self._decided: dict[int, int] = {}
        self._asked: dict[int, int] = {}

    def settle(self, pool: Pool) -> None:
        """Drop claims until the rest is inductive. One that cannot be decided is dropped, too."""
        for job, answer in pool.answers(self._jobs()):
            self.seconds += answer.seconds
            asked = self._asked.pop(job.number)
            if answer.ok is None:
                self._one_by_one(pool, job, answer)
            self._drop(answer.fallen)
            self._decided[job.number] = asked

    def _jobs(self) -> Iterator[Job | None]:
        """Instances to be asked; None while that depends on answers still to come."""
        while True:
            size = len(self.kept)
            stale = (n for n in self._numbers if self._decided.get(n) != size and n not in self._asked)
            number = next(stale, None)
            if number is not None:
                self._asked[number] = size
                claims = (*self.kept, *self.extra)
                yield dataclasses.replace(self._job, number=number, lemmas=tuple(self.kept), claims=claims)
            elif self._asked:
                yield None
            else:
                return

    def _one_by_one(self, pool: Pool, job: Job, whole: Answer) -> None:
        """A step that was not decided for all claims at once: a crash or a hang costs one claim."""
        rest = [name for name in job.claims if name not in whole.fallen and name not in self.dropped]
        for single, answer in pool.answers(dataclasses.replace(job, claims=(name,)) for name in rest):
            name = single.claims[0]
            if answer.ok is None:
                self._drop({name: Dropped(name, answer.reason)})
            self._drop(answer.fallen)

    def _drop(self, fallen: Mapping[str, Dropped]) -> None:
        for name, why in fallen.items():
            self.dropped.setdefault(name, why)
        self.kept = [name for name in self.kept if name not in self.dropped]
        self.extra = [name for name in self.extra if name not in self.dropped]
