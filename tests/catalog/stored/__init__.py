"""Tests of reading catalog.json without pydantic."""
