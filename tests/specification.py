"""Where the text of the specification is: beside the checkout, or where CHIMNEYSWEEP_SPEC says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from house import ROOT

SPEC = Path(os.environ.get("CHIMNEYSWEEP_SPEC") or ROOT.parent / "shared" / "spec")
needs_spec = pytest.mark.skipif(
    not (SPEC / "seed.txt").is_file(),
    reason="the text of the specification is not here: set CHIMNEYSWEEP_SPEC to its folder",
)
