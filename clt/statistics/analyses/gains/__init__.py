"""How much relative performance gains, curve by curve and over groups of curves."""
