"""Help to choose a model: pick one, compare some, say why none fits, and what a key would bring."""
