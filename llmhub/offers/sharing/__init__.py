"""Price lists and listings in a store that a team shares."""
