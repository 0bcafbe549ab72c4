"""Boards in a store that a team shares: read, proven by their digests, and written."""
