"""A campaign on a Dask cluster is the same campaign; what is wrong with a cluster is said."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

distributed = pytest.importorskip("distributed")

from chimneysweep.cli.main import main  # noqa: E402
from chimneysweep.counterexamples.storage import to_json  # noqa: E402
from chimneysweep.targets.campaign.campaign import ConformReport, Options, conform  # noqa: E402
from chimneysweep.targets.campaign.going_on import resume, status  # noqa: E402
from chimneysweep.targets.machine.refusal import BadTarget  # noqa: E402
from chimneysweep.targets.running import cluster  # noqa: E402

SEARCH = Options(runs=30, seed=5, sources=("search",), all=True, shrink=False)


@contextmanager
def local(workers: int, processes: bool = False) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=processes, dashboard_address=":0"
    ) as made:
        yield made


@pytest.fixture(scope="module")
def two() -> Iterator[str]:
    with local(2) as made:
        yield made.scheduler_address


def told(report: ConformReport) -> object:
    findings = [to_json(trace) for trace in report.findings]
    return dataclasses.replace(report, seconds=0.0, findings=()), findings


def test_it_is_the_same_campaign(two: str) -> None:
    here = told(conform("seeded/tail-forgotten", SEARCH))
    there = told(conform("seeded/tail-forgotten", dataclasses.replace(SEARCH, cluster=two)))
    assert there == here


def test_a_target_that_a_worker_cannot_play_is_said(two: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("from chimneysweep.targets.reference import Reference as Mine\n", encoding="utf-8")

    def change(text: str) -> None:
        mine.write_text("x = 1\n", encoding="utf-8")

    options = dataclasses.replace(SEARCH, cluster=two)
    with pytest.raises(BadTarget, match="is another one, or not there, where a worker is"):
        conform(f"{mine}:Mine", options, change)


def test_no_cluster_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.2)
    for address in ("tcp://127.0.0.1:9", "nowhere"):
        assert main(["conform", "reference", "-q", "--source", "search", "--cluster", address]) == 2
        assert f"there is no Dask scheduler at {address}" in " ".join(capsys.readouterr().err.split())


def test_a_cluster_without_a_worker_is_said() -> None:
    with local(0) as made, pytest.raises(BadTarget, match=r"has no worker; `dask worker \w+:.* starts one"):
        conform("reference", dataclasses.replace(SEARCH, cluster=made.scheduler_address))


def test_other_versions_are_said(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    then = distributed.Client.get_versions

    def older(self: Any, **given: Any) -> Any:
        found = then(self, **given)
        next(iter(found["workers"].values()))["packages"]["chimneysweep"] = None
        return found

    monkeypatch.setattr(distributed.Client, "get_versions", older)
    with pytest.raises(BadTarget, match=r"has chimneysweep \(none\), and here it is"):
        conform("reference", dataclasses.replace(SEARCH, cluster=two))


def test_without_the_package_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, cluster.__name__)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["conform", "reference", "-q", "--cluster", "tcp://127.0.0.1:9"]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "a cluster needs the package distributed; pip install 'chimneysweep[cluster]'" in told


def test_all_workers_are_asked_again_where_one_of_them_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LOOK", 0.0)
    answers = iter((OSError("closed"), OSError("closed"), 7))

    def asks() -> int:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert cluster._asked("tcp://a:1", asks) == 7
    answers = iter([OSError("closed")] * cluster.ASKED)
    with pytest.raises(BadTarget, match="the workers of the cluster tcp://a:1 do not answer"):
        cluster._asked("tcp://a:1", asks)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are killed by a signal")
def test_workers_that_are_killed_cost_nothing_but_time(tmp_path: Path) -> None:
    """Each of two workers is killed before a generation; others take their places."""
    file, said = tmp_path / "runs.sqlite", list[str]()
    whole = told(conform("reference", SEARCH))
    options = dataclasses.replace(SEARCH, journal=file)
    with local(2, processes=True) as made:
        pids = [worker.pid for worker in made.workers.values()]

        def kill(text: str) -> None:
            said.append(text)
            if text.startswith("search:"):
                os.kill(pids.pop(), signal.SIGKILL)

        options = dataclasses.replace(options, cluster=made.scheduler_address)
        report = conform("reference", options, kill)
    assert told(report) == whole
    assert status(file).lost == len([text for text in said if "died; another one" in text]) > 0
    assert told(resume(file)) == whole


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are killed by a signal")
def test_a_cluster_of_eight_loses_nothing_when_workers_are_killed_at_random() -> None:
    options = dataclasses.replace(SEARCH, runs=400)
    whole, over, rng = told(conform("seeded/tail-forgotten", options)), threading.Event(), random.Random(1)
    with local(8, processes=True) as made:

        def kill() -> None:
            while not over.wait(2.0):
                alive = [worker.pid for worker in made.workers.values() if worker.pid]
                if len(alive) > 4:
                    os.kill(rng.choice(alive), signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            options = dataclasses.replace(options, cluster=made.scheduler_address)
            assert told(conform("seeded/tail-forgotten", options)) == whole
        finally:
            over.set()
            killer.join()
