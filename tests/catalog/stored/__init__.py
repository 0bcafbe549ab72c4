"""Tests of reading stored catalogs without pydantic."""
