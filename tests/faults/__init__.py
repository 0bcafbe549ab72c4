"""Faults injected for real: whatever happens to a command, nothing stored is lost and the next run succeeds."""
