"""The life and the end of offers: what sources say of it, how that changed, and the calendar."""
