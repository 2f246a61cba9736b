"""The untrained models."""
