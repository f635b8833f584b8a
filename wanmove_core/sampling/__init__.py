"""Noise schedules, solvers and guidance scales of flow matching."""
