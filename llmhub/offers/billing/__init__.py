"""What usage costs at recorded prices: files of usage, the prices of their time, the bill."""
