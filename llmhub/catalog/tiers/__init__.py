"""From ratings and prices to tiers; pure."""
