"""Readers of results: pages, feeds, files that must stay, progress."""
