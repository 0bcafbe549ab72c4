"""A store that a team shares: where it is, what it holds, and how it and the local store are synchronised.

This package knows no kind of snapshot: the packages above it describe theirs by the protocols of `llmhub.remote.kinds`.
"""
