"""The benchmark runs, and its other encoding is the same model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import z3
from house import ROOT

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def bitvectors(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import bitvectors

    return bitvectors


def test_it_measures_what_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "numbers.json"
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--quick", "--limit", "0.2", "--only", "depth"]
    done = subprocess.run([*command, "--json", str(out)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "| integers" in done.stdout
    rows = json.loads(out.read_text(encoding="utf-8"))["depth"]["rows"]
    assert set(rows) == {"integers", "bit-vectors"}
    assert {r["answer"] for row in rows.values() for r in row} <= {"6 steps", "out of time", "not tried"}


@pytest.mark.parametrize("x", [-(2**33), -5, -1, 0, 7, 2**31, 2**32 - 1, 2**32, 2**33 + 5])
def test_both_encodings_mean_the_same(bitvectors: Any, x: int) -> None:
    n, m = z3.Ints("n m")
    b = z3.Bool("b")
    for number in (n % 2**32, n + m - 3, -n, 3 * m, z3.If(n < m, n, m + 1), z3.If(b, n % 8, m)):
        bits = bitvectors.Translation()(number)
        for y in (-3, 2**32):
            values = [(n, z3.IntVal(x)), (m, z3.IntVal(y)), (b, z3.BoolVal(y < 0))]
            plain = z3.simplify(z3.substitute(number, *values)).as_long()
            wide = [(bitvectors.Translation()(v), bitvectors.Translation()(t)) for v, t in values]
            assert z3.simplify(z3.substitute(bits, *wide)).as_signed_long() == plain


def test_a_modulus_that_is_no_mask_is_refused(bitvectors: Any) -> None:
    with pytest.raises(ValueError, match="modulo 12"):
        bitvectors.Translation()(z3.Int("n") % 12)


def test_what_a_command_costs_is_counted_with_its_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import proofs

    busy = "sum(range(20_000_000))"
    command = tmp_path / ".venv" / "bin" / "chimneysweep"
    command.parent.mkdir(parents=True)
    worker = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{busy}']); sys.exit(3)"
    command.write_text(f"#!{sys.executable}\n{worker}\n", encoding="utf-8")
    command.chmod(0o755)
    cost = proofs.spent(tmp_path, [])
    assert cost.code == 3
    assert cost.cpu > 0.1, "nearly all of it is the worker's"
    of = proofs.CommandCost
    base = {("here", "all"): of(2.0, 1.0, 0), ("there", "all"): of(8.0, 1.0, 0)}
    part = proofs.CommandLine("part", (), "all", both=False)
    row = proofs._row(part, {**base, ("here", "part"): of(1.0, 1.0, 0)})
    assert (row["to the whole there"], row["to 8 buffers here"]) == (0.125, 0.5)
