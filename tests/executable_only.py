"""What is judged of executable targets alone: no model has queries of a connection, or nonpush mode."""

from chimneysweep.properties.chimney.chimney import CHIMNEY

EXECUTABLE_ONLY = frozenset(prop.name for prop in CHIMNEY.properties if prop.watched)
