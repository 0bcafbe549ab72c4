"""A store that a team shares: where it is, what is there, and how the local store and it get in step.

It knows no kind of snapshot: those that stand above it describe theirs as `llmhub.remote.kinds` says.
"""
