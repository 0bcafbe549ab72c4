"""Price usage: read files of recorded usage, find the prices of their time, make the bill."""
