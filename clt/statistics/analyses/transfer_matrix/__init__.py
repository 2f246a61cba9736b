"""Which training language moves which evaluation language."""
