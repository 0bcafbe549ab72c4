"""Build catalogs from stored data: of every offer of models.dev, and of a past moment."""
