"""The catalog: which models can be called, what they cost, how good they are."""
