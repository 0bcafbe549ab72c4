"""Tests of llmhub; those that need ../shared skip where it is absent."""
