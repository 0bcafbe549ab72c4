"""LiteLLM, the second witness of prices: read its map, translate its names, compare it with models.dev."""
