"""`python -m llmhub` is the `llmhub` command."""

from llmhub.cli import main

main()
