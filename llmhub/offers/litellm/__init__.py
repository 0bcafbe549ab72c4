"""LiteLLM, the second witness of prices: its map, its names, and where it differs."""
