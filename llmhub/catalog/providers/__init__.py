"""How any-llm's providers are asked for their models: what each needs, what it answered, and within which bounds."""
