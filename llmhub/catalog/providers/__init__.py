"""Ask any-llm's providers for their models: their needs, their answers, and the bounds."""
