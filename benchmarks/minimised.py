"""By how much each finding is made smaller, in how many runs and in what time.

What breaks a rule first in the search, whose scenarios are long, is made small as `conform` does it. Moves
and their amounts are counted; seconds are of the wall.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence

from chimneysweep.targets.campaign.campaign import SHRINK_TRIES, Campaign, Options
from chimneysweep.targets.campaign.shrink import RunsLeft, shrink
from chimneysweep.targets.chimney.built_in import entries, miniports
from chimneysweep.targets.chimney.scenario import Scenario, from_json
from chimneysweep.targets.judging.misbehaviour import RULES
from chimneysweep.targets.running.launch import launch

SEED = 1


@dataclasses.dataclass(frozen=True)
class Minimised:
    """A finding: its moves and the sum of their amounts before and after, the runs and seconds it took."""

    target: str
    rule: str
    moves: tuple[int, int]
    amounts: tuple[int, int]
    runs: int
    seconds: float


def minimised(target: str, runs: int) -> Iterator[Minimised]:
    """Every rule that so many runs of the search break, made small by itself."""
    options = Options(seed=SEED, runs=runs, shrink=False)
    with launch(target, options.how, options.timeout) as runner:
        report = Campaign(target, runner, options, lambda text: None, []).run()
        for trace in report.findings:
            rule = trace.violation.property if trace.violation else ""
            if rule in RULES or "flaky" in trace.meta:
                continue
            whole, budget, begun = (
                from_json(trace.meta["scenario"]),
                RunsLeft(SHRINK_TRIES),
                time.perf_counter(),
            )
            small = shrink(whole, lambda s, rule=rule: rule in runner.play(s).breaches, budget)
            moves, amounts = (len(whole.moves), len(small.moves)), (_amounts(whole), _amounts(small))
            seconds = round(time.perf_counter() - begun, 2)
            yield Minimised(target, rule, moves, amounts, SHRINK_TRIES - budget.left, seconds)


def targets() -> list[str]:
    """Those with a mistake that breaks a rule, in Python and in C."""
    both = (*entries(), *miniports())
    return [entry.name for entry in both if entry.breaks and entry.breaks[0] not in RULES]


def rows(found: Sequence[Minimised]) -> list[list[str]]:
    """A line for each finding: how much of it is left."""
    heads = ["target", "rule", "moves", "amounts", "runs", "seconds"]
    sides = (("{} -> {}".format(*f.moves), "{} -> {}".format(*f.amounts)) for f in found)
    both = zip(found, sides, strict=True)
    return [heads, *([f.target, f.rule, *side, str(f.runs), f"{f.seconds:.2f}"] for f, side in both)]


def _amounts(scenario: Scenario) -> int:
    return sum(abs(move.n) for move in scenario.moves)  # the plain window is no small number
