"""A stage for the command line: engines, designs and targets are puppets, everything else is real."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from sample_trace import FAKE, sample

from chimneysweep.counterexamples.model_replay import Now, Replay
from chimneysweep.counterexamples.story import drawn
from chimneysweep.counterexamples.trace import Trace, violation
from chimneysweep.engines.portfolio import ENGINES, CheckRequest, Report, Witness
from chimneysweep.engines.verdict import Proved, Result, Unknown, Verdict, Violated
from chimneysweep.model.chimney.state import World
from chimneysweep.model.design import bug
from chimneysweep.properties import loading
from chimneysweep.properties.chimney.chimney import CHIMNEY
from chimneysweep.properties.property import Case, Conjunct, Property, Source
from chimneysweep.properties.subject import Part
from chimneysweep.targets.campaign.campaign import ConformReport, Options
from chimneysweep.targets.chimney.built_in import BuiltIn
from chimneysweep.targets.machine.refusal import BadTarget

PROVED = Proved(("lemma.one", "lemma.two"), True)


def _cases(world: World) -> tuple[Case, ...]:
    return (Case("everywhere", True, (Conjunct("never", False, {"phase": world.phase}),)),)


def _property(name: str, kind: Any = "clause", **more: Any) -> Property:
    return Property(name, kind, f"What {name} says.", Source("page.md", "Remarks"), _cases, **more)


@bug("chain.order", 6, "chain")
def reversed_chain(design: Any, conn: Any, base: int) -> Any:
    """chains in reverse"""
    return design.chain(conn, base)


PUPPET = dataclasses.replace(
    CHIMNEY,
    parts=(
        *(dataclasses.replace(part, properties=(), bugs=()) for part in CHIMNEY.parts),
        Part(
            "puppet",
            properties=(
                _property("chain.order"),
                _property("snd.una"),
                _property("snd.una", reading="loose"),
                _property("snd.all", reading="literal", impossible_with=("snd.una",)),
                _property("lemma.tree", "lemma"),
                FAKE,
            ),
            bugs=(reversed_chain,),
        ),
    ),
    ready=None,
)
"""What stands in the place of the chimney: its world, and a few properties that say nothing true."""
PROPERTIES = PUPPET.properties


class Stage:
    """What the puppets do: set the fields, then run the command line."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Verdict] = {}
        self.witnesses: tuple[Witness, ...] = ()
        self.total = True
        self.dropped: tuple[Any, ...] = ()
        self.interrupt_after: int | None = None
        self.requests: list[CheckRequest] = []
        self.options: list[tuple[str, Options]] = []
        self.conform: Callable[[], ConformReport] = lambda: self.report()
        self.replayed: Replay = Replay(Now.AGAIN, "the target does the same")

    def check(self, request: CheckRequest, progress: Callable[[Result], None]) -> Report:
        self.requests.append(request)
        results = []
        for number, name in enumerate(request.properties):
            if number == self.interrupt_after:
                raise KeyboardInterrupt
            results.append(Result(name, request.design, self.verdicts.get(name, PROVED), 0.5))
            progress(results[-1])
        return Report(
            request.design,
            request.bounds,
            tuple(results),
            self.witnesses,
            self.total,
            2.5,
            partial=False,
            dropped=self.dropped,
        )

    def drive(self, spec: str, options: Options, progress: Callable[..., None]) -> ConformReport:
        self.options.append((spec, options))
        if spec == "nowhere.py":
            raise BadTarget("there is no file nowhere.py; give FILE.py:CLASS")
        return self.conform()

    def report(self, *findings: Trace, why: str = "") -> ConformReport:
        coverage = {"send": 4}
        return ConformReport(
            "my.py:Mine",
            9,
            77,
            findings,
            coverage,
            ("receive",),
            1.5,
            bool(why),
            5,
            why,
            (),
            "in a child process",
        )


def violated(name: str, steps: int | None = None, exhausted: int = 99) -> Violated:
    """A violation of a property, with a trace that replays."""
    trace = dataclasses.replace(sample(), steps=sample().steps[:steps])
    states = drawn(trace, 80)[0].states
    return Violated(dataclasses.replace(trace, violation=violation(PUPPET.find(name), states[-1])), exhausted)


def unknown(bound: int = 5) -> Unknown:
    return Unknown("the solver ran out of time", bound)


def _module(monkeypatch: pytest.MonkeyPatch, name: str, **attributes: Any) -> None:
    """Put a puppet in the place of a module, whether that module exists or not."""
    module = ModuleType(name)
    module.__dict__.update(attributes)
    parent, child = name.rsplit(".", 1)
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(importlib.import_module(parent), child, module, raising=False)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setitem(sys.modules, "cli_stage_puppet", sys.modules[__name__])
    monkeypatch.setitem(loading.BUILT_IN, "chimney", ("cli_stage_puppet", "PUPPET"))
    monkeypatch.setattr(loading, "_loaded", loading._loaded.__wrapped__)  # nothing is kept
    root = "chimneysweep"
    portfolio = {"CheckRequest": CheckRequest, "Report": Report, "Witness": Witness, "check": stage.check}
    portfolio["ENGINES"] = ENGINES
    _module(monkeypatch, f"{root}.engines.portfolio", **portfolio)
    _module(
        monkeypatch,
        f"{root}.targets.campaign.campaign",
        conform=stage.drive,
        Options=Options,
        ConformReport=ConformReport,
    )
    targets = (BuiltIn("reference", "a well-behaved driver", (), None),)
    _module(monkeypatch, f"{root}.targets.chimney.built_in", entries=lambda: targets, miniports=lambda: ())
    _module(monkeypatch, f"{root}.targets.machine.refusal", BadTarget=BadTarget)
    _module(
        monkeypatch, f"{root}.targets.running.target_replay", replay_on_target=lambda trace: stage.replayed
    )
    return stage
