"""Designs: hand-off algorithms to be checked. The reference, and seeded buggy ones made from it."""
