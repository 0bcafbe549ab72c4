"""Where ids of models stand in files: which files are read, what counts in them, and which offers an id means."""
