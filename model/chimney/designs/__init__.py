"""Designs of a target for the chimney: the reference, and seeded bugs made from it."""
