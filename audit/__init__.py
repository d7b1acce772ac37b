"""What a specification itself is worth: the questions that it is asked, and what they find.

A public function has the same name, so the room may be called in its place:
``chimneysweep.audit("chimney")``. What it takes and returns: ``help(chimneysweep.results.audit)``.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """An imported room stands in its package under its name, and would hide the function."""

    def __call__(self, *subject: Any, **options: Any) -> Any:
        """Audit a subject: :func:`chimneysweep.results.audit`."""
        return importlib.import_module("chimneysweep.results").audit(*subject, **options)


sys.modules[__name__].__class__ = _Callable
