"""The geometry of pictures: scales, labels that cover no other, and what the templates draw. Pure."""
