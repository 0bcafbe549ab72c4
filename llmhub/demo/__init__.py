"""The demonstration: the main job without network, on made-up publications."""

from llmhub.demo.run import CONFIG, demonstrated_catalog, demonstration

__all__ = ["CONFIG", "demonstrated_catalog", "demonstration"]
