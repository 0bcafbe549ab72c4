"""The store that a team shares, as the arena uses it: its store, and what a refresh does with it."""
