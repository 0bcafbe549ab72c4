"""Catalogs of what is stored: of every offer of models.dev, and of a moment of the past."""
