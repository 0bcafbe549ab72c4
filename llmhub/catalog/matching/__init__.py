"""Match a model id to another source's entry: grammar, dates, rules, and the corrections by hand."""
