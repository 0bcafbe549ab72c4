"""What the store knows of the offers behind the catalog's models: their end, and whose price counts."""
