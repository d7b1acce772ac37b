"""What every hand-off of a TCP connection shares: sequence numbers, the peer and the wire."""
