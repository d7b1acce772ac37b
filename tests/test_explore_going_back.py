"""Going back to a state instead of playing up to it again: the same search, in less work."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from native_stage import needs_cc

from chimneysweep.properties.loading import SubjectRef
from chimneysweep.targets import chimney
from chimneysweep.targets.campaign.alphabet import Within, alphabet
from chimneysweep.targets.campaign.explore import Exploration, Explored
from chimneysweep.targets.chimney.built_in import sources
from chimneysweep.targets.chimney.native.compiler import BuildOptions
from chimneysweep.targets.chimney.native.driver_library import DriverLibrary
from chimneysweep.targets.chimney.native.native_factory import NativeFactory, factory
from chimneysweep.targets.judging.compiled.monitor_maker import Maker
from chimneysweep.targets.running import stage_image
from chimneysweep.targets.running.branching import Branch, Edge, Expand, Expanded, Moves, expand
from chimneysweep.targets.running.compiled_monitors import Compiled
from chimneysweep.targets.running.direct import JUDGED
from chimneysweep.targets.running.isolation.explorer import Explorer

REFERENCE = Path(chimney.__file__).parent / "miniports" / "reference"
pytestmark = needs_cc


def keeping(driver: Path) -> NativeFactory:
    opens = functools.partial(DriverLibrary, keeps=True)
    return factory(driver, BuildOptions(sanitize=False), opens)


class Runner:
    """Expands states in this process, as the process of a target does."""

    def __init__(self, made: NativeFactory) -> None:
        Compiled(Maker(JUDGED), make=True).load()
        self.explorer = Explorer(made, SubjectRef())

    def expand(self, request: Expand) -> Expanded:
        return expand(request, functools.partial(self.explorer._branch, request, lambda said: None))


def searched(made: NativeFactory, **bounds: Any) -> tuple[Explored, Counter[Any], int, bool]:
    """What was explored, every edge with what came of it, how many entry points were called.

    And whether each run was made in a process of its own, since the target did not do the same again.
    """
    within, heard, calls = Within.of(bounds), Counter[Any](), 0

    def hears(before: Moves, edge: Edge) -> None:
        nonlocal calls
        heard[before, edge.choice.moves, edge.choice.ends, edge.key, edge.breaches, edge.reached] += 1
        calls += edge.calls

    runner: Any = Runner(made)
    search = Exploration([runner], within, alphabet(within), 5.0, hears, lambda text: None)
    search.run(everything=True)
    return search.explored, heard, calls, search.explored.apart


BOUNDS: dict[str, Any] = {"moves": 2, "kinds": ["send", "transmit", "data", "receive", "terminate"]}


def test_it_is_the_same_search(monkeypatch: pytest.MonkeyPatch) -> None:
    made = keeping(REFERENCE)
    assert made.library.keeps
    goes_back = searched(made, **BOUNDS)
    monkeypatch.setattr(Branch, "_keeper", lambda branch: None)
    plays_again = searched(made, **BOUNDS)
    assert goes_back[:2] == plays_again[:2]
    assert not goes_back[3]
    assert goes_back[0].states > 50
    assert goes_back[2] < 0.8 * plays_again[2]


def test_it_finds_the_same_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """After what is broken the search goes on, in a run of its own."""
    made = keeping(sources("tail-forgotten", tmp_path / "driver"))
    goes_back = searched(made, **BOUNDS)
    monkeypatch.setattr(Branch, "_keeper", lambda branch: None)
    assert goes_back[:2] == searched(made, **BOUNDS)[:2]
    assert any("chain.coverage" in broken for _, _, _, _, broken, _ in goes_back[1])


def test_an_imperfect_way_back_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is on the wire nothing is put back: then the states are not those of the same moves."""
    made = keeping(REFERENCE)
    monkeypatch.setattr(stage_image, "WIRE", ())
    assert searched(made, **BOUNDS)[3]


def test_all_that_the_host_holds_is_put_back() -> None:
    """With every kind of move the reference does the same again in one process."""
    assert not searched(keeping(REFERENCE), moves=2, alphabet=["all"])[3]


STAYS = {
    *(
        "again",
        "arming",
        "at_once",
        "criteria",
        "ended",
        "factory",
        "failing",
        "handed",
        "inside",
        "interruption",
        "judge",
        "lines",
        "listener",
        "moves",
        "ndis",
    ),
    *(
        "notes",
        "overtaken",
        "playing",
        "plays",
        "points",
        "rest",
        "room",
        "says",
        "scenario",
        "target",
        "thread",
        "watch",
    ),
}
"""Of a run: what is made by it, what nobody has while nobody is in a call, and a thread that is the same."""


def test_the_hosts_fields_are_put_back_or_stay() -> None:
    """A field that is added to what the host holds is entered here, or among what is put back."""
    made = keeping(REFERENCE)
    runner, within = Runner(made), Within()
    request = Expand(within.empty(), within.bounds(), (), by_calls=False, apart=False, timeout=5.0)
    run = runner.explorer._branch(request, lambda said: None, plain=False)
    assert vars(run).keys() - set(stage_image.STAGE) == STAYS
    assert vars(run.ndis).keys() - set(stage_image.HOSTS) == {
        *("_added", "monitor", "handed", "lines", "during", "other", "enter", "answered", "arriving"),
        "bystanders",
        *("within", "completing"),  # nobody is in a call
    }
    assert vars(run.handed).keys() - set(stage_image.HANDED) == {
        *("conns", "buffers", "handles", "shape", "offloads", "fresh", "blocks", "_own", "former", "refused"),
    }
