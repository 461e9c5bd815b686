"""Fits and intervals for what is measured on trajectories."""
