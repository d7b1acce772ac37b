"""What is judged of executable targets alone: no model has queries of a connection, or nonpush mode."""

EXECUTABLE_ONLY = frozenset({"query.status", "query.current", "query.send-backlog", "delivery.no-push"})
