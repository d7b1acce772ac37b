"""The reference target, by its public name: to be read, and to derive from (docs/targets.md)."""

from .chimney.python.reference_target import Reference

__all__ = ["Reference"]
