"""Which mixture the evidence favours for a budget and target languages."""
