"""Reads and writes boards in SQLite: tables, statements, reading, writing."""
