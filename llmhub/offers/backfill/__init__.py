"""Store what models.dev listed in the past, from a local clone of its git repository."""
