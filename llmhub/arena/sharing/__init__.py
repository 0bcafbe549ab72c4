"""Boards in a store that a team shares, and what a refresh does with one."""
