"""The chimney's own audit material: what its documents say, in words, in figures and in names."""
