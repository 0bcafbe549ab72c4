"""What sources of documents share, and the one of LiteLLM's price map."""
