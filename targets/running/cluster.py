"""The workers of a Dask cluster play scenarios, each with processes of the target's of its own.

They get shards of scenarios. A worker that dies costs the shard that it was in, which another one makes
again; who asks gets the outcomes in the order of the scenarios, so it is the same campaign whoever plays.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import queue
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import distributed
from distributed.scheduler import KilledWorker

from ...properties.loading import SubjectRef
from ..chimney.scenario import Scenario
from ..machine.refusal import BadTarget
from .launch import How, launch, made_of
from .outcome import Outcome, Runner

SECONDS_TO_CONNECT = 10
LOOK = 1.0
"""Seconds after which a cluster that is silent is looked at."""
SECONDS_ALONE = 60.0
"""In which there may be no worker at all."""
SHARD = 5
"""Scenarios that a worker gets at once."""
TRIES = 3
"""Times that a shard is handed to the scheduler, which tries several workers each time."""
ASKED = 5
"""Times that all workers are asked for something; each time one of them may die."""
SAME = ("python", "chimneysweep", "dask", "distributed")
"""What must have the same version everywhere."""
GONE = "`chimneysweep campaign resume FILE` goes on with what was kept"


@dataclasses.dataclass(frozen=True)
class Given:
    """What a worker needs to play: the target, how it is built and judged, what it is made of here."""

    spec: str
    how: How
    timeout: float
    subject: SubjectRef
    made_of: str


class Runners(distributed.WorkerPlugin):
    """In a worker: as many runners as play there at once, made when they are needed."""

    def __init__(self, given: Given) -> None:
        self.given = given

    def setup(self, worker: distributed.Worker) -> None:
        """The worker begins."""
        self.idle: queue.SimpleQueue[Runner] = queue.SimpleQueue()

    def teardown(self, worker: distributed.Worker) -> None:
        """The worker ends, or the campaign does."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.idle.get_nowait().__exit__(None, None, None)

    def play(self, scenarios: Sequence[Scenario], timeout: float | None, scout: bool) -> list[Outcome]:
        """The outcomes. Raises BadTarget."""
        runner = self._runner()
        plays = runner.scout if scout else runner.play
        try:
            return [plays(scenario, timeout=timeout) for scenario in scenarios]
        finally:
            self.idle.put(runner)

    def _runner(self) -> Runner:
        with contextlib.suppress(queue.Empty):
            return self.idle.get_nowait()
        given = self.given
        if made_of(given.spec) != given.made_of:
            raise BadTarget(f"the target {given.spec} is another one, or not there, where a worker is")
        return launch(given.spec, given.how, given.timeout, given.subject).__enter__()


def play_shard(name: str, scenarios: Sequence[Scenario], timeout: float | None, scout: bool) -> list[Outcome]:
    """In a worker: play some scenarios, on the stage of that name."""
    stage = distributed.get_worker().plugins[name]
    assert isinstance(stage, Runners)
    return stage.play(scenarios, timeout, scout)


