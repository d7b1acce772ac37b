"""How much memory this process took."""

from __future__ import annotations

import sys


def peak() -> int:
    """The most that it ever took, in MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most >> (20 if sys.platform == "darwin" else 10))
