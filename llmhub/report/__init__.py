"""The report: a static site with a board, its models, their prices and the changes; no server, no network."""
