"""Which entry of another source a model id means: its grammar, its dates, the rules and what no rule can know."""
