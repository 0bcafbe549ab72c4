"""The completion of command lines in shells: the command that prints its script, and the candidates for a word."""
