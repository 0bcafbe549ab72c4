"""The demonstration: the whole main job without network, on publications that are made up."""

from llmhub.demo.run import demonstration

__all__ = ["demonstration"]
