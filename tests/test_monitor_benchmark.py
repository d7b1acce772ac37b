"""The benchmarks of the monitor: what they count, and what they would notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from house import ROOT

from chimneysweep.targets.chimney.built_in import MINIPORTS
from chimneysweep.targets.chimney.native.compiler import BuildOptions, build
from chimneysweep.targets.judging.misbehaviour import LEAKED


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import soak
    import tape
    import throughput

    return throughput, tape, soak


@pytest.fixture
def bench(benchmarks: Any) -> Any:
    """A bench with the reference miniport and some scenarios, and what holds its library."""
    throughput = benchmarks[0]
    built = build(throughput.REFERENCE, BuildOptions(sanitize=False))
    one = throughput.DriverBench(built.library, 12)
    yield one
    one.watch.__exit__(None, None, None)


def test_the_bare_loop_makes_the_calls_of_the_run(benchmarks: Any, bench: Any) -> None:
    _, tape, _ = benchmarks
    library = bench.library()
    calls = bench.record()
    entries, callbacks, _ = bench.round()
    bare = tape.Bare(library, calls)
    heard = list(tape._events(calls))
    assert entries > 100
    assert len(heard) >= callbacks > 50
    tape.listen(library, bare.callback)
    for _ in range(2):
        bare.run()
    tape.listen(library, library.callback)


@pytest.mark.parametrize(("change", "says"), [("another", "something else"), ("more", "less often")])
def test_a_driver_that_does_something_else_is_noticed(
    benchmarks: Any, bench: Any, change: Any, says: Any
) -> None:
    _, tape, _ = benchmarks
    library = bench.library()
    calls = bench.record()
    heard = list(tape._events(calls))
    if change == "another":
        heard[-3].number += 1
    else:
        calls[-1].heard.append(tape.Callback(0, []))
    bare = tape.Bare(library, calls)
    tape.listen(library, bare.callback)
    with pytest.raises(RuntimeError, match=says):
        bare.run()
    tape.listen(library, library.callback)


@pytest.mark.slow
def test_a_long_run_counts_and_a_leak_is_found(
    benchmarks: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    soak = benchmarks[2]
    right = soak.soak(300)
    assert right.calls >= 300
    assert (right.findings, right.leaked, right.deaths, right.processes) == ({}, 0, 0, 1)
    monkeypatch.setattr(soak, "REFERENCE", f"{MINIPORTS}refused-loan-leaked")
    wrong = soak.soak(2000)
    assert LEAKED in wrong.findings
    assert wrong.leaked > 0


@pytest.mark.slow
def test_what_isolation_costs_is_measured_on_both_kinds_of_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import isolation

    found = isolation.measured(3, 1)
    assert [cost.target for cost in found] == ["reference", "miniports/reference"]
    assert all(cost.inside > 0 and cost.outside > 0 and cost.ratio > 0 for cost in found)


@pytest.mark.slow
def test_what_a_second_worker_is_worth_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import workers

    found = list(workers.measured(3, 1, moves=2))
    played = ("random scenarios", "bred")
    targets = ("reference", "miniports/reference")
    assert [rates.says for rates in found] == [
        *(f"{how}, {target}" for target in targets for how in played),
        "explored, miniports/reference",
    ]
    assert all(rates.one > 0 and rates.ratio == rates.two / rates.one for rates in found)
    assert all(0 < rates.asks < 2 for rates in found)


def test_it_is_measured_how_often_moves_of_two_connections_commute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import commuting

    found = commuting.measured(3)
    assert found.states > 1000
    assert 0 < found.commute <= found.pairs
    assert 0 < found.left_out < found.transitions / 5
