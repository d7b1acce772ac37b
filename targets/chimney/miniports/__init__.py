"""The miniports in C that come along: the reference, and the ones with a bug, each a small patch of it."""

from .patched import REFERENCE, materialise, patches

__all__ = ["REFERENCE", "materialise", "patches"]
