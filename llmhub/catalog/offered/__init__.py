"""The store's facts about the offers behind the catalog's models: their end, and the source of their price."""
