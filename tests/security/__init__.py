"""Where secrets stay, who may read what is written, and how far llmhub reaches."""
