"""The demonstration: the main job without network, on made-up publications and prices."""

from llmhub.demo.run import CONFIG, demonstrated_catalog, demonstration, forget, past_prices, past_publications

__all__ = ["CONFIG", "demonstrated_catalog", "demonstration", "forget", "past_prices", "past_publications"]
