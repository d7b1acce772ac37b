"""A subject as a user writes one: a ferry carries parcels over, and has no drawing of its own."""

from __future__ import annotations

import dataclasses
from typing import Any

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.design import bug, step
from chimneysweep.model.event import Happening, Index, event
from chimneysweep.model.logic import And, Value, put, total
from chimneysweep.model.records import BOOL, between, enum, update, var
from chimneysweep.properties.property import case, conjunct, guarantee
from chimneysweep.properties.subject import Part, Subject

PLACE = enum("at the near bank", "at the far bank")
NEAR, FAR = range(2)


def parcels(value: int, bounds: Bounds, at: Any) -> str:
    return "none" if value == 0 else f"{value} of {bounds.most}"


@dataclasses.dataclass(frozen=True)
class Quay:
    """Where parcels wait."""

    waiting: Value = var(between(0), says="parcels that wait at quay {0}", shown=parcels)
    open: Value = var(BOOL, True)


@dataclasses.dataclass(frozen=True)
class Crossing:
    """A ferry, and quays at the near bank."""

    ferry: Value = var(PLACE, says="the ferry")
    aboard: Value = var(between(0), says="parcels aboard")
    over: Value = var(between(0))
    posted: Value = var(between(0))
    quays: tuple[Quay, ...] = ()


QUAY = Index("quays")


@event("sender", quay=QUAY, count=between(1))
def Post(s: Crossing, p: Any) -> Happening:
    """{count} parcels are left at quay {quay}"""
    quay = s.quays[p.quay]
    more = update(quay, waiting=quay.waiting + p.count)
    return quay.open, update(s, posted=s.posted + p.count, quays=put(s.quays, p.quay, more))


@event("target", quay=QUAY)
def Load(s: Crossing, p: Any) -> Happening:
    """the ferry takes what waits at quay {quay}"""
    quay = s.quays[p.quay]
    left = put(s.quays, p.quay, update(quay, waiting=0))
    return And(s.ferry == NEAR, quay.waiting > 0), update(s, aboard=s.aboard + quay.waiting, quays=left)


@event("target", lost=between(0))
def Cross(s: Crossing, p: Any) -> Happening:
    """the ferry crosses, and {lost} parcels fall into the water"""
    arrived = s.over + s.aboard - p.lost
    return And(s.ferry == NEAR, p.lost <= s.aboard), update(s, ferry=FAR, aboard=0, over=arrived)


@step()
def CrossOver(design: Any, s: Crossing, p: Any) -> Any:
    """the ferry crosses"""
    return And(s.ferry == NEAR, s.aboard > 0), [Cross(lost=design.overboard(s))]


@step(quay=QUAY)
def TakeAboard(design: Any, s: Crossing, p: Any) -> Any:
    """the ferry takes aboard what waits at quay {quay}"""
    return And(s.ferry == NEAR, s.quays[p.quay].waiting > 0), [Load(quay=p.quay)]


def overboard(design: Any, s: Crossing) -> Value:
    return 0


@bug("nothing.lost", 3, "overboard")
def drops_one(design: Any, s: Crossing) -> Value:
    """drops a parcel on the way"""
    return 1


@guarantee("nothing.lost", "ferry.md", "What we promise")
def nothing_lost(s: Crossing) -> Any:
    """Every parcel waits, is aboard, or is over."""
    there = s.over + s.aboard + total(q.waiting for q in s.quays)
    all_there = conjunct("all that were posted are there", there == s.posted, there=there, ferry=s.ferry)
    yield case("the ferry", True, all_there)


FERRY = Subject(
    "ferry",
    "parcels carried over a river",
    lambda bounds: Crossing(quays=(Quay(),) * bounds.quays),
    lambda s, blank: And(
        s.ferry == NEAR, s.aboard == 0, s.over == 0, s.posted == total(q.waiting for q in s.quays)
    ),
    parts=(
        Part(
            "river",
            events=(Post, Load, Cross),
            steps=(CrossOver, TakeAboard),
            choices=(overboard,),
            properties=(nothing_lost,),
            bugs=(drops_one,),
        ),
    ),
    bounds=Bounds("{quays} quays, up to {most} parcels", quays=2, most=9),
)
