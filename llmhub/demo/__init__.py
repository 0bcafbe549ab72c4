"""The demonstration: the whole main job without network, on publications that are made up."""

from llmhub.demo.run import CONFIG, demonstrated_catalog, demonstration

__all__ = ["CONFIG", "demonstrated_catalog", "demonstration"]
