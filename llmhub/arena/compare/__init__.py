"""Compares boards: ranks, differences, movers, histories; pure."""
