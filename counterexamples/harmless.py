"""Text of others (traces, targets, files) for a terminal, which it must not drive."""

from __future__ import annotations


def printable(text: str) -> str:
    """*text* with what is no printable character as an escape: a trace must not drive the terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def harmless(text: str) -> str:
    """Several lines: escapes, bells and carriage returns are shown, tabs are spaces."""
    return "\n".join(printable(line.expandtabs()) for line in text.split("\n"))
