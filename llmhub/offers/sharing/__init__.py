"""Synchronise price lists and listings with a store that a team shares."""
