"""What the specification itself is worth. So far: readings of a sentence that no target can keep."""
