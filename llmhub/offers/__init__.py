"""What providers ask for their models, over time: price lists, listings, what changed, and what usage costs."""
