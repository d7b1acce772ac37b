"""Where the plugin was: environments that were set up before it moved still look here."""

from __future__ import annotations

import importlib

conform = importlib.import_module("chimneysweep.pytest_plugin").conform
