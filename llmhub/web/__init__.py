"""HTTP with limits: what is asked, by which way, how much is taken, and how long it may take."""
