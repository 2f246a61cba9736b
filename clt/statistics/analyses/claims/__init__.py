"""Printed claims held against the statistics."""
