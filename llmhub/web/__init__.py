"""HTTP with limits on size and time, and the route that requests take."""
