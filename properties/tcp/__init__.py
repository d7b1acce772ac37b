"""What every hand-off of a TCP connection owes, whatever its interface."""
