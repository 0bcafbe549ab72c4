"""The migrations of remotes in PostgreSQL: a branch of their own, apart from those of the store."""
