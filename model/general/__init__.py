"""The most general target: what may happen at the interface when no design restrains it."""
