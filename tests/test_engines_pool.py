"""Worker processes: what crashes, hangs or raises costs its own job, and nothing else."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from toys import CRASHES, EXIT_CODE, HANGS, RAISES, blocked, mishap

from chimneysweep.engines import pool
from chimneysweep.engines.pool import Pool, Workers
from chimneysweep.engines.worker import Job, JobAnswer
from chimneysweep.model.chimney.state import world_size

TINY = world_size(buffers=1, blocks=1, connections=1, requests=1)


def job(name: str, timeout: float = 60.0) -> Job:
    return Job("witness", "reference", TINY, timeout, name)


@pytest.fixture(scope="module")
def answers() -> dict[str, JobAnswer]:
    """One worker that meets with three mishaps, and what it answers before and after."""
    jobs = [job("rcv.nxt"), job(CRASHES), job(RAISES), job(HANGS, timeout=0.5), job("snd.nxt")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "GRACE", 1.0)
        with Pool(1, mishap) as workers:
            return {done.property: answer for done, answer in workers.answers(jobs)}


def test_every_job_is_answered(answers: dict[str, JobAnswer]) -> None:
    assert set(answers) == {"rcv.nxt", CRASHES, RAISES, HANGS, "snd.nxt"}


def test_the_jobs_before_and_after_a_mishap_are_done(answers: dict[str, JobAnswer]) -> None:
    for name in ("rcv.nxt", "snd.nxt"):
        assert answers[name].reason == "no witness found", "the job was to search no step deep"
        assert answers[name].depth == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (CRASHES, f"its worker process died (exit code {EXIT_CODE})"),
        (RAISES, "defect in chimneysweep: RuntimeError: planted"),
        (HANGS, "stopped"),
    ],
)
def test_a_mishap_decides_nothing_and_is_told(answers: dict[str, JobAnswer], name: str, reason: str) -> None:
    assert answers[name].ok is None
    assert answers[name].trace is None
    assert reason in answers[name].reason


def test_leaving_the_pool_stops_what_still_runs() -> None:
    with Pool(1, mishap) as workers:
        first = next(workers.answers([job(RAISES), job(HANGS, timeout=600.0)]))
        assert first[0].property == RAISES


def test_a_job_may_wait_for_the_answers_so_far() -> None:
    """None means that nothing can be said before the next answer."""
    heard: list[str] = []

    def jobs() -> Iterator[Job | None]:
        yield job("rcv.nxt")
        while not heard:
            yield None
        yield job("snd.nxt")

    with Pool(2) as workers:
        for done, _ in workers.answers(jobs()):
            heard.append(done.property)
    assert heard == ["rcv.nxt", "snd.nxt"]


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals are not blocked there")
def test_workers_never_see_an_interrupt() -> None:
    with Workers(1, blocked, str) as workers:
        assert [answer for _, answer in workers.answers([0])] == ["SIGINT"]
    assert blocked(0) == ""


STARTED = """
import threading
import toys
from chimneysweep.engines.pool import Workers
from chimneysweep.engines.spawning import CopyContext

def told():
    with Workers(1, toys.kept, str, context=CopyContext()) as workers:
        return [answer for _, answer in workers.answers([0])]

toys.KEPT.append("built before")
print(told())
done = threading.Event()
threading.Thread(target=done.wait).start()
print(told())
done.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are no copies there")
def test_workers_have_what_was_built_before_unless_another_thread_runs() -> None:
    run = [sys.executable, "-c", STARTED]
    done = subprocess.run(run, cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['built before']", "['']"]
