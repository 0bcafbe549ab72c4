"""Input that means harm, at every door through which data comes in."""
