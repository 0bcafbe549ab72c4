"""Offers in the store: tables, statements, digests, reading and writing."""
