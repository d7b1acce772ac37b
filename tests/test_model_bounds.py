"""Bounds are names with numbers, whatever the subject."""

from __future__ import annotations

import pickle

import pytest

from chimneysweep.model.bounds import Bounds
from chimneysweep.model.chimney.state import world_size

SMALL = Bounds("{sockets} sockets", sockets=2, bytes=9)


def test_a_number_is_had_by_its_name() -> None:
    assert (SMALL.sockets, SMALL["bytes"], dict(SMALL)) == (2, 9, {"sockets": 2, "bytes": 9})


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match=r"no bound 'buffers'; there are sockets, bytes"):
        _ = SMALL.buffers
    with pytest.raises(KeyError):
        SMALL.but(buffers=1)


def test_a_number_is_changed_in_a_copy() -> None:
    assert SMALL.but(sockets=3) == Bounds(sockets=3, bytes=9)
    assert SMALL.sockets == 2


def test_bounds_are_equal_by_their_numbers_alone() -> None:
    assert Bounds(sockets=2, bytes=9) == SMALL
    assert hash(Bounds(bytes=9, sockets=2)) == hash(SMALL)
    assert SMALL.but(bytes=8) != SMALL


def test_a_larger_world_holds_a_smaller_one_of_the_same_kind_only() -> None:
    assert SMALL.hold(SMALL)
    assert not SMALL.but(bytes=8).hold(SMALL)
    assert not SMALL.hold(Bounds(sockets=1))


def test_they_are_told_as_their_subject_has_it_or_as_a_list() -> None:
    assert SMALL.show() == "2 sockets"
    assert Bounds(sockets=2, bytes=9).show() == "2 sockets, 9 bytes"
    assert world_size(1, 2, 3, 4).show().startswith("1 buffers and 4 receive requests a connection")


def test_another_process_gets_the_same() -> None:
    again = pickle.loads(pickle.dumps(SMALL))
    assert again == SMALL
    assert again.show() == "2 sockets"
