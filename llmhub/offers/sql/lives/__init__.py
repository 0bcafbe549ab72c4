"""Read the lives of offers: what sources last said, what listings prove, and which notices were withdrawn."""
