"""Maintains a store: verify, prune, back up, repair."""
