"""Boards from and to files: the update script, imports, the back-fill, exports."""
