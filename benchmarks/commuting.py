"""How often moves of two connections commute in the C reference, and what sleep sets would leave out.

    python benchmarks/commuting.py [MOVES]

explores two connections, and compares the states to which each two moves lead in either order. An exploration
visits a state once, whatever leads there, so sleep sets could leave out transitions and no state: at the most
those of a move on the first connection right after one on the second.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from exploration import REFERENCE

from chimneysweep.targets.campaign import sweeps
from chimneysweep.targets.campaign.alphabet import Within, alphabet
from chimneysweep.targets.campaign.explore import Exploration
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.running.branching import Moves
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.launch import How, launch_several
from chimneysweep.targets.running.quick.maker import prepared
from chimneysweep.targets.running.sweep import NUMBER

SHARED = frozenset(("run", "terminate", "meanwhile", "appetite"))
"""Kinds of moves that are of no connection alone, or come with another one."""


@dataclasses.dataclass
class Commuting:
    """Of all ``transitions`` those that could be ``left_out`` at most; of the ``pairs`` what commutes."""

    states: int
    transitions: int
    left_out: int
    pairs: int
    commute: int


class _Kept(Exploration):
    """Keeps all transitions: ``ways`` of each state by its key, and the last one to it."""

    def run(self, everything: bool = False) -> None:
        """Explore."""
        self.last, self.ways = dict[bytes, bytes](), dict[bytes, dict[bytes, bytes]]()
        super().run(everything)

    def _told(self, state: Any, told: Any) -> Any:
        self.last[told.key], self.ways[told.key] = state.path[-NUMBER:], dict(told.leads())
        return super()._told(state, told)


def measured(moves: int) -> Commuting:
    """What comes of runs of so many moves. Raises RuntimeError where there is no compiler."""
    within = Within.of({"moves": moves, "connections": 2})
    monitor = Compiled(Maker(JUDGED), make=True).monitor(within.empty(), within.bounds())
    if monitor is None or not prepared(monitor.library):
        raise RuntimeError("no C compiler")
    quiet = (lambda before, edge: None), (lambda text: None), (lambda counts: None)
    with ExitStack() as ends:
        crew = [
            ends.enter_context(runner) for runner in launch_several(1, str(REFERENCE), How(sanitize=False))
        ]
        search = _Kept(crew, within, alphabet(within), 5.0, *quiet)
        most, sweeps.MOST = sweeps.MOST, 1  # a sweep tells of each state once
        try:
            search.run()
        finally:
            sweeps.MOST = most
    return _counted(search)


def _counted(search: _Kept) -> Commuting:
    of = {search.paths.on(b"", moves): _connection(moves) for moves in list(search.paths.ways)}
    found = Commuting(search.explored.states, search.explored.transitions, 0, 0, 0)
    for key, ways in search.ways.items():
        mine: Sequence[list[bytes]] = [[way for way in ways if of[way] == c] for c in (0, 1)]
        found.left_out += len(mine[0]) if of.get(search.last[key]) == 1 else 0
        for one, two in itertools.product(*mine):
            ends = (search.ways.get(ways[a], {}).get(b) for a, b in ((one, two), (two, one)))
            if all(both := tuple(ends)):
                found.pairs += 1
                found.commute += both[0] == both[1]
    return found


def _connection(moves: Moves) -> int | None:
    """The only one that the moves are of, if there is one."""
    conns = {move.conn for move in moves}
    return None if len(conns) != 1 or any(move.kind in SHARED for move in moves) else conns.pop()


if __name__ == "__main__":
    print(measured(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
