"""The commands of `llmhub catalog` on offers over time."""