class Cluster:
    """The workers of the cluster whose scheduler has this *address*. ``lost`` counts those that died.

    Raises BadTarget where there is none, or one that cannot play for us. *progress* is told of deaths.
    """

    def __init__(
        self,
        address: str,
        spec: str,
        how: How,
        timeout: float,
        subject: SubjectRef,
        progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.address = address
        self.progress = progress
        self.lost = 0
        self.alone = 0.0  # when the last worker was seen to be gone
        self.ends = contextlib.ExitStack()
        self.ends.enter_context(_silently())
        try:
            self.client = _connected(address)
            self.ends.callback(self.client.close, timeout=LOOK)
            self.workers = self._workers()
            _same_versions(self.client, address)
            ref = SubjectRef(_absolute(subject.subject), tuple(map(_absolute, subject.clauses)))
            given = Given(_absolute(spec), how, timeout, ref, made_of(spec))
            self.name = f"chimneysweep-{self.client.id}"
            _asked(address, lambda: self.client.register_plugin(Runners(given), name=self.name))
            self.ends.callback(self._leave)
        except BaseException:
            self.close()
            raise

    def play(
        self, scenarios: Sequence[Scenario], timeout: float | None, scout: bool = False
    ) -> Iterator[Outcome]:
        """The outcomes, in that order; *scout* as for a :class:`.outcome.Runner`. Raises BadTarget."""
        shards = [scenarios[k : k + SHARD] for k in range(0, len(scenarios), SHARD)]
        asked = [(shard, timeout, scout) for shard in shards]
        futures = [self._submitted(*one) for one in asked]
        for one, future in zip(asked, futures, strict=True):
            found = self._outcomes(one, future)
            self._look()  # others may have made the runs too soon for a death to be seen
            yield from found

    def _submitted(self, *asked: Any) -> Any:
        return self.client.submit(play_shard, self.name, *asked, pure=False)

    def _outcomes(self, asked: tuple[Any, ...], future: Any) -> list[Outcome]:
        for _ in range(TRIES):
            while True:
                try:
                    return list(future.result(timeout=LOOK))
                except TimeoutError:
                    self._look()
                except KilledWorker:
                    break
                except distributed.CancelledError:
                    raise BadTarget(f"the scheduler {self.address} is gone; {GONE}") from None
            future = self._submitted(*asked)
        raise BadTarget(f"{TRIES} times every worker that was handed the same runs died in them; {GONE}")

    def _look(self) -> None:
        """See which workers vanished."""
        now = self._workers()
        for gone in self.workers - now:
            self.lost += 1
            self.progress(f"worker {gone} died; another one makes its runs again")
        self.workers, self.alone = now, 0.0 if now else self.alone or time.monotonic()
        if self.alone and time.monotonic() - self.alone > SECONDS_ALONE:
            raise BadTarget(f"the cluster {self.address} has no worker any more; {GONE}")

    def _workers(self) -> set[str]:
        try:
            return set(self.client.nthreads())
        except (OSError, RuntimeError) as error:
            raise BadTarget(f"the scheduler {self.address} is gone ({error}); {GONE}") from None

    def close(self) -> None:
        """Let go of the cluster; it stays."""
        self.ends.close()

    def _leave(self) -> None:
        with contextlib.suppress(Exception):  # whatever is gone needs no end
            self.client.unregister_worker_plugin(self.name)


@contextlib.contextmanager
def _silently() -> Iterator[None]:
    """Meanwhile Dask logs nothing: what goes wrong is said by us, once."""
    levels = [(handler, handler.level) for handler in logging.getLogger("distributed").handlers]
    for handler, _ in levels:
        handler.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for handler, level in levels:
            handler.setLevel(level)


def _connected(address: str) -> Any:
    client: Any = distributed.Client  # which has few types
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions that differ are refused below
            return client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise BadTarget(
            f"there is no Dask scheduler at {address} ({str(error).splitlines()[0]}); `dask scheduler` "
            f"starts one, and `dask worker {address}` a worker"
        ) from None


def _asked(address: str, asks: Callable[[], Any]) -> Any:
    """What all workers are asked for; once more where one of them dies meanwhile. Raises BadTarget."""
    for left in reversed(range(ASKED)):
        try:
            return asks()
        except OSError as error:
            if not left:
                raise BadTarget(
                    f"the workers of the cluster {address} do not answer ({error}); {GONE}"
                ) from None
            time.sleep(LOOK)


def _same_versions(client: Any, address: str) -> None:
    """Raises BadTarget where there is no worker, or one of other versions."""
    versions: Mapping[str, Any] = _asked(address, lambda: client.get_versions(packages=["chimneysweep"]))
    if not versions["workers"]:
        raise BadTarget(f"the cluster {address} has no worker; `dask worker {address}` starts one")
    ours = versions["client"]["packages"]
    for worker, theirs in versions["workers"].items():
        for name in SAME:
            if theirs["packages"].get(name) != ours[name]:
                raise BadTarget(
                    f"worker {worker} has {name} {theirs['packages'].get(name) or '(none)'}, and here it is "
                    f"{ours[name]}; install the same versions (chimneysweep[cluster])"
                )


def _absolute(spec: str) -> str:
    """A target or subject as it is called where the working directory is another one."""
    if Path(spec).exists():
        return str(Path(spec).resolve())
    file, _, name = spec.rpartition(":")
    return f"{Path(file).resolve()}:{name}" if file and Path(file).exists() else spec
