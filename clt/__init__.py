"""Measure cross-lingual transfer in multilingual post-training: the library and the command line."""
