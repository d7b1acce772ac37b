"""Random scenarios, drawn with Hypothesis: the same seed draws the same ones."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable

import hypothesis
from hypothesis import HealthCheck, Phase, configuration
from hypothesis import strategies as st

from ..model.logic import SEQUENCE_SPACE
from .scenario import Move, Offload, Scenario
from .trees import SHAPES

_LENGTHS = st.sampled_from((1, 2, 9, 100, 1000)) | st.integers(1, 3000)
_SIZES = st.sampled_from((0, 1, 40, 100)) | st.integers(0, 3000)
_WINDOWS = st.sampled_from((10_000, 10_000, 5000, 10_000, 500, 1, 0))
_STARTS = st.sampled_from(
    (1000, 0, SEQUENCE_SPACE - 1, SEQUENCE_SPACE - 100, SEQUENCE_SPACE // 2 - 50, SEQUENCE_SPACE // 2)
) | st.integers(0, SEQUENCE_SPACE - 1)
_OFFLOADS = st.builds(
    Offload, _STARTS, _STARTS, _WINDOWS, st.sampled_from((10_000, 10_000, 3000, 10_000, 100, 0))
)
_CONNS = st.integers(0, 1)

Phrase = tuple[Move, ...]


def _single(kind: str, n: st.SearchStrategy[int], m: st.SearchStrategy[int]) -> st.SearchStrategy[Phrase]:
    return st.tuples(st.builds(Move, st.just(kind), _CONNS, n, m))


_NONE = st.just(0)
_SENDING = (
    _single("send", _LENGTHS, st.integers(0, 2)),
    _single("transmit", _LENGTHS, _NONE),
    _single("peer gets", _LENGTHS, _NONE),
    _single("ack", _LENGTHS, _WINDOWS),
    _single("retransmit", _NONE, _NONE),
    _single("disconnect", _NONE, _NONE),
)
_RECEIVING = (
    _single("data", _LENGTHS, _NONE),
    _single("early data", _LENGTHS, _LENGTHS),
    _single("fin", _NONE, _NONE),
    _single("receive", _SIZES, _NONE),
    _single("appetite", st.sampled_from((-1, 0, 1, 50)), _NONE),
    _single("give back", _NONE, _NONE),
    _single("ack timer", _NONE, _NONE),
)
_REST = (
    _single("forward", _NONE, _NONE),
    _single("call", st.integers(0, 2), _NONE),
    _single("link", _NONE, _NONE),
    _single("neighbor", _NONE, _NONE),
    _single("run", _NONE, _NONE),
    _single("rst", _NONE, _NONE),
    _single("fails", st.integers(0, 4), _NONE),
)


@st.composite
def _sent(draw: st.DrawFn) -> Phrase:
    """Sends, transmitted, received and acknowledged to some degree."""
    conn, length, more = draw(_CONNS), draw(_LENGTHS), draw(st.integers(0, 2))
    whole = (1 + more) * length
    part = st.sampled_from((whole, length)) | st.integers(0, whole)
    moves = (Move("send", conn, length, more), Move("transmit", conn, draw(part)))
    return (*moves, Move("peer gets", conn, whole), Move("ack", conn, draw(part), draw(_WINDOWS)))


@st.composite
def _received(draw: st.DrawFn) -> Phrase:
    """Data, of which the application takes some, with or without having asked for it."""
    conn = draw(_CONNS)
    appetite = Move("appetite", conn, draw(st.sampled_from((-1, 0, 1, 50))))
    data = Move("data", conn, draw(_LENGTHS))
    return draw(st.sampled_from(((appetite, data), (data,), (appetite, data, data))))


@st.composite
def _interrupted(draw: st.DrawFn) -> Phrase:
    """Moves kept for the target's next indication."""
    then = draw(
        st.sampled_from(((Move("terminate"), Move("run")), (Move("run"),), (Move("transmit", n=50),)))
    )
    return (Move("meanwhile", then=then),)


_PHRASES = st.one_of(*_SENDING, *_RECEIVING, *_REST, _interrupted())
_FLOWS = st.one_of(_sent(), _received())
_LATE = st.one_of(*_SENDING[1:4], *_RECEIVING[:3], _REST[4], _REST[5])


def _joined(phrases: list[Phrase]) -> Phrase:
    return tuple(move for phrase in phrases for move in phrase)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A scenario: some life of one or two connections, and the hand-off somewhere in it."""
    offloads = tuple(draw(st.lists(_OFFLOADS, min_size=1, max_size=2)))
    shape = draw(st.sampled_from(tuple(SHAPES)))
    first = _joined(draw(st.lists(_PHRASES, max_size=4)))
    flow = _joined(draw(st.lists(_FLOWS, max_size=4)))
    before = (*first, *flow, *_joined(draw(st.lists(_PHRASES, max_size=8))))
    late = _joined(draw(st.lists(_LATE, max_size=4)))
    moves = (*before, Move("terminate"), *late)
    return Scenario(tuple(_within(m, len(offloads)) for m in moves), shape, offloads)


def _within(move: Move, conns: int) -> Move:
    return dataclasses.replace(move, conn=move.conn % conns)


def visit(runs: int, seed: int, each: Callable[[Scenario], None]) -> None:
    """Call *each* with *runs* random scenarios."""
    configuration.set_hypothesis_home_dir(tempfile.gettempdir())  # nothing is left in the user's folder

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=runs,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(scenarios())
    def play(scenario: Scenario) -> None:
        each(scenario)

    play()
