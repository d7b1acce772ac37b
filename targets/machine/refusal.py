"""What is said to a user whose target cannot be had."""

from __future__ import annotations


class BadTarget(ValueError):
    """There is no target of that name, or it cannot be used; the message says why and what to do."""
