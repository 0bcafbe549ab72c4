"""Boards compared: ranks, differences, movers, histories; pure."""
