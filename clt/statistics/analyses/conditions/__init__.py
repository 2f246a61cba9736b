"""Under which conditions transfer is effective: every combination of factors, and the rules that hold across them."""
