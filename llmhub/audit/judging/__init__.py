"""Judge the offers that were found: what is wrong with them, and what to use instead."""
