"""The target of ``my_target.py`` without its mistake: it does not advance the head a second time."""

from __future__ import annotations

from my_target import Connection, MyTarget


class MyTargetFixed(MyTarget):
    """MyTarget, with one method made empty."""

    def skip_acknowledged(self, conn: Connection) -> None:
        """Nothing to do: ``acknowledged`` advances the data start with every acknowledgement."""
