"""chimneysweep: checks the hand-off of a live TCP connection from one stack to another."""

__version__ = "0.1.0"
