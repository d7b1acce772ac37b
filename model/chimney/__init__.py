"""The NDIS TCP chimney: the offload state tree, the calls, the hand-off, and designs of it."""
