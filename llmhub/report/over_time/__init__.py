"""What changed over time: the days on which something did, a feed of them, prices of a model, and the frontier."""
