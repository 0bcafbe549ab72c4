"""What is wrong with the offers that were found, and what to use instead."""
