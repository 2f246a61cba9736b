"""What the scores depend on: single factors or their combination."""
