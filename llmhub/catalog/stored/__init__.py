"""catalog.json read without pydantic: a command that only shows a catalog need not validate what llmhub wrote."""
