"""How a run of the chimney is told: its windows, its block tree, its delegated state."""
