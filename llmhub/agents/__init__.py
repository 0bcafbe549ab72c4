"""What agents can ask: small answers in the command line's words, served by the Model Context Protocol."""
