"""Messages between processes: what is sent arrives, and what is no message is never taken for one."""

from __future__ import annotations

import os
import pickle
import queue
import socket
import threading
import zlib
from collections.abc import Iterator
from time import monotonic

import msgpack
import pytest

from chimneysweep.targets.running.isolation.channel import (
    HEAD,
    LONGEST,
    MARK,
    Channel,
    Closed,
    Garbage,
    handed,
    taken,
)

PICKLED = pickle.dumps({"a": [1]})
Ends = tuple[Channel, Channel]


@pytest.fixture
def ends() -> Iterator[Ends]:
    left, right = (Channel(end) for end in socket.socketpair())
    yield left, right
    left.close()
    right.close()


def test_messages_arrive_whole_and_in_order(ends: Ends) -> None:
    left, right = ends
    sent = [{"a": 1}, "text", b"\0" * 100_000, ["nested", ["list"]]]
    for message in sent[:2]:
        left.send(message)
    assert [right.receive(5) for _ in range(2)] == sent[:2]
    right.send(sent[3])
    assert left.receive(5) == sent[3]


def test_a_long_message_arrives_in_pieces(ends: Ends) -> None:
    left, right = ends
    body = msgpack.packb("x" * 50_000)
    frame = HEAD.pack(MARK, zlib.crc32(body), len(body)) + body
    left.end.sendall(frame[:7])
    assert right.receive(0.0) is None
    left.end.sendall(frame[7:30_000])
    assert right.receive(0.0) is None
    left.end.sendall(frame[30_000:])
    assert right.receive(5) == "x" * 50_000


def test_silence_ends_after_its_time(ends: Ends) -> None:
    start = monotonic()
    assert ends[0].receive(0.05) is None
    assert 0.04 < monotonic() - start < 5


@pytest.mark.parametrize(
    "junk",
    [
        b"hello, this is the target",
        HEAD.pack(MARK, 0, LONGEST + 1),
        HEAD.pack(MARK, 12345, 3) + b"abc",
        HEAD.pack(MARK, zlib.crc32(PICKLED), len(PICKLED)) + PICKLED,
    ],
)
def test_garbage_is_told_from_a_message(ends: Ends, junk: bytes) -> None:
    ends[0].end.sendall(junk)
    with pytest.raises(Garbage):
        ends[1].receive(5)


def test_a_side_that_is_gone_is_noticed(ends: Ends) -> None:
    ends[0].end.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Closed):
        ends[1].receive(5)
    with pytest.raises(Closed):
        ends[0].send("anybody there?")


def test_two_that_send_much_at_once_do_not_wait_for_each_other(ends: Ends) -> None:
    """Neither reads before it has sent: what comes meanwhile is taken in."""
    long, sent = bytes(2**22), queue.SimpleQueue[int]()

    def send(number: int) -> None:
        ends[number].send(long, 20.0)
        sent.put(number)

    for number in range(2):
        threading.Thread(target=send, args=(number,), daemon=True).start()
    first = sent.get(timeout=30.0)
    assert ends[first].receive(30.0) == long, "the last of it, which nobody had taken in yet"
    last = sent.get(timeout=30.0)
    assert {first, last} == {0, 1}
    assert ends[last].receive(30.0) == long


def test_who_takes_nothing_is_given_up(ends: Ends) -> None:
    with pytest.raises(Closed):
        ends[0].send([bytes(2**22)], seconds=0.1)


def test_a_closed_descriptor_is_noticed(ends: Ends) -> None:
    number = ends[0].end.fileno()
    kept = os.dup(number)
    os.close(number)
    try:
        with pytest.raises(Closed):
            ends[0].send("x")
    finally:
        os.dup2(kept, number)
        os.close(kept)


def test_another_file_under_the_same_number_gets_nothing(ends: Ends) -> None:
    number = ends[0].end.fileno()
    kept = os.dup(number)
    read, write = os.pipe()
    os.dup2(write, number)
    try:
        with pytest.raises(Closed):
            ends[0].send("not into this pipe")
    finally:
        os.dup2(kept, number)
        for other in (kept, write):
            os.close(other)
    assert os.read(read, 100) == b""
    os.close(read)


def test_draining_forgets_what_came(ends: Ends) -> None:
    left, right = ends
    left.send("stale")
    left.end.sendall(b"garbage")
    right.drain()
    left.send("fresh")
    assert right.receive(5) == "fresh"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_of_the_process_says_nothing(ends: Ends) -> None:
    pid = os.fork()
    if not pid:
        try:
            ends[0].send("from the fork")
        finally:
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert ends[1].receive(0.0) is None


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a socket is not handed over by its number")
def test_an_end_is_handed_over() -> None:
    left, right = socket.socketpair()
    again = taken(handed(right, os.getpid()))
    right.detach()
    left.sendall(b"x")
    assert again.recv(1) == b"x"
    left.close()
    again.close()
