"""The demonstration: the whole main job without network, on publications that are made up."""

from llmhub.demo.run import demonstrated_catalog, demonstration

__all__ = ["demonstrated_catalog", "demonstration"]
