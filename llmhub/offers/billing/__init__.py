"""Price usage: files of recorded usage, the prices of their time, the bill."""
