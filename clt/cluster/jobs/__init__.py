"""Trainings and evaluations as jobs: described, launched on a cluster, watched, and deleted when nobody watches."""
