"""The closed form against what one would use instead of it; `make bench` runs it."""
