"""Real processes, as cheap as they can be: forked, raced, killed, on a terminal, with faults injected."""
