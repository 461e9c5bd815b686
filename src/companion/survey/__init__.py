"""Ensembles of any size, measured in shards."""
