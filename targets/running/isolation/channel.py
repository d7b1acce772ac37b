"""Messages between processes: plain data in frames, over a socket that the target shares a process with.

The target may close the socket, put something else under its number, or write into it. A
frame has a mark and a checksum, so that what the target wrote is not taken for a message; and
whatever is in one is numbers, text, bytes and lists of these, of which nothing can be run.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import sys
import zlib
from time import monotonic
from typing import Any

import msgpack

HEAD = struct.Struct("!4sII")
MARK = b"\xc5NDS"
LONGEST = 2**28
CHUNK = 2**16


class Closed(Exception):
    """The channel is no more: the other side is gone, or the target closed this one."""


class Garbage(Exception):
    """What comes is no message."""


class Channel:
    """One end. Only the process that made or adopted it may use it: a fork of it ends instead."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.came = bytearray()
        self.room = memoryview(bytearray(CHUNK))  # once: a sanitizer's allocator is slow
        self.pack = msgpack.Packer().pack
        self.adopt()

    def adopt(self) -> None:
        """This process uses the channel from now on."""
        self.owner = os.getpid()
        self.identity = self._identity()

    def _identity(self) -> tuple[int, int]:
        if sys.platform == "win32":
            return (0, 0)
        found = os.fstat(self.end.fileno())
        return (found.st_dev, found.st_ino)

    def send(self, message: Any, seconds: float | None = None) -> int:
        """Send a message; its bytes. Raises Closed; also where nobody takes any of it for so many seconds."""
        if os.getpid() != self.owner:
            os._exit(0)
        body = self.pack(message)
        try:
            if self._identity() != self.identity:
                raise Closed
            self._put(memoryview(HEAD.pack(MARK, zlib.crc32(body), len(body)) + body), seconds)
        except (OSError, ValueError) as error:
            raise Closed from error
        return len(body)

    def _put(self, rest: memoryview, seconds: float | None) -> None:
        """Both sides may be sending: what comes meanwhile is taken in, or each would wait for the other."""
        if sys.platform == "win32":
            self.end.sendall(rest)
            return
        while rest:
            with contextlib.suppress(BlockingIOError):
                rest = rest[self.end.send(rest, socket.MSG_DONTWAIT) :]
                continue
            ready, free, _ = select.select([self.end], [self.end], [], seconds)
            if not ready and not free:
                raise Closed
            if ready:
                self.read()

    def receive(self, seconds: float | None = None) -> Any:
        """The next message; None if there is none within so many seconds. Raises Closed, Garbage."""
        until = None if seconds is None else monotonic() + seconds
        while True:
            message = self.whole()
            if message is not None:
                return message
            left = None if until is None else max(0.0, until - monotonic())
            if not self._more(left):
                return None

    def _more(self, seconds: float | None) -> bool:
        try:
            if seconds is not None and not select.select([self.end], [], [], seconds)[0]:
                return False
            self.read()
        except (OSError, ValueError) as error:
            raise Closed from error
        return True

    def read(self) -> None:
        """Wait for something to come, and take it in. Raises Closed, OSError."""
        count = self.end.recv_into(self.room)
        if not count:
            raise Closed
        self.came += self.room[:count]

    def whole(self) -> Any:
        """The message that has come, None if there is none, or not all of it. Raises Garbage."""
        if len(self.came) < HEAD.size:
            return None
        mark, check, length = HEAD.unpack_from(self.came)
        if mark != MARK or length > LONGEST:
            raise Garbage
        end = HEAD.size + length
        if len(self.came) < end:
            return None
        body = bytes(self.came[HEAD.size : end])
        del self.came[:end]
        if zlib.crc32(body) != check:
            raise Garbage
        try:
            return msgpack.unpackb(body)
        except (ValueError, TypeError):
            raise Garbage from None

    def drain(self) -> None:
        """Forget whatever has come and was not received."""
        with contextlib.suppress(Closed):
            while self._more(0.0):
                pass
        self.came.clear()

    def close(self) -> None:
        """Close this end."""
        self.end.close()


def handed(end: socket.socket, pid: int) -> bytes:
    """What the child process *pid* needs to take over *end*, see :func:`taken`."""
    if sys.platform == "win32":
        return end.share(pid)
    return str(end.fileno()).encode()


def taken(given: bytes) -> socket.socket:
    """The socket that the parent handed over."""
    if sys.platform == "win32":
        return socket.fromshare(given)
    return socket.socket(fileno=int(given))
