"""A target's steady operation, by its public name: the reference without its hand-off, to derive from."""

from .chimney.python.linked_lists import unlink, walk
from .chimney.python.steady_target import Steady
from .chimney.python.tcp_connection import StateObject, TcpConnection

Connection = TcpConnection

__all__ = ["Connection", "StateObject", "Steady", "unlink", "walk"]
