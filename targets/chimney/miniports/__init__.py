"""The miniports in C that come along: the reference, and the ones with a bug, each a small patch of it."""

from .patched import REFERENCE, Bug, bugs, materialise

__all__ = ["REFERENCE", "Bug", "bugs", "materialise"]
