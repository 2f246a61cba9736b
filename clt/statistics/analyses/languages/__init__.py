"""What is known about the languages, and whether their gains go with it."""
