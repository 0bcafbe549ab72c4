"""What a terminal has room for: the layout of tables, and a pager."""
