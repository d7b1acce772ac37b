"""Settings for every test."""

from __future__ import annotations

import os

import hypothesis

# The same cases every time, unless HYPOTHESIS_PROFILE=explore asks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("explore", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
