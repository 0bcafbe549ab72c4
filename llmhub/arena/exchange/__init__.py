"""Moves boards between the store and files: the update script, imports, the back-fill, exports."""
