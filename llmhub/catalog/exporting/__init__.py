"""Models of a catalog as files for other tools: LiteLLM's proxy, data frames, a table in a README."""
