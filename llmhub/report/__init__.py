"""The report: a static site of a board, its models, their prices and what changed; no server, no network."""
