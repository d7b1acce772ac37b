"""The benchmark of shrinking: each finding of a search is smaller afterwards, and breaks the same."""

from __future__ import annotations

import sys

from house import ROOT

from chimneysweep.targets.campaign.campaign import SHRINK_TRIES

sys.path.insert(0, str(ROOT / "benchmarks"))
import minimised


def test_a_finding_shrinks_and_it_is_said_by_how_much() -> None:
    found = list(minimised.minimised("seeded/head-not-advanced", 10))
    rules = [one.rule for one in found]
    assert "chain.advanced" in rules
    for one in found:
        assert one.moves[1] <= one.moves[0]
        assert one.amounts[1] <= one.amounts[0]
        assert 0 < one.runs <= SHRINK_TRIES
    assert any(one.moves[1] < one.moves[0] for one in found)
    head, *told = minimised.rows(found)
    assert head[0] == "target"
    assert [row[1] for row in told] == rules


def test_each_target_with_a_mistake_is_measured() -> None:
    names = minimised.targets()
    assert "seeded/head-not-advanced" in names
    assert "miniports/una-is-nxt" in names
    assert "reference" not in names
