"""What transferred, curve by curve, from n = 0 to the largest n."""
