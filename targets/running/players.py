"""Several processes that play scenarios against one target, each with a process of the target's of its own.

Who asks gets the outcomes in the order of the scenarios, so it is the same campaign however many play.
A player that dies costs the run that it was in, which another one makes again.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...properties.loading import SubjectRef
from ..chimney.scenario import Scenario
from ..machine.refusal import BadTarget
from .isolation.channel import Channel, Closed, Garbage, handed, taken
from .isolation.child import BOOT
from .launch import How, launch
from .outcome import Outcome

SECONDS_TO_END = 10.0
TRIES = 2
"""Players that may die of one scenario."""


class Players:
    """So many processes that play. They start when they are needed. ``lost`` counts those that died.

    *progress* is told of each that dies.
    """

    def __init__(
        self,
        count: int,
        spec: str,
        how: How,
        timeout: float,
        subject: SubjectRef,
        progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.count = count
        self.progress = progress
        self.lost = 0
        self.given = (spec, how, timeout, subject)
        self.idle: queue.SimpleQueue[_Player] = queue.SimpleQueue()
        self.threads: ThreadPoolExecutor | None = None
        self.started: list[_Player] = []
        self.ended = False

    def play(
        self, scenarios: Sequence[Scenario], timeout: float | None, scout: bool = False
    ) -> Iterator[Outcome]:
        """The outcomes, in that order; *scout*: as a runner's ``scout`` makes them. Raises BadTarget."""
        if self.threads is None:
            self.threads = ThreadPoolExecutor(self.count)
            for _ in range(self.count):
                self.idle.put(self._another())
        return self.threads.map(lambda scenario: self._play(scenario, timeout, scout), scenarios)

    def _another(self) -> _Player:
        player = _Player(self.given)
        self.started.append(player)
        return player

    def _play(self, *asked: Any) -> Outcome:
        player = self.idle.get()
        try:
            for _ in range(TRIES):
                try:
                    return player.play(*asked)
                except (Closed, Garbage):
                    if self.ended:
                        raise
                    player.end()
                    self.lost += 1
                    self.progress("a worker died; another one makes its run again")
                    player = self._another()
            raise BadTarget(
                f"{TRIES} processes in which the checker plays ended in the middle of the same run"
            )
        finally:
            self.idle.put(player)

    def close(self) -> None:
        """End them."""
        self.ended = True
        for player in self.started:
            player.end()
        if self.threads:
            self.threads.shutdown(cancel_futures=True)


class _Player:
    """One of the processes, as it is asked."""

    def __init__(self, given: Any) -> None:
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()] if os.name == "posix" else (),
            start_new_session=os.name == "posix",
        )
        payload = [sys.path, __name__, handed(theirs, self.process.pid), *given]
        with contextlib.suppress(BrokenPipeError), self.process.stdin or contextlib.nullcontext() as stdin:
            if stdin:
                stdin.write(pickle.dumps(payload))
        theirs.close()

    def play(self, scenario: Scenario, timeout: float | None, scout: bool = False) -> Outcome:
        """One run. Raises Closed where the process is no more, and whatever was raised in it."""
        self.channel.send(pickle.dumps((scenario, timeout, scout)))
        answer = pickle.loads(self.channel.receive())
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def end(self) -> None:
        """The process ends what it has started, and itself."""
        with contextlib.suppress(OSError):
            self.channel.end.shutdown(socket.SHUT_RDWR)
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.channel.close()


def main(given: bytes, spec: str, how: How, timeout: float, subject: SubjectRef) -> None:
    """Play what is asked for until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this process ends it
    channel = Channel(taken(given))
    with contextlib.suppress(Closed, Garbage):
        try:
            with launch(spec, how, timeout, subject) as runner:
                while True:
                    scenario, seconds, scout = pickle.loads(channel.receive())
                    plays = runner.scout if scout else runner.play
                    channel.send(pickle.dumps(plays(scenario, timeout=seconds)))
        except (BadTarget, RuntimeError) as error:
            channel.receive()
            channel.send(pickle.dumps(error))
