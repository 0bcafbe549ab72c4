"""One SQLite file: opened, locked, upgraded, compacted and replaced, whatever it holds."""
