"""A target's steady operation, by its public name: the reference without its hand-off, to derive from."""

from .chimney.python.linked_lists import unlink, walk
from .chimney.python.steady_target import StateObject, Steady, TcpConnection

Connection = TcpConnection

__all__ = ["Connection", "StateObject", "Steady", "unlink", "walk"]
