"""Boards in the store: tables, statements, reading and writing."""
