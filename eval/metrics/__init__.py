"""Metrics: pure functions from an outcome to a score in [0, 1], or None where it is undefined."""
