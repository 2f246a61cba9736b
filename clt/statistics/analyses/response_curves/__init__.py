"""Response curves: what the next rows buy, and how much is enough."""
